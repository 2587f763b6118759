// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.trust;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.TrustAnswers;
import org.sparegrid.protocol.control.TrustAnswer;
import org.sparegrid.protocol.control.TrustQuestion;

/// The talk with the agent of one machine, through the coordinator. One thread uses it.
final class Correspondence {
    private static final Duration POLL = Duration.ofSeconds(20);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);
    private static final int NOT_FOUND = 404;
    private static final int GONE = 409;

    private final Coordinator coordinator;
    private final LeaseId lease;
    private final Clock clock;
    private final Deque<TrustAnswer> waiting = new ArrayDeque<>();
    private long last;

    Correspondence(Coordinator coordinator, LeaseId lease, Clock clock) {
        this.coordinator = coordinator;
        this.lease = lease;
        this.clock = clock;
    }

    /// Asks; an unreachable or busy coordinator is tried again until then.
    ///
    /// @throws RefusedException if there is no such machine any more
    void ask(TrustQuestion question, Instant until)
            throws IOException, RefusedException, InterruptedException {
        while (true) {
            try {
                say(coordinator, lease, question);
                return;
            } catch (IOException away) {
                if (clock.instant().isAfter(until)) {
                    throw away;
                }
                Thread.sleep(AFTER_FAILURE);
            }
        }
    }

    /// Says something once.
    ///
    /// @throws IOException if the coordinator can't be reached or can't answer now
    /// @throws RefusedException if there is no such machine any more
    static void say(Coordinator coordinator, LeaseId lease, TrustQuestion question)
            throws IOException, RefusedException, InterruptedException {
        try {
            coordinator.askTrust(lease, question);
        } catch (RefusedException refused) {
            throw unlessPassing(refused);
        }
    }

    private static RefusedException unlessPassing(RefusedException refused) throws IOException {
        int status = refused.problem().status();
        if (status == GONE || status == NOT_FOUND) {
            return refused;
        }
        throw new IOException("the coordinator refused: " + refused.getMessage(), refused);
    }

    /// Forgets what was answered by now, to questions of an earlier run among it.
    ///
    /// @throws IOException if the coordinator can't be reached
    void skip() throws IOException, RefusedException, InterruptedException {
        waiting.clear();
        List<TrustAnswers.Numbered> known;
        do {
            known = answers(Duration.ZERO);
            known.forEach(each -> last = Math.max(last, each.number()));
        } while (!known.isEmpty());
    }

    /// The first answer from now on that is the one; others are dropped.
    ///
    /// @return nothing if none came in time
    /// @throws RefusalException if the agent says that it can't
    <T> Optional<T> await(Function<TrustAnswer, Optional<T>> wanted, Instant until)
            throws RefusedException, RefusalException, InterruptedException {
        while (true) {
            while (!waiting.isEmpty()) {
                TrustAnswer answer = waiting.remove();
                if (answer instanceof TrustAnswer.Failed(String why)) {
                    throw new RefusalException("AGENT_FAILED", why);
                }
                Optional<T> found = wanted.apply(answer);
                if (found.isPresent()) {
                    return found;
                }
            }
            Duration left = Duration.between(clock.instant(), until);
            if (!left.isPositive()) {
                return Optional.empty();
            }
            fetch(left.compareTo(POLL) < 0 ? left : POLL);
        }
    }

    private void fetch(Duration wait) throws RefusedException, InterruptedException {
        try {
            for (TrustAnswers.Numbered each : answers(wait.plusSeconds(1).truncatedTo(SECONDS))) {
                last = Math.max(last, each.number());
                waiting.add(each.answer());
            }
        } catch (IOException away) {
            Thread.sleep(AFTER_FAILURE);
        }
    }

    private List<TrustAnswers.Numbered> answers(Duration wait)
            throws IOException, RefusedException, InterruptedException {
        try {
            return coordinator.trustAnswers(lease, last, wait).answers();
        } catch (RefusedException refused) {
            throw unlessPassing(refused);
        }
    }

    private static final java.time.temporal.TemporalUnit SECONDS =
            java.time.temporal.ChronoUnit.SECONDS;
}
