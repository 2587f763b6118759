// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A line of an office to its coordinator: all connections through it share what it carries, and it
/// counts every byte that comes in.
final class ThinLine implements AutoCloseable {
    private static final int PIECE_BYTES = 8192;

    private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final AtomicLong received = new AtomicLong();
    private final int coordinatorPort;
    private final double bytesPerNano;
    private long freeAtNanos = System.nanoTime();

    ThinLine(int coordinatorPort, long bitsPerSecond) throws IOException {
        this.coordinatorPort = coordinatorPort;
        this.bytesPerNano = bitsPerSecond / 8e9;
        Thread.startVirtualThread(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// What the coordinator sent through it, TLS and all.
    long receivedBytes() {
        return received.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), coordinatorPort);
                Thread.startVirtualThread(() -> carry(near, far, false));
                Thread.startVirtualThread(() -> carry(far, near, true));
            } catch (IOException closing) {
                return;
            }
        }
    }

    private void carry(Socket from, Socket to, boolean thin) {
        byte[] piece = new byte[PIECE_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                if (thin) {
                    received.addAndGet(read);
                    TimeUnit.NANOSECONDS.sleep(turn(read));
                }
                out.write(piece, 0, read);
            }
        } catch (IOException | InterruptedException over) {
            System.getLogger("test").log(System.Logger.Level.DEBUG, "line over " + over);
        }
    }

    /// How long these bytes wait until those before them are through.
    private synchronized long turn(int bytes) {
        long now = System.nanoTime();
        freeAtNanos = Math.max(now, freeAtNanos) + (long) (bytes / bytesPerNano);
        return freeAtNanos - now;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
