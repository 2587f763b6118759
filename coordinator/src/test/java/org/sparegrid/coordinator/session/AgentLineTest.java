// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;

class AgentLineTest {
    private final AtomicInteger sessions = new AtomicInteger();
    private final AgentLine line = new AgentLine(() -> "s" + sessions.incrementAndGet());
    private final List<String> effects = Collections.synchronizedList(new ArrayList<>());
    private final Wire first = new Wire();
    private final Wire second = new Wire();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    private static final class Wire implements AgentLine.Carrier {
        @Override
        public void replaced() {}

        @Override
        public void send(CoordinatorMessage message) {}

        @Override
        public String address() {
            return "192.0.2.1";
        }
    }

    /// Message 1 is under way over the first carrier until `mayEnd`.
    private Future<Boolean> underWay(ExecutorService threads) throws Exception {
        line.open(first, new AgentFrame.Hello(1, "", 0));
        Future<Boolean> took =
                threads.submit(() ->
                        line.take(
                                first,
                                1,
                                () -> {
                                    begun.countDown();
                                    await(mayEnd);
                                    effects.add("first");
                                }));
        await(begun);
        return took;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void takesAMessageOnceThoughItComesAgainWhileItIsUnderWay() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> took = underWay(threads);
            AgentLine.Opening resumed = line.open(second, new AgentFrame.Hello(1, "s2", 0));
            assertThat(resumed.resumed()).isTrue();
            assertThat(resumed.received()).isZero();
            Future<Boolean> again =
                    threads.submit(() -> line.take(second, 1, () -> effects.add("again")));
            mayEnd.countDown();
            assertThat(took.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(again.get(20, TimeUnit.SECONDS)).isFalse();
        }
        assertThat(effects).containsExactly("first");
        assertThat(line.take(second, 2, () -> effects.add("next"))).isTrue();
        assertThat(line.received()).isEqualTo(2);
    }

    @Test
    void countsWhatEndsInAGivenUpSessionInNone() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> took = underWay(threads);
            assertThat(line.open(second, new AgentFrame.Hello(1, "", 0)).resumed()).isFalse();
            mayEnd.countDown();
            assertThat(took.get(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(line.received()).isZero();
        assertThat(line.take(second, 1, () -> effects.add("inventory"))).isTrue();
        assertThat(effects).containsExactly("first", "inventory");
    }

    @Test
    void takesNothingOverACarrierThatWasReplaced() throws Exception {
        line.open(first, new AgentFrame.Hello(1, "", 0));
        AgentLine.Opening opened = line.open(second, new AgentFrame.Hello(1, "s2", 0));
        assertThat(opened.replaced()).contains(first);
        assertThat(line.take(first, 1, () -> effects.add("late"))).isFalse();
        assertThat(effects).isEmpty();
        assertThat(line.leave(first)).isFalse();
        assertThat(line.leave(second)).isTrue();
    }
}
