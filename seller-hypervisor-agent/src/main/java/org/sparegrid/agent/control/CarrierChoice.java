// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.sparegrid.agent.config.SessionChoice;

/// Decides what carries the session next: a WebSocket, or polls where WebSockets fail though the
/// coordinator can be reached.
///
/// Source: docs/protocol/agent-session.md, section "Polling".
final class CarrierChoice {
    /// As many WebSockets that end soon, one after the other, are no accident.
    static final int FAILURES_MAX = 3;

    /// A WebSocket that lived for so long works: longer than three heartbeats of 10 s, after which
    /// one that nothing comes through is given up.
    static final Duration SHORT_LIFE = Duration.ofSeconds(60);

    /// After so long a WebSocket is tried again, and after twice that, at most [#RETRY_MAX].
    static final Duration RETRY_FIRST = Duration.ofMinutes(1);

    static final Duration RETRY_MAX = Duration.ofHours(1);

    private final SessionChoice setting;
    private final RandomGenerator random;
    private Carrier.Kind next;
    private final Duration retryFirst;
    private Duration retry;

    /// WebSockets that failed one after the other, as far as something on the way may have done it.
    private int failures;

    /// Whether polls have worked and no WebSocket has since.
    private boolean fallen;

    private String why;

    CarrierChoice(SessionChoice setting, RandomGenerator random) {
        this(setting, random, RETRY_FIRST);
    }

    /// @param retryFirst after which time a WebSocket is tried again
    CarrierChoice(SessionChoice setting, RandomGenerator random, Duration retryFirst) {
        this.retryFirst = retryFirst;
        this.retry = retryFirst;
        this.setting = setting;
        this.random = random;
        boolean polls = setting == SessionChoice.POLLING;
        this.next = polls ? Carrier.Kind.POLLS : Carrier.Kind.WEBSOCKET;
        this.why = polls ? "the setting session says so" : "";
    }

    /// What to open next.
    Carrier.Kind next() {
        return next;
    }

    /// Why polls are made, for people.
    String why() {
        return why;
    }

    /// The coordinator has welcomed the agent over polls.
    void polling() {
        fallen = true;
        next = Carrier.Kind.POLLS;
    }

    /// A WebSocket could not be opened, or ended after it had been open for so long.
    void webSocketLost(Carrier.Loss loss, Duration lived) {
        if (setting != SessionChoice.AUTO) {
            return;
        }
        if (lived.compareTo(SHORT_LIFE) >= 0) {
            works();
        } else if (loss.suspicious()) {
            failures++;
            why = loss.why();
        }
        next = fallen || failures >= FAILURES_MAX ? Carrier.Kind.POLLS : Carrier.Kind.WEBSOCKET;
    }

    private void works() {
        fallen = false;
        failures = 0;
        retry = retryFirst;
        why = "";
    }

    /// Polls ended, or had no answer: the way may have changed, so a WebSocket is next.
    void pollsLost() {
        if (setting == SessionChoice.AUTO) {
            next = Carrier.Kind.WEBSOCKET;
        }
    }

    /// Whether a WebSocket is to be tried while polls are made.
    boolean mayRetry() {
        return setting == SessionChoice.AUTO;
    }

    /// After which time to try one: random between half of a span and all of it, which doubles each
    /// time.
    Duration nextRetry() {
        long millis = retry.toMillis();
        Duration doubled = retry.multipliedBy(2);
        retry = doubled.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : doubled;
        return Duration.ofMillis(random.nextLong(millis / 2, millis + 1));
    }
}
