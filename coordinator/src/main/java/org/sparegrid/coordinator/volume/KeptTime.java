// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.volume;

import java.time.Duration;
import java.time.Instant;

/// What of a volume's time is billable: the time, by the coordinator's clock, in which its seller's
/// computer was there and said that it keeps it.
///
/// @param billableMillis what is billable so far
/// @param heard up to when the computer was heard of
public record KeptTime(long billableMillis, Instant heard) {
    /// What is paid of a time of silence, at most: a connection that was lost and made again costs
    /// a seller nothing.
    public static final Duration SILENCE_PAID_MAX = Duration.ofMinutes(3);

    /// Nothing yet.
    public static KeptTime from(Instant now) {
        return new KeptTime(0, now);
    }

    /// The computer is there now.
    ///
    /// @param secondsMax what can be paid, which is never exceeded
    public KeptTime heardAt(Instant now, long secondsMax) {
        long silentMillis = Math.max(0, Duration.between(heard, now).toMillis());
        long next = billableMillis + Math.min(silentMillis, SILENCE_PAID_MAX.toMillis());
        long most =
                secondsMax > Long.MAX_VALUE / 1000
                        ? Long.MAX_VALUE
                        : Math.max(0, secondsMax) * 1000;
        return new KeptTime(
                Math.max(billableMillis, Math.min(next, most)), now.isAfter(heard) ? now : heard);
    }

    /// The computer is there again, and has the volume again: nothing is paid for before.
    public KeptTime againAt(Instant now) {
        return new KeptTime(billableMillis, now.isAfter(heard) ? now : heard);
    }

    /// What is billed, in whole seconds.
    public long seconds() {
        return billableMillis / 1000;
    }
}
