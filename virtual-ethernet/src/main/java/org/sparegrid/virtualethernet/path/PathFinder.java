// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.probe.Probe;
import org.sparegrid.virtualethernet.relay.RelayAddress;
import org.sparegrid.virtualethernet.relay.StreamAddress;

/// Finds the way to one peer and keeps it: through a relay at once, and directly as soon as an
/// address has answered a probe.
///
/// A pure state machine for one thread; [#tick] several times a second. To a peer that never
/// probes, as plain WireGuard, it behaves like [DirectPath].
///
/// Source: docs/protocol/path-probe.md, section 3.
final class PathFinder implements PeerPath {
    /// Openers per address, against loss, and addresses that get them.
    private static final int OPENERS = 2;

    private static final int OPENED_MAX = 6;

    /// How long to wait for the answer to a call, when the way to the peer is not known better.
    private static final long LEAD_NANOS = 500_000_000L;

    private static final long LEAD_MIN_NANOS = 250_000_000L;
    private static final long LEAD_MAX_NANOS = 1_000_000_000L;

    /// Two calls of a peer closer together than this are one.
    private static final long CALL_GAP_NANOS = 500_000_000L;

    /// Handshakes that may fail through a relay before the peer's addresses are tried unprepared,
    /// which spoils some NATs.
    private static final int RELAYED_ATTEMPTS = 3;

    private final ProbeOutlet outlet;
    private final OwnAddresses own;
    private final Predicate<InetSocketAddress> forbidden;
    private final PathTimers timers;
    private final RandomGenerator random;
    private final DirectPath plain = new DirectPath();
    private final Trials trials = new Trials();
    private final Pings pings;
    private final Birthday birthday;

    private List<InetSocketAddress> announced = List.of();
    private List<InetSocketAddress> called = List.of();
    private @Nullable InetSocketAddress relay;
    private @Nullable InetSocketAddress heardRelay;
    private boolean relayUndecided;
    private @Nullable Trial best;
    private @Nullable Round round;
    private boolean suspect;
    private boolean used;
    private long usedNanos = Trial.NEVER;
    private long wantedNanos = Trial.NEVER;
    private long roundDueNanos = Trial.NEVER;
    private long pingsFromNanos = Trial.NEVER;
    private long openedNanos = Trial.NEVER;
    private long answeredNanos = Trial.NEVER;
    private long relayRoundTripNanos = -1;
    private long nowNanos;
    private int fruitless;

    private static final class Round {
        final long pingsFromNanos;
        int sent;

        Round(long pingsFromNanos) {
            this.pingsFromNanos = pingsFromNanos;
        }
    }

    /// @param forbidden addresses that must never be pinged, as those of the overlay itself
    PathFinder(
            ProbeOutlet outlet,
            OwnAddresses own,
            Predicate<InetSocketAddress> forbidden,
            PathTimers timers,
            BurstTurn turn,
            RandomGenerator random) {
        this.outlet = outlet;
        this.own = own;
        this.forbidden = forbidden;
        this.timers = timers;
        this.random = random;
        this.pings = new Pings(timers.pingTimeout().toNanos(), random);
        this.birthday = new Birthday(outlet, own, turn, this::mayPing, random);
    }

    @Override
    public void offer(List<InetSocketAddress> candidates) {
        announced = List.copyOf(candidates);
        plain.offer(announced.stream().filter(this::mayPing).toList());
    }

    @Override
    public List<InetSocketAddress> handshakeTargets(int attempt) {
        used = true;
        Optional<InetSocketAddress> target = inUse();
        if (relay == null && relayUndecided && target.isEmpty()) {
            return List.of();
        }
        if (target.isPresent() && attempt < (relay == null ? 1 : RELAYED_ATTEMPTS)) {
            return List.of(target.get());
        }
        Set<InetSocketAddress> targets = new LinkedHashSet<>(target.stream().toList());
        targets.addAll(plain.handshakeTargets(attempt));
        return List.copyOf(targets);
    }

