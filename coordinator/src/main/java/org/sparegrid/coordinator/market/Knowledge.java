// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.time.Duration;
import java.time.Instant;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.coordinator.market.formula.Presence;
import org.sparegrid.coordinator.market.formula.Reliability;
import org.sparegrid.coordinator.market.formula.TrackRecord;

/// What the coordinator itself measured of a seller's computer, and what buyers say of it. Opinions
/// never count for the reliability.
///
/// @param hourly how sure it is that a lease lasts another hour
/// @param presence the hours of the week in which it is there
/// @param rating what buyers say, in thousandths
/// @param latencyMicros the round trip, or [AskAttributes#UNKNOWN_LATENCY]
public record Knowledge(Reliability hourly, Presence presence, int rating, int latencyMicros) {
    /// Nothing is known.
    public static final Knowledge NONE =
            new Knowledge(
                    TrackRecord.NONE.reliability(),
                    Presence.UNSEEN,
                    0,
                    AskAttributes.UNKNOWN_LATENCY);

    private static final double SECONDS_PER_HOUR = 3600;
    private static final int THOUSAND = 1000;

    /// What the leases of a seller let us believe: each full hour counts as a promise that was
    /// kept.
    public static Reliability hourly(Interruptions ran) {
        return new TrackRecord((long) Math.min(ran.hours(), 1e9), ran.count()).reliability();
    }

    /// The same with another round trip.
    public Knowledge withLatency(int micros) {
        return new Knowledge(hourly, presence, rating, micros);
    }

    /// How sure it is that a lease of that length that starts then runs to its end.
    public Reliability over(Instant start, Duration length) {
        double hours = length.toMillis() / 1000.0 / SECONDS_PER_HOUR;
        return Reliability.measured(
                Math.pow(hourly.probability(), hours) * presence.staying(start, length));
    }

    /// The nines of an hour, in thousandths.
    public int nines() {
        return (int) Math.floor(hourly.nines() * THOUSAND);
    }

    /// The same of a history.
    public static int nines(Interruptions ran) {
        return (int) Math.floor(hourly(ran).nines() * THOUSAND);
    }
}
