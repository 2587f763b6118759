// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.SuperFrame;

/// Copies of the frames that pass a port, from its making until it is closed.
///
/// Whoever reads too slowly misses frames, which are counted; the port never waits.
public final class Capture implements AutoCloseable {
    /// The most bytes that are kept of a frame; more than any frame on the overlay has.
    static final int SNAP_BYTES = 65_535;

    /// Frames that wait to be read; some milliseconds of a fast transfer.
    private static final int WAITING_MAX = 4096;

    private static final long LOOK_MILLIS = 200;

    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final AtomicLong dropped = new AtomicLong();
    private final int link;
    private final Consumer<Capture> onClose;
    private volatile boolean closed;

    /// @param link what the frames are, as [PcapNg] calls it
    Capture(int link, Consumer<Capture> onClose) {
        this.link = link;
        this.onClose = onClose;
    }

    void add(boolean outbound, byte[] frame) {
        if (!waiting.offer(PcapNg.frame(epochNanos(), outbound, frame))) {
            dropped.incrementAndGet();
        }
    }

    void add(boolean outbound, SuperFrame frame) {
        for (int i = 0; i < frame.count(); i++) {
            byte[] one = new byte[frame.length(i)];
            frame.write(i, one, 0, true);
            add(outbound, one);
        }
    }

    /// Writes a capture file of what passes, whole blocks at a time, until it is closed.
    ///
    /// @param card what the file calls the card
    /// @throws IOException if it cannot be written any more
    public void writeTo(OutputStream out, String card) throws IOException, InterruptedException {
        out.write(PcapNg.start(card, link, SNAP_BYTES));
        out.flush();
        boolean ended = false;
        byte @Nullable [] frame = null;
        while (!ended || frame != null) {
            ended = closed;
            frame = waiting.poll(ended ? 0 : LOOK_MILLIS, TimeUnit.MILLISECONDS);
            if (frame != null) {
                out.write(frame);
                if (waiting.isEmpty()) {
                    out.flush();
                }
            }
        }
        out.write(PcapNg.end(epochNanos(), dropped.get()));
        out.flush();
    }

    /// Sends the capture to whoever asked for it until they have closed their side.
    ///
    /// @param card what the file calls the card
    public void serve(SocketChannel client, String card) throws IOException, InterruptedException {
        Thread listening =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                while (client.read(ByteBuffer.allocate(1)) >= 0) {
                                    // Nothing is expected before the end.
                                }
                            } catch (IOException _) {
                                // Writing sees the same end.
                            }
                            close();
                        });
        writeTo(Channels.newOutputStream(client), card);
        client.close();
        listening.join();
    }

    private static long epochNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /// Ends the capture; [#writeTo] returns once it has written what passed before.
    @Override
    public void close() {
        closed = true;
        onClose.accept(this);
    }
}