    @Override
    public Optional<InetSocketAddress> dataTarget() {
        used = true;
        return inUse();
    }

    @Override
    public Optional<InetSocketAddress> inUse() {
        if (best != null) {
            return Optional.of(best.address());
        }
        return relay != null ? Optional.of(relay) : plain.dataTarget();
    }

    @Override
    public void authenticated(InetSocketAddress from) {
        if (RelayAddress.is(from)) {
            heard(from);
        } else if (inUse().isEmpty() || (best == null && relay == null)) {
            plain.authenticated(from);
        } else if (best == null || !best.address().equals(from)) {
            suspect |= best != null;
            tryNow(from);
        }
    }

    /// The relay's session that the peer has used, if any.
    Optional<InetSocketAddress> heardRelay() {
        return Optional.ofNullable(heardRelay);
    }

    /// Whether there was something to send lately.
    boolean isLive() {
        return used || nowNanos - usedNanos < timers.idleAfter().toNanos();
    }

    /// Whether an address of the peer answers.
    boolean isDirect() {
        return best != null;
    }

    /// Whether there is nothing to do for this peer.
    boolean isIdle() {
        return best == null && round == null && !isLive();
    }

    /// Sets the way through a relay.
    ///
    /// @param undecided whether there may be one in a moment, so that waiting is better than trying
    ///   all addresses, which spoils some NATs
    /// @return whether a handshake that waited for this should begin now
    boolean relay(Optional<InetSocketAddress> way, boolean undecided) {
        boolean begin =
                (relay == null && way.isPresent() && best == null)
                        || (relayUndecided && !undecided && way.isEmpty());
        if (begin && way.isPresent()) {
            // A round that began without a relay has called nobody.
            round = null;
            roundDueNanos = nowNanos;
        }
        relay = way.orElse(null);
        relayUndecided = undecided;
        return begin;
    }

    /// When there began to be something to send, after silence.
    long wantedNanos() {
        return wantedNanos;
    }

    /// Takes note of what was asked since the last tick; comes before [#relay] and [#tick].
    void wake(long now) {
        boolean wasLive = now - usedNanos < timers.idleAfter().toNanos();
        if (used) {
            used = false;
            usedNanos = now;
            wantedNanos = wasLive ? wantedNanos : now;
        }
    }

    void tick(long now) {
        nowNanos = now;
        pings.tick(now);
        if (best != null && !best.isAnswering(now, timers.trust().toNanos())) {
            lose();
        }
        boolean due =
                isLive()
                        && round == null
                        && now >= roundDueNanos
                        && (relay != null || !relayUndecided)
                        && hasWayOrAddress();
        if (due) {
            begin();
        }
        advance();
        if (best == null && isLive()) {
            birthday.tick(now, pingsFromNanos, Optional.ofNullable(relay));
        } else {
            birthday.stop();
        }
        if (best != null && isLive() && now - best.pingedNanos() >= timers.heartbeat().toNanos()) {
            ping(best, Probe.PONG_LENGTH);
        }
    }

    void receive(Probe probe, InetSocketAddress from, long now) {
        nowNanos = Math.max(nowNanos, now);
        if (RelayAddress.is(from)) {
            heard(from);
        }
        switch (probe) {
            case Probe.Ping ping -> answer(ping, from);
            case Probe.Pong pong -> take(pong, from);
            case Probe.CallMe call -> take(call);
            case Probe.Fan fan -> birthday.take(fan, now);
        }
    }

    PathStatus status() {
        Trial direct = best;
        if (direct != null) {
            return new PathStatus(
                    PathStatus.Kind.DIRECT,
                    Optional.of(direct.address()),
                    direct.roundTripNanos(),
                    "it answers probes");
        }
        if (relay != null) {
            return new PathStatus(
                    PathStatus.Kind.RELAYED, Optional.of(relay), relayRoundTripNanos, why());
        }
        return plain.inUse()
                .map(address ->
                        new PathStatus(
                                PathStatus.Kind.DIRECT,
                                Optional.of(address),
                                -1,
                                "its WireGuard session comes from there"))
                .orElseGet(() -> new PathStatus(PathStatus.Kind.NONE, Optional.empty(), -1, why()));
    }

