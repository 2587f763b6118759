// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.sparegrid.virtualethernet.port.FramePort;

/// A cable between two ports that is long and loses some of what goes out: many kernels come
/// without netem. What comes in passes at once, so that between two parties behind such cables one
/// delay and one chance of loss counts in each direction.
final class SlowLink implements AutoCloseable {
    /// A tenth of a second of a fast line, as the buffer of a router; more is lost.
    private static final int FRAMES_MAX = 4096;

    private final FramePort inner;
    private final FramePort outer;
    private final Duration delay;
    private final double loss;
    private final RandomGenerator random;
    private final AtomicInteger under = new AtomicInteger();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("sparegrid-slow-link").factory());

    /// A cable that is not yet plugged in.
    ///
    /// @param delay of what goes out, which is half a round trip
    /// @param loss the chance, 0 to 1, that a frame that goes out is lost
    SlowLink(
            FramePort inner, FramePort outer, Duration delay, double loss, RandomGenerator random) {
        this.inner = inner;
        this.outer = outer;
        this.delay = delay;
        this.loss = loss;
        this.random = random;
    }

    void start() throws IOException {
        inner.start(this::leave);
        outer.start(frame -> inner.send(frame));
    }

    private void leave(ByteBuffer frame) {
        if (random.nextDouble() < loss) {
            return;
        }
        if (under.incrementAndGet() > FRAMES_MAX) {
            under.decrementAndGet();
            return;
        }
        byte[] copy = new byte[frame.remaining()];
        frame.get(frame.position(), copy);
        Future<?> _ = clock.schedule(() -> arrive(copy), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void arrive(byte[] frame) {
        under.decrementAndGet();
        outer.send(ByteBuffer.wrap(frame));
    }

    @Override
    public void close() {
        inner.close();
        clock.shutdownNow();
        outer.close();
    }
}
