// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

/// A guest's port through which only so much passes in a time.
///
/// What the guest sends is held back, so that its own card fills up and nothing is lost; what is
/// sent to it is dropped, as by any slow line.
final class ShapedPort implements FramePort {
    /// The longest wait for one frame, so that a changed limit is seen soon.
    private static final long WAIT_NANOS_MAX = 1_000_000_000L;

    private final FramePort port;
    private final TokenBucket fromGuest;
    private final TokenBucket toGuest;

    ShapedPort(FramePort port, TokenBucket fromGuest, TokenBucket toGuest) {
        this.port = port;
        this.fromGuest = fromGuest;
        this.toGuest = toGuest;
    }

    @Override
    public void start(Sink sink) throws IOException {
        port.start(new ShapedSink(sink));
    }

    @Override
    public void configure(PortAddress address) throws IOException {
        port.configure(address);
    }

    @Override
    public boolean send(ByteBuffer frame) {
        return toGuest.take(frame.remaining(), System.nanoTime()) && port.send(frame);
    }

    @Override
    public boolean add(SuperFrame frame) {
        return toGuest.take(frame.length(), System.nanoTime()) && port.add(frame);
    }

    @Override
    public void flush() {
        port.flush();
    }

    @Override
    public void limitProcessors(double ofOneProcessor) {
        port.limitProcessors(ofOneProcessor);
    }

    @Override
    public void close() {
        port.close();
    }

    /// Holds the guest's frames back, and passes on what came before while it waits.
    private final class ShapedSink implements Sink {
        private final Sink sink;

        ShapedSink(Sink sink) {
            this.sink = sink;
        }

        @Override
        public void accept(ByteBuffer frame) {
            hold(frame.remaining());
            sink.accept(frame);
        }

        @Override
        public void add(SuperFrame frame) {
            hold(Math.toIntExact(frame.totalBytes()));
            sink.add(frame);
        }

        @Override
        public void flush() {
            sink.flush();
        }

        private void hold(int bytes) {
            long wait = fromGuest.reserve(bytes, System.nanoTime());
            if (wait > 0) {
                sink.flush();
                LockSupport.parkNanos(Math.min(wait, WAIT_NANOS_MAX));
            }
        }
    }
}