    private String why() {
        if (!isLive() && round == null) {
            return "nothing to send, so no direct path is looked for";
        }
        if (targets().isEmpty()) {
            return "it has named no address that may be tried";
        }
        String tried = "none of its " + targets().size() + " addresses answers probes";
        return own.mappingVaries(nowNanos) ? tried + "; our NAT maps each peer anew" : tried;
    }

    private void heard(InetSocketAddress session) {
        heardRelay = session;
        if (relay == null) {
            relay = session;
        }
    }

    private boolean hasWayOrAddress() {
        return relay != null || !announced.isEmpty() || !called.isEmpty() || !trials.isEmpty();
    }

    /// Begins a round: a better path is looked for without telling the peer, a first one with it.
    private void begin() {
        boolean upgrade = best != null;
        long lead = upgrade || relay == null ? 0 : leadNanos();
        begin(nowNanos + lead);
        if (upgrade) {
            return;
        }
        open();
        call(false, lead);
    }

    private void begin(long fromNanos) {
        round = new Round(fromNanos);
        pingsFromNanos = fromNanos;
    }

    private void open() {
        openedNanos = nowNanos;
        targets().stream()
                .filter(address -> Endpoints.isPublic(address.getAddress()))
                .limit(OPENED_MAX)
                .forEach(address -> {
                    for (int i = 0; i < OPENERS; i++) {
                        outlet.open(new Probe.Ping(random.nextLong(), Probe.PONG_LENGTH), address);
                    }
                });
    }

    private void call(boolean isAnswer, long lead) {
        if (relay != null) {
            outlet.send(
                    new Probe.CallMe(
                            isAnswer,
                            own.mappingVaries(nowNanos),
                            (int) (lead / 1_000_000),
                            own.candidates(nowNanos)),
                    relay);
            ping(new Trial(relay), Probe.PONG_LENGTH);
        }
    }

    /// When to ping though no answer has come: it takes one way there and back through the relay.
    private long leadNanos() {
        return relayRoundTripNanos < 0
                ? LEAD_NANOS
                : Math.clamp(relayRoundTripNanos * 2, LEAD_MIN_NANOS, LEAD_MAX_NANOS);
    }

    private void advance() {
        Round current = round;
        if (current == null) {
            return;
        }
        int planned = timers.pings().size();
        while (current.sent < planned
                && nowNanos
                        >= current.pingsFromNanos + timers.pings().get(current.sent).toNanos()) {
            pingAll();
            current.sent++;
        }
        if (nowNanos >= current.pingsFromNanos + timers.roundLasts().toNanos()) {
            round = null;
            trials.forget(each -> !isNeeded(each) && each.unanswered() > timers.pings().size());
            fruitless = best == null ? fruitless + 1 : 0;
            var pauses = timers.pauses();
            roundDueNanos =
                    nowNanos
                            + (best == null
                                    ? pauses.get(Math.min(fruitless, pauses.size()) - 1).toNanos()
                                    : timers.upgradeEvery().toNanos());
        }
    }

    private void pingAll() {
        for (InetSocketAddress address : targets()) {
            Trial trial = trial(address);
            if (trial != null && !isFresh(trial)) {
                ping(trial, Probe.PONG_LENGTH);
            }
        }
    }

    /// Whether an answer came, or can still come, from a ping of this round.
    private boolean isFresh(Trial trial) {
        return trial.isAnswering(nowNanos, timers.heartbeat().toNanos());
    }

