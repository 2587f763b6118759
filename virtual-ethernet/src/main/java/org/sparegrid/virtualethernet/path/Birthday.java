// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.probe.Probe;

/// Meets a peer where one of the two NATs maps each target anew, so that nobody knows the port.
///
/// The side whose NAT does opens many ports towards the other, which pings random ones until one of
/// them is hit: of 64,512 ports 256 are open, and 1,024 pings find one in 98 of 100 cases.
///
/// Source: docs/protocol/path-probe.md, section 3.1.
final class Birthday {
    /// Ports to open, which are so many entries in a router's table for some seconds.
    static final int PORTS = 256;

    /// Pings to random ports for one search, and per second: together 120 kB in 2.6 s, so that a
    /// peer that names somebody else's address makes us no nuisance.
    static final int PINGS_MAX = 1024;

    static final int PINGS_PER_SECOND = 400;

    /// The pauses between searches for one peer, the last one for all further: two of a hundred
    /// miss, and more where a computer is too busy to open its ports or to ping in time.
    private static final List<Duration> PAUSES =
            List.of(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(60));

    /// Silence after which the pauses begin anew.
    private static final long AFRESH_NANOS = 300_000_000_000L;

    /// How long plain pings have to find the peer before.
    private static final long PLAIN_NANOS = 1_200_000_000L;

    /// How soon to try again while another peer is looked for.
    private static final long BUSY_NANOS = 500_000_000L;

    /// How long the peer's ports are worth a search that must wait for another.
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    private static final long BURST_NANOS = 3_000_000_000L;

    /// How much sooner than after its pause a peer's search is believed: the first may have been
    /// told late.
    private static final long EARLY_NANOS = 5_000_000_000L;

    /// Whence to open: a peer's first public addresses, the right one among them.
    private static final int TARGETS_MAX = 2;

    private static final int PORT_FIRST = 1024;
    private static final int PORT_COUNT = 64_512;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final ProbeOutlet outlet;
    private final OwnAddresses own;
    private final BurstTurn turn;
    private final Predicate<InetSocketAddress> mayPing;
    private final RandomGenerator random;

    private List<InetSocketAddress> targets = List.of();
    private boolean peerVaries;
    private final Pace fans = new Pace();
    private final Pace bursts = new Pace();
    private @Nullable Burst burst;
    private @Nullable Fan fan;
    private boolean told;

    /// When there may be a search again.
    private static final class Pace {
        private long lastNanos = Trial.NEVER;
        private long dueNanos = Trial.NEVER;
        private int made;

        boolean isDue(long nowNanos) {
            return nowNanos >= dueNanos;
        }

        void began(long nowNanos, long earlyNanos) {
            made = nowNanos - lastNanos >= AFRESH_NANOS ? 0 : made;
            lastNanos = nowNanos;
            Duration pause = PAUSES.get(Math.min(made++, PAUSES.size() - 1));
            dueNanos = nowNanos + pause.toNanos() - earlyNanos;
        }

        void busy(long untilNanos) {
            dueNanos = untilNanos;
        }
    }

    private static final class Burst {
        final InetAddress at;
        final int pings;
        final long askedNanos;
        long beganNanos = Trial.NEVER;
        int sent;

        Burst(InetAddress at, int pings, long askedNanos) {
            this.at = at;
            this.pings = pings;
            this.askedNanos = askedNanos;
        }
    }

    Birthday(
            ProbeOutlet outlet,
            OwnAddresses own,
            BurstTurn turn,
            Predicate<InetSocketAddress> mayPing,
            RandomGenerator random) {
        this.outlet = outlet;
        this.own = own;
        this.turn = turn;
        this.mayPing = mayPing;
        this.random = random;
    }

    /// Takes note of what the peer says of itself.
    void called(Probe.CallMe call) {
        peerVaries = call.mappingVaries();
        targets =
                call.candidates().stream()
                        .filter(each -> each.getAddress() instanceof Inet4Address)
                        .filter(each -> Endpoints.isPublic(each.getAddress()))
                        .filter(mayPing)
                        .limit(TARGETS_MAX)
                        .toList();
    }

    /// Lets time pass while there is something to send and no direct path.
    ///
    /// @param pingsFromNanos when the newest round's pings began
    void tick(long nowNanos, long pingsFromNanos, Optional<InetSocketAddress> relay) {
        boolean plainFailed =
                pingsFromNanos != Trial.NEVER && nowNanos - pingsFromNanos >= PLAIN_NANOS;
        if (plainFailed
                && !turn.isForbidden()
                && relay.isPresent()
                && fans.isDue(nowNanos)
                && !targets.isEmpty()
                && !peerVaries
                && own.mappingVaries(nowNanos)) {
            fan(nowNanos);
        }
        Fan opened = fan;
        if (opened != null && !told && relay.isPresent() && opened.isOpen()) {
            told = true;
            outlet.send(new Probe.Fan(PORTS, PINGS_MAX), relay.get());
        }
        advance(nowNanos);
    }

    /// Ends a search: there is a path, or nothing to send.
    void stop() {
        if (burst != null) {
            burst = null;
            turn.leave(this);
        }
        if (fan != null) {
            fan.close();
            fan = null;
        }
    }

    /// The peer has opened ports towards us.
    void take(Probe.Fan fan, long nowNanos) {
        if (burst == null
                && !turn.isForbidden()
                && bursts.isDue(nowNanos)
                && !targets.isEmpty()
                && !own.mappingVaries(nowNanos)) {
            burst =
                    new Burst(
                            targets.getFirst().getAddress(),
                            Math.min(PINGS_MAX, fan.pingsMax()),
                            nowNanos);
        }
    }

    private void fan(long nowNanos) {
        Probe.Ping opener = new Probe.Ping(random.nextLong(), Probe.PONG_LENGTH);
        Fan opening = outlet.fan(opener, targets, PORTS).orElse(null);
        if (opening != null) {
            fan = opening;
            told = false;
            fans.began(nowNanos, 0);
        } else {
            fans.busy(nowNanos + BUSY_NANOS + random.nextLong(BUSY_NANOS));
        }
    }

    private void advance(long nowNanos) {
        Burst current = burst;
        if (current == null) {
            return;
        }
        if (!turn.take(this, nowNanos, BURST_NANOS)) {
            if (nowNanos - current.askedNanos > PATIENCE_NANOS) {
                burst = null;
            }
            return;
        }
        if (current.beganNanos == Trial.NEVER) {
            current.beganNanos = nowNanos;
            bursts.began(nowNanos, EARLY_NANOS);
        }
        long planned = (nowNanos - current.beganNanos) * PINGS_PER_SECOND / SECOND_NANOS;
        while (current.sent < Math.min(planned, current.pings)) {
            current.sent++;
            int port = PORT_FIRST + random.nextInt(PORT_COUNT);
            outlet.send(
                    new Probe.Ping(random.nextLong(), Probe.PONG_LENGTH),
                    new InetSocketAddress(current.at, port));
        }
        if (current.sent >= current.pings) {
            stop();
        }
    }
}
