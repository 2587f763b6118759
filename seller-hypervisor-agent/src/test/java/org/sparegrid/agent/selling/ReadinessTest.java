// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.selftest.SelfTest;

class ReadinessTest {
    private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch ready = new CountDownLatch(1);

    private static SelfTest.Outcome outcome(boolean passed) {
        return new SelfTest.Outcome(
                new Confinement(List.of()),
                List.of(new SelfTest.Check("boot", passed, "as the test wants")),
                GuestCard.STREAM);
    }

    /// Results, one after the other; `null` is a guest that can't be made.
    private static Readiness.Trial results(Boolean... passed) {
        Iterator<Boolean> next = Arrays.asList(passed).iterator();
        return () -> {
            Boolean result = next.next();
            if (result == null) {
                throw new IOException("no guest");
            }
            return outcome(result);
        };
    }

    @Test
    void repeatsAFailedTestUntilItPasses() throws Exception {
        Readiness readiness =
                new Readiness(results(false, false, null, true), List.of(), pauses::add);
        assertThat(readiness.whyNot()).containsExactly("self-test: boot: as the test wants");
        readiness.repeat(ready::countDown);
        assertThat(ready.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(readiness.whyNot()).isEmpty();
        assertThat(pauses)
                .containsExactly(
                        Duration.ofMinutes(1), Duration.ofMinutes(2), Duration.ofMinutes(4));
    }

    @Test
    void leavesAComputerThatMayNotSellAnyway() throws Exception {
        Readiness readiness =
                new Readiness(results(false), List.of("guests can't run"), pauses::add);
        readiness.repeat(ready::countDown);
        readiness.stop();
        assertThat(readiness.whyNot()).hasSize(2).contains("guests can't run");
        assertThat(pauses).isEmpty();
    }

    @Test
    void stopsWaiting() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        Readiness.Pause pause =
                time -> {
                    waiting.countDown();
                    Thread.sleep(time);
                };
        Readiness readiness = new Readiness(results(false), List.of(), pause);
        readiness.repeat(ready::countDown);
        assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
        readiness.stop();
        assertThat(ready.getCount()).isEqualTo(1);
    }
}
