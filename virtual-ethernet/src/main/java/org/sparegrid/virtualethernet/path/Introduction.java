// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.random.RandomGenerator;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.probe.Probe;

/// Lets two peers open their NATs to each other before either pings: openers, calls and answers.
///
/// Source: docs/protocol/path-probe.md, section 3.
final class Introduction {
    /// Openers per address, against loss, and addresses that get them.
    private static final int OPENERS = 2;

    private static final int OPENED_MAX = 6;

    /// Two calls of a peer closer together than this are one.
    private static final long CALL_GAP_NANOS = 500_000_000L;

    /// Calls of one round. Who pings a peer that has not answered may spoil its NAT for half a
    /// minute, so that one lost call or answer is no reason to; with a twentieth of all packets
    /// lost, one round in a hundred and forty stays without an answer.
    private static final int CALLS = 3;

    private final ProbeOutlet outlet;
    private final OwnAddresses own;
    private final RandomGenerator random;
    private long openedNanos = Trial.NEVER;
    private long answeredNanos = Trial.NEVER;
    private long pauseNanos;
    private long calledNanos;
    private int callsLeft;

    Introduction(ProbeOutlet outlet, OwnAddresses own, RandomGenerator random) {
        this.outlet = outlet;
        this.own = own;
        this.random = random;
    }

    /// Opens our NAT to addresses of the peer, without reaching its own.
    void open(List<InetSocketAddress> targets, long nowNanos) {
        openedNanos = nowNanos;
        targets.stream()
                .filter(address -> Endpoints.isPublic(address.getAddress()))
                .limit(OPENED_MAX)
                .forEach(address -> {
                    for (int i = 0; i < OPENERS; i++) {
                        outlet.open(new Probe.Ping(random.nextLong(), Probe.PONG_LENGTH), address);
                    }
                });
    }

    /// Whether to open again to addresses that are no news.
    boolean isOpeningDue(long nowNanos) {
        return nowNanos - openedNanos >= CALL_GAP_NANOS;
    }

    /// Begins to call, until [#heard].
    ///
    /// @param answerNanos how long to wait for an answer
    /// @return how long to wait for one to any of the calls
    long begin(long answerNanos) {
        callsLeft = CALLS;
        pauseNanos = answerNanos;
        calledNanos = Trial.NEVER;
        return CALLS * pauseNanos;
    }

    /// Calls if that is due.
    ///
    /// @param pingsFromNanos when we ping though there is no answer
    /// @return whether it was
    boolean call(InetSocketAddress relay, long pingsFromNanos, long nowNanos) {
        if (callsLeft == 0 || nowNanos - calledNanos < pauseNanos) {
            return false;
        }
        callsLeft--;
        calledNanos = nowNanos;
        say(false, (int) (Math.max(0, pingsFromNanos - nowNanos) / 1_000_000), relay, nowNanos);
        return true;
    }

    /// The peer has answered: it has opened its NAT to what we have named.
    void heard() {
        callsLeft = 0;
    }

    /// Answers a call unless that was done just before; whether it did.
    boolean answer(InetSocketAddress relay, long nowNanos) {
        if (nowNanos - answeredNanos < CALL_GAP_NANOS) {
            return false;
        }
        answeredNanos = nowNanos;
        say(true, 0, relay, nowNanos);
        return true;
    }

    private void say(boolean isAnswer, int startInMillis, InetSocketAddress relay, long nowNanos) {
        outlet.send(
                new Probe.CallMe(
                        isAnswer,
                        own.mappingVaries(nowNanos),
                        startInMillis,
                        own.candidates(nowNanos)),
                relay);
    }
}
