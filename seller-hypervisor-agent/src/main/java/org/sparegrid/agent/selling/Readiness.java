// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.selftest.SelfTest;

/// Whether this computer may sell: what speaks against it for good, and the self-test, which is
/// repeated while it fails, because a busy computer or a killed guest can be the cause.
final class Readiness {
    private static final System.Logger LOG = System.getLogger(Readiness.class.getName());

    /// Until a failed test is repeated for the first time; then twice as long each time.
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private static final Duration AGAIN_MAX = Duration.ofHours(1);

    /// One self-test.
    interface Trial {
        SelfTest.Outcome run() throws IOException;
    }

    /// Waits.
    interface Pause {
        void pass(Duration time) throws InterruptedException;
    }

    private final Trial trial;
    private final Pause pause;
    private final List<String> forGood;
    private volatile SelfTest.Outcome newest;
    private @Nullable Thread repeating;

    /// Tests the computer; takes some seconds.
    ///
    /// @param forGood what keeps it from selling whatever the test says
    Readiness(Trial trial, List<String> forGood, Pause pause) throws IOException {
        this.trial = trial;
        this.pause = pause;
        this.forGood = List.copyOf(forGood);
        this.newest = trial.run();
    }

    /// What the newest test found.
    SelfTest.Outcome test() {
        return newest;
    }

    /// What keeps this computer from selling, each with what to do.
    List<String> whyNot() {
        List<String> reasons = new ArrayList<>(forGood);
        SelfTest.Outcome test = newest;
        test.confinement()
                .faults()
                .forEach(fault -> reasons.add("not confined: expected that " + fault));
        test.faults().forEach(fault -> reasons.add("self-test: " + fault));
        return reasons;
    }

    /// Repeats a failed test until it passes, if nothing else speaks against selling.
    ///
    /// @param ready is called once it has passed
    void repeat(Runnable ready) {
        if (forGood.isEmpty() && !whyNot().isEmpty()) {
            repeating = Thread.ofVirtual().name("self-test").start(() -> untilItPasses(ready));
        }
    }

    private void untilItPasses(Runnable ready) {
        Duration next = AGAIN;
        try {
            while (!whyNot().isEmpty()) {
                pause.pass(next);
                tryAgain();
                Duration twice = next.multipliedBy(2);
                next = twice.compareTo(AGAIN_MAX) < 0 ? twice : AGAIN_MAX;
            }
            ready.run();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryAgain() {
        try {
            newest = trial.run();
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "self-test repeated faults=" + String.join("; ", whyNot()));
        } catch (IOException | RuntimeException failed) {
            LOG.log(System.Logger.Level.WARNING, () -> "self-test not repeated cause=" + failed);
        }
    }

    /// Repeats no more, and ends a test that is under way.
    void stop() throws InterruptedException {
        Thread running = repeating;
        if (running != null) {
            running.interrupt();
            running.join();
        }
    }
}