    private List<InetSocketAddress> targets() {
        Set<InetSocketAddress> all = new LinkedHashSet<>(called);
        all.addAll(announced);
        List<InetSocketAddress> targets = new ArrayList<>();
        boolean inside = own.mayShareInside(List.copyOf(all), nowNanos);
        for (InetSocketAddress each : all) {
            if (mayPing(each) && (inside || Endpoints.isPublic(each.getAddress()))) {
                targets.add(each);
            }
        }
        for (InetSocketAddress each : trials.addresses()) {
            if (!targets.contains(each)) {
                targets.add(each);
            }
        }
        return targets.subList(0, Math.min(Trials.MAX, targets.size()));
    }

    private boolean mayPing(InetSocketAddress address) {
        return Endpoints.isUsable(address)
                && !RelayAddress.is(address)
                && !StreamAddress.is(address)
                && !PunchedAddress.is(address)
                && !forbidden.test(address);
    }

    private @Nullable Trial trial(InetSocketAddress address) {
        return mayPing(address) || PunchedAddress.is(address)
                ? trials.of(address, this::isNeeded)
                : null;
    }

    private boolean isNeeded(Trial trial) {
        return trial == best || isFresh(trial);
    }

    private void ping(Trial trial, int lengthBytes) {
        OptionalLong transaction = pings.begin(trial.address(), nowNanos);
        if (transaction.isPresent()) {
            trial.pinged(nowNanos);
            outlet.send(new Probe.Ping(transaction.getAsLong(), lengthBytes), trial.address());
        }
    }

    /// Asks an address at which the peer seems to be, at most twice a second.
    private void tryNow(InetSocketAddress address) {
        Trial trial = trial(address);
        if (trial != null && nowNanos - trial.pingedNanos() >= CALL_GAP_NANOS) {
            ping(trial, Probe.PONG_LENGTH);
        }
    }

    private void answer(Probe.Ping ping, InetSocketAddress from) {
        boolean relayed = RelayAddress.is(from);
        boolean unseen = relayed || PunchedAddress.is(from);
        outlet.send(
                new Probe.Pong(ping.transaction(), unseen ? Optional.empty() : Optional.of(from)),
                from);
        if (!relayed && (best == null || !best.address().equals(from))) {
            tryNow(from);
        }
    }

    private void take(Probe.Pong pong, InetSocketAddress from) {
        Pings.Sent asked = pings.end(pong.transaction()).orElse(null);
        if (asked == null) {
            return;
        }
        long tookNanos = nowNanos - asked.sentNanos();
        if (RelayAddress.is(asked.to())) {
            relayRoundTripNanos = tookNanos;
            return;
        }
        if (!PunchedAddress.is(from)) {
            pong.seen().ifPresent(seen -> own.reportedBy(from, seen, nowNanos));
        }
        Trial trial = trial(asked.to());
        if (trial != null) {
            trial.answered(asked.sentNanos(), nowNanos);
            if (isBetter(trial)) {
                best = trial;
                suspect = false;
                fruitless = 0;
            }
        }
    }

    private boolean isBetter(Trial trial) {
        Trial current = best;
        if (current == null) {
            return true;
        }
        if (current == trial) {
            suspect = false;
            return false;
        }
        return suspect || current.unanswered() > 1 || trial.rank() < current.rank() / 10 * 9;
    }

    /// The peer's opener has left before it called or answered, so that ours may follow at once;
    /// pings wait until the peer has opened to what we have named, which its answer tells.
    private void take(Probe.CallMe call) {
        boolean news = !called.equals(call.candidates());
        called = call.candidates();
        birthday.called(call);
        if (news || nowNanos - openedNanos >= CALL_GAP_NANOS) {
            open();
        }
        begin(call.answer() ? nowNanos : nowNanos + call.startInMillis() * 1_000_000L);
        if (nowNanos - answeredNanos >= CALL_GAP_NANOS) {
            answeredNanos = nowNanos;
            call(true, 0);
        }
    }

    private void lose() {
        best = null;
        pingsFromNanos = Trial.NEVER;
        suspect = false;
        fruitless = 0;
        round = null;
        roundDueNanos = nowNanos;
    }
}
