// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.sparegrid.virtualethernet.network.Endpoints;

/// What is known of one address of a peer.
final class Trial {
    /// Long before any clock begins.
    static final long NEVER = Long.MIN_VALUE / 2;

    private final InetSocketAddress address;
    private long pingedNanos = NEVER;
    private long answeredNanos = NEVER;
    private long roundTripNanos = Long.MAX_VALUE;
    private int unanswered;
    private boolean answersItself;

    Trial(InetSocketAddress address) {
        this.address = address;
    }

    InetSocketAddress address() {
        return address;
    }

    void pinged(long nowNanos) {
        pingedNanos = nowNanos;
        unanswered++;
    }

    /// @param itself whether the answer came from the address that was asked
    void answered(boolean itself, long sentNanos, long nowNanos) {
        answersItself = itself;
        answeredNanos = nowNanos;
        unanswered = 0;
        long sample = nowNanos - sentNanos;
        roundTripNanos =
                roundTripNanos == Long.MAX_VALUE
                        ? sample
                        : roundTripNanos + (sample - roundTripNanos) / 4;
    }

    long pingedNanos() {
        return pingedNanos;
    }

    long roundTripNanos() {
        return roundTripNanos;
    }

    int unanswered() {
        return unanswered;
    }

    /// Whether what the peer sends us keeps the address open. One whose answers come from another
    /// port of the peer's NAT may be what is left of something else, and end at any time.
    boolean isKeptOpen() {
        return answersItself;
    }

    boolean isAnswering(long nowNanos, long trustNanos) {
        return nowNanos - answeredNanos < trustNanos;
    }

    PathTrial tried(boolean used, boolean answers) {
        long known = roundTripNanos == Long.MAX_VALUE ? -1 : roundTripNanos;
        return new PathTrial(address, used, answers, unanswered, known);
    }

    /// Smaller is better: the round trip, with an allowance for addresses on the same LAN, which
    /// cost nobody anything, and for IPv6, which has no NAT that may forget us.
    long rank() {
        if (PunchedAddress.is(address)) {
            return roundTripNanos;
        }
        if (!Endpoints.isPublic(address.getAddress())) {
            return roundTripNanos / 10 * 8;
        }
        return address.getAddress() instanceof Inet6Address
                ? roundTripNanos / 10 * 9
                : roundTripNanos;
    }
}
