// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

class SlowLinkTest {
    private final End inner = new End();
    private final End outer = new End();

    /// A port whose machine is this test.
    private static final class End implements FramePort {
        private final BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
        private @Nullable Sink sink;

        @Override
        public void start(Sink into) {
            sink = into;
        }

        void write(int value) {
            if (sink == null) {
                throw new IllegalStateException("port: not started");
            }
            sink.accept(ByteBuffer.wrap(new byte[] {(byte) value}));
        }

        @Override
        public boolean send(ByteBuffer frame) {
            return received.add((int) frame.get(frame.position()));
        }

        @Override
        public void configure(PortAddress address) {}

        @Override
        public void close() {
            sink = null;
        }
    }

    @Test
    void delaysWhatGoesOutAndKeepsItsOrder() throws Exception {
        Duration delay = Duration.ofMillis(30);
        try (SlowLink link = new SlowLink(inner, outer, delay, 0, new Random(1))) {
            link.start();
            long start = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                inner.write(i);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(outer.received.poll(1, TimeUnit.MINUTES)).isEqualTo(i);
            }
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(delay.toNanos());
        }
    }

    @Test
    void passesWhatComesInAtOnce() throws Exception {
        try (SlowLink link = new SlowLink(inner, outer, Duration.ofDays(1), 0.99, new Random(1))) {
            link.start();
            outer.write(7);
            assertThat(inner.received).containsExactly(7);
        }
    }

    @Test
    void losesAsManyAsItWasTold() throws Exception {
        try (SlowLink link = new SlowLink(inner, outer, Duration.ZERO, 0.25, new Random(2))) {
            link.start();
            for (int i = 0; i < 4000; i++) {
                inner.write(1);
            }
            // Not all of these are lost, and everything before them has arrived by then.
            for (int i = 0; i < 40; i++) {
                inner.write(2);
            }
            int passed = 0;
            while (!Integer.valueOf(2).equals(outer.received.poll(1, TimeUnit.MINUTES))) {
                passed++;
            }
            assertThat(passed).isBetween(2800, 3200);
        }
    }
}
