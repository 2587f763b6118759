// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import org.sparegrid.protocol.api.Deposit;

/// When providers are asked about payments without having reported anything.
///
/// The older a payment, the rarer: each time an eighth of its age passes. So one that was just
/// begun is asked about every few seconds, and one of a month ago daily.
final class LookOut {
    /// Nobody pays faster than that.
    private static final Duration SHORTEST = Duration.ofSeconds(5);

    private static final Duration LONGEST = Duration.ofDays(1);

    /// Banks take payments back within four months; this leaves some for the dispute about it.
    private static final Duration WATCHED = Duration.ofDays(300);

    /// A payment that the provider couldn't be asked to begin for so long is given up. Providers
    /// remember for a day which requests they had, and the buyer has gone by then.
    private static final Duration BEGUN_WITHIN = Duration.ofHours(1);

    /// The latest time that every table can hold.
    private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

    private static final int PARTS = 8;

    private LookOut() {}

    /// When to ask after now.
    static Instant next(Deposit deposit, Instant now) {
        Duration age = Duration.between(deposit.created(), now);
        if (deposit.state() == Deposit.State.FAILED || age.compareTo(WATCHED) > 0) {
            return NEVER;
        }
        Duration pause = age.dividedBy(PARTS);
        if (pause.compareTo(SHORTEST) < 0) {
            return now.plus(SHORTEST);
        }
        return now.plus(pause.compareTo(LONGEST) > 0 ? LONGEST : pause);
    }

    /// Whether a payment that no provider has heard of is given up.
    static boolean isForgotten(Deposit deposit, Instant now) {
        return now.isAfter(deposit.created().plus(BEGUN_WITHIN));
    }
}
