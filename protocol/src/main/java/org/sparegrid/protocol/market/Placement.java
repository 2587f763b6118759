// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.time.Instant;

/// How an order's machines are spread, and how long the order may wait for them.
///
/// @param perCountryMax machines in one country at most, 0 for any number
/// @param perHardwareMax machines with one kind of processor at most, 0 for any number
/// @param perOwnerMax machines of one owner at most, 0 for any number
/// @param firm whether each machine must be there for all of the order's time, by its seller's
///   hours; otherwise it may be interrupted when those end
/// @param interruptible whether its machines may be displaced by an order that isn't: each of them
///   is then told when it ends, and is billed up to that
/// @param reserved whether its machines are bound to it at once for the time from which on it may
///   start, which must be later
/// @param startAfterSeconds how long after it was placed the order may start, 0 to 2,678,400 (31
///   days); an order that starts later waits for at least 60 s then
/// @param waitSecondsMax how long it waits from then on for machines that can't be had at once, 0
///   to 2,678,400 (31 days); the most that it may cost is held meanwhile
/// @param reliability how sure it is that each machine does its work to the end of the order's
///   time, 0 for no wish, at most 0.999999; each then becomes a node of several machines of
///   different owners that do the same work, and the order's highest price is that of a node
public record Placement(
        int perCountryMax,
        int perHardwareMax,
        int perOwnerMax,
        boolean firm,
        boolean interruptible,
        boolean reserved,
        long startAfterSeconds,
        long waitSecondsMax,
        double reliability) {
    /// The cheapest machines that can be had now.
    public static final Placement ANY = new Placement(0, 0, 0, false, false, false, 0, 0, 0);

    /// The highest reliability that can be asked for.
    public static final double RELIABILITY_MAX = 0.999_999;

    /// Machines of one node.
    public static final int REPLICAS_MAX = 8;

    private static final int MACHINES_MAX = 256;
    private static final long SECONDS_MAX = 2_678_400;

    /// In a shorter time nobody may have looked for machines.
    private static final long WINDOW_MIN = 60;

    public Placement {
        limit("country", perCountryMax);
        limit("hardware", perHardwareMax);
        limit("owner", perOwnerMax);
        span("start", startAfterSeconds);
        span("wait", waitSecondsMax);
        if (startAfterSeconds > 0 && waitSecondsMax < WINDOW_MIN) {
            throw new IllegalArgumentException(
                    "start: expected a wait of at least "
                            + WINDOW_MIN
                            + " s for machines from then on, got "
                            + waitSecondsMax);
        }
        if (!(reliability >= 0 && reliability <= RELIABILITY_MAX)) {
            throw new IllegalArgumentException(
                    "reliability: expected 0 to " + RELIABILITY_MAX + ", got " + reliability);
        }
        if (reliability > 0 && (perCountryMax > 0 || perHardwareMax > 0 || perOwnerMax > 0)) {
            throw new IllegalArgumentException(
                    "reliability: its machines are of different owners already; leave out the"
                            + " limits per country, hardware and owner");
        }
        if (reserved && startAfterSeconds == 0) {
            throw new IllegalArgumentException(
                    "reserve: expected a start that is later; say from when on");
        }
        if (reserved && (interruptible || reliability > 0)) {
            throw new IllegalArgumentException(
                    "reserve: expected an order of single machines that isn't interruptible");
        }
        if (interruptible && firm) {
            throw new IllegalArgumentException(
                    "interruptible: expected an order that isn't firm; its machines either are there"
                            + " all the time or may be displaced");
        }
        if (interruptible && reliability > 0) {
            throw new IllegalArgumentException(
                    "interruptible: expected no reliability, as nobody knows when its machines are"
                            + " displaced");
        }
    }

    /// How many machines each of so many nodes may have.
    public int replicasMax(int nodes) {
        return reliability == 0 ? 1 : Math.max(1, Math.min(REPLICAS_MAX, MACHINES_MAX / nodes));
    }

    /// When an order that was placed then may start.
    public Instant opens(Instant placed) {
        return placed.plusSeconds(startAfterSeconds);
    }

    /// When an order that was placed then is closed if it has not started.
    public Instant closes(Instant placed) {
        return opens(placed).plusSeconds(waitSecondsMax);
    }

    private static void span(String what, long seconds) {
        if (seconds < 0 || seconds > SECONDS_MAX) {
            throw new IllegalArgumentException(
                    what + ": expected 0 to " + SECONDS_MAX + " seconds, got " + seconds);
        }
    }

    private static void limit(String of, int most) {
        if (most < 0 || most > MACHINES_MAX) {
            throw new IllegalArgumentException(
                    "machines per " + of + ": expected 0 to " + MACHINES_MAX + ", got " + most);
        }
    }
}
