// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// A line of so many bits per second and so much delay, for kernels without netem: passes TCP
/// connections on to another address, and all of them together share the line, one each way.
///
/// `LISTEN-ADDRESS TO-ADDRESS PORT MBIT-PER-SECOND DELAY-MILLIS`, the delay being one way's.
final class SlowLine {
    /// Pieces of about an Ethernet frame, so that connections take turns as they do on a line.
    private static final int PIECE_BYTES = 1448;

    /// What one connection may have on its way: more than 100 Mbit/s hold in 40 ms.
    private static final int PIECES_MAX = 1024;

    private record Piece(ByteBuffer bytes, long dueNanos) {}

    /// One direction of the line.
    private static final class Way {
        private final double nanosPerByte;
        private final long delayNanos;
        private long freeNanos = System.nanoTime();

        Way(double megabits, long delayMillis) {
            nanosPerByte = 8000 / megabits;
            delayNanos = delayMillis * 1_000_000;
        }

        /// When a piece that is put on the line now comes out of it. Waits for its turn.
        long send(int bytes) throws InterruptedException {
            long out;
            synchronized (this) {
                freeNanos = Math.max(System.nanoTime(), freeNanos) + (long) (bytes * nanosPerByte);
                out = freeNanos;
            }
            sleepUntil(out);
            return out + delayNanos;
        }
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    private static void pass(SocketChannel from, SocketChannel to, Way way) {
        BlockingQueue<Piece> under = new ArrayBlockingQueue<>(PIECES_MAX);
        Thread.startVirtualThread(() -> deliver(under, to));
        try {
            while (true) {
                ByteBuffer bytes = ByteBuffer.allocate(PIECE_BYTES);
                int read = from.read(bytes);
                under.put(new Piece(bytes.flip(), way.send(Math.max(0, read))));
                if (read < 0) {
                    return;
                }
            }
        } catch (IOException gone) {
            under.offer(new Piece(ByteBuffer.allocate(0), 0));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void deliver(BlockingQueue<Piece> under, SocketChannel to) {
        try {
            while (true) {
                Piece piece = under.take();
                sleepUntil(piece.dueNanos());
                if (!piece.bytes().hasRemaining()) {
                    to.shutdownOutput();
                    return;
                }
                while (piece.bytes().hasRemaining()) {
                    to.write(piece.bytes());
                }
            }
        } catch (IOException gone) {
            under.clear();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[2]);
        double megabits = Double.parseDouble(arguments[3]);
        long delayMillis = Long.parseLong(arguments[4]);
        Way there = new Way(megabits, delayMillis);
        Way back = new Way(megabits, delayMillis);
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(new InetSocketAddress(arguments[0], port));
            while (true) {
                SocketChannel from = listening.accept();
                SocketChannel to = SocketChannel.open(new InetSocketAddress(arguments[1], port));
                Thread.startVirtualThread(() -> pass(from, to, there));
                Thread.startVirtualThread(() -> pass(to, from, back));
            }
        }
    }
}
