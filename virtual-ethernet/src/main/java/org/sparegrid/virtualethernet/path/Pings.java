// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/// The pings to one peer that may still be answered, and how many more may leave.
final class Pings {
    /// Pings per second to all addresses of one peer, so that nobody's candidates make us a
    /// nuisance to a third party; a round may begin with more.
    static final int PER_SECOND = 20;

    static final int AT_ONCE = 32;

    /// Pings at once that are left for the paths when lengths are tried.
    private static final int RESERVED = 8;

    /// Pings of which an answer would still count.
    private static final int PENDING_MAX = 128;

    private static final double SECOND_NANOS = 1e9;

    private final long timeoutNanos;
    private final RandomGenerator random;
    private final Map<Long, Sent> pending = new LinkedHashMap<>();
    private double allowance = AT_ONCE;
    private long filledNanos;

    /// A ping that has left.
    ///
    /// @param lengthBytes of the datagram if it was to show what the path carries, else 0
    record Sent(InetSocketAddress to, int lengthBytes, long sentNanos) {}

    Pings(long timeoutNanos, RandomGenerator random) {
        this.timeoutNanos = timeoutNanos;
        this.random = random;
    }

    /// Lets time pass.
    void tick(long nowNanos) {
        double gained = Math.max(0, nowNanos - filledNanos) * PER_SECOND / SECOND_NANOS;
        allowance = Math.min(AT_ONCE, allowance + gained);
        filledNanos = nowNanos;
        pending.values().removeIf(each -> nowNanos - each.sentNanos() >= timeoutNanos);
    }

    /// The transaction of a new ping, unless there were too many.
    OptionalLong begin(InetSocketAddress to, long nowNanos) {
        return allowance < 1 ? OptionalLong.empty() : begin(new Sent(to, 0, nowNanos));
    }

    /// The transaction of a new ping that shows whether the path carries so long a datagram.
    OptionalLong beginLong(InetSocketAddress to, int lengthBytes, long nowNanos) {
        return allowance < 1 + RESERVED
                ? OptionalLong.empty()
                : begin(new Sent(to, lengthBytes, nowNanos));
    }

    private OptionalLong begin(Sent ping) {
        if (pending.size() >= PENDING_MAX) {
            return OptionalLong.empty();
        }
        allowance--;
        long transaction = random.nextLong();
        pending.put(transaction, ping);
        return OptionalLong.of(transaction);
    }

    /// The ping that was answered, if it is one of ours.
    Optional<Sent> end(long transaction) {
        return Optional.ofNullable(pending.remove(transaction));
    }
}
