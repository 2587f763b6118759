// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.probe.Probe;
import org.sparegrid.virtualethernet.relay.RelayAddress;

/// Finds the way to one peer and keeps it: through a relay at once, and directly as soon as an
/// address has answered a probe.
///
/// A pure state machine for one thread; [#tick] several times a second. To a peer that never
/// probes, as plain WireGuard, it behaves like [DirectPath].
///
/// Source: docs/protocol/path-probe.md, section 3.
final class PathFinder implements PeerPath {
    /// An address that the peer seems to have is asked no oftener.
    private static final long TRY_GAP_NANOS = 500_000_000L;

    /// A peer that says it will ping later is not waited for.
    private static final long CALLED_PATIENCE_MAX_MILLIS = 3_000;

    /// Addresses of one peer that are greeted if there is no relay.
    private static final int GREETED_MAX = 4;

    /// Handshakes that may fail through a relay before the peer's addresses are tried unprepared,
    /// which spoils some NATs.
    private static final int RELAYED_ATTEMPTS = 3;

    private final ProbeOutlet outlet;
    private final OwnAddresses own;
    private final PeerAddresses addresses;
    private final PathTimers timers;
    private final DirectPath plain = new DirectPath();
    private final Trials trials = new Trials();
    private final Pings pings;
    private final Birthday birthday;
    private final Introduction introduction;
    private final MtuSearch mtu;
    private final RelayWatch relayWatch = new RelayWatch();
    private final Greeting greeting = new Greeting();

    private @Nullable InetSocketAddress relay;
    private boolean relayUndecided;
    private @Nullable Trial best;
    private @Nullable Round round;
    private boolean suspect;
    private boolean used;
    private long usedNanos = Trial.NEVER;
    private long wantedNanos = Trial.NEVER;
    private long roundDueNanos = Trial.NEVER;
    private long pingsFromNanos = Trial.NEVER;
    private long nowNanos;
    private int fruitless;

    /// @param forbidden addresses that must never be pinged, as those of the overlay itself
    PathFinder(
            ProbeOutlet outlet,
            OwnAddresses own,
            Predicate<InetSocketAddress> forbidden,
            PathTimers timers,
            BurstTurn turn,
            MtuPace pace,
            RandomGenerator random) {
        this.outlet = outlet;
        this.own = own;
        this.addresses = new PeerAddresses(own, forbidden);
        this.timers = timers;
        this.pings = new Pings(timers.pingTimeout().toNanos(), random);
        this.mtu = new MtuSearch(pace);
        this.introduction = new Introduction(outlet, own, random);
        this.birthday = new Birthday(outlet, own, turn, addresses::mayPing, random);
    }

    @Override
    public void offer(List<InetSocketAddress> candidates) {
        plain.offer(addresses.announced(candidates));
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
        boolean waits = relayUndecided && greeting.isHeard();
        return Optional.ofNullable(probed())
                .or(() -> waits ? Optional.empty() : plain.dataTarget());
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

    /// The relay's session that the peer has used lately, if any.
    Optional<InetSocketAddress> heardRelay() {
        return relayWatch.heard(nowNanos);
    }

    /// Whether there was something to send lately.
    boolean isLive() {
        return used || nowNanos - usedNanos < timers.idleAfter().toNanos();
    }

    /// Whether an address of the peer answers.
    boolean isDirect() {
        return best != null;
    }

    /// The longest datagram that the path carries; 0 if that is not known.
    int datagramBytes() {
        return mtu.found(probed());
    }

    /// The address in use, if it is one that answers probes or a relay's.
    private @Nullable InetSocketAddress probed() {
        return best == null ? relay : best.address();
    }

    /// Whether the relay in use may carry nothing any more.
    boolean doubtsRelay() {
        return isRelayed() && relayWatch.isDoubtful(nowNanos);
    }

    private boolean isRelayed() {
        return best == null && relay != null && isLive();
    }

    /// Whether the peer was not told yet that we are here.
    boolean isStrange() {
        return greeting.isOpen();
    }

    /// Tells the peer that we are here, as soon as there is a way.
    void greet() {
        InetSocketAddress way = relay;
        boolean open = way != null || (!relayUndecided && !addresses.isEmpty());
        if (!open || !greeting.isDue(nowNanos)) {
            return;
        }
        if (way != null) {
            ping(new Trial(way));
        } else {
            targets().stream().limit(GREETED_MAX).forEach(this::tryNow);
        }
        greeting.said(nowNanos);
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
                        && (relay != null || !addresses.isEmpty() || !trials.isEmpty());
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
            ping(best);
        }
        InetSocketAddress way = relay;
        if (way != null && isRelayed() && relayWatch.isDue(timers.heartbeat().toNanos(), now)) {
            ping(new Trial(way));
        }
        mtu.follow(isLive() ? probed() : null, now);
        mtu.tick(pings, outlet, now);
    }

    /// Sets the longest datagram that the path should carry; 0 if that is not to be found out.
    void want(int datagramBytes) {
        mtu.want(datagramBytes);
    }

    void receive(Probe probe, InetSocketAddress from, long now) {
        nowNanos = Math.max(nowNanos, now);
        greeting.end();
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
        int carried = datagramBytes();
        if (direct != null) {
            return PathStatus.direct(
                    direct.address(), direct.roundTripNanos(), "it answers probes", carried);
        }
        if (relay != null) {
            return PathStatus.relayed(relay, relayWatch.roundTripNanos(), why(), carried);
        }
        return plain.inUse()
                .map(from ->
                        PathStatus.direct(from, -1, "its WireGuard session comes from there", 0))
                .orElseGet(() -> PathStatus.none(why()));
    }

    /// Where the peer was looked for, as far as it is remembered.
    List<PathTrial> tried() {
        return trials.tried(best, timers.trust().toNanos(), nowNanos);
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
        relayWatch.heard(session, nowNanos);
        relay = relay == null ? session : relay;
    }

    /// Begins a round: a better path is looked for without telling the peer, a first one with it.
    private void begin() {
        boolean upgrade = best != null;
        boolean calls = !upgrade && relay != null;
        begin(nowNanos + (calls ? introduction.begin(relayWatch.answerNanos()) : 0));
        if (!upgrade) {
            introduction.open(targets(), nowNanos);
        }
    }

    private void begin(long fromNanos) {
        round = new Round(fromNanos);
        pingsFromNanos = fromNanos;
    }

    private void advance() {
        Round current = round;
        if (current == null) {
            return;
        }
        InetSocketAddress way = relay;
        if (way != null
                && best == null
                && current.sent == 0
                && introduction.call(way, current.pingsFromNanos, nowNanos)) {
            ping(new Trial(way));
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
                ping(trial);
            }
        }
    }

    /// Whether an answer came, or can still come, from a ping of this round.
    private boolean isFresh(Trial trial) {
        return trial.isAnswering(nowNanos, timers.heartbeat().toNanos());
    }

    private List<InetSocketAddress> targets() {
        return addresses.targets(trials.addresses(), nowNanos);
    }

    private @Nullable Trial trial(InetSocketAddress address) {
        return addresses.mayPing(address) || PunchedAddress.is(address)
                ? trials.of(address, this::isNeeded)
                : null;
    }

    private boolean isNeeded(Trial trial) {
        return trial == best || isFresh(trial);
    }

    private void ping(Trial trial) {
        OptionalLong transaction = pings.begin(trial.address(), nowNanos);
        if (transaction.isPresent()) {
            trial.pinged(nowNanos);
            if (trial.address().equals(relay)) {
                relayWatch.pinged(nowNanos);
            }
            outlet.send(
                    new Probe.Ping(transaction.getAsLong(), Probe.PONG_LENGTH), trial.address());
        }
    }

    /// Asks an address at which the peer seems to be, at most twice a second.
    private void tryNow(InetSocketAddress address) {
        Trial trial = trial(address);
        if (trial != null && nowNanos - trial.pingedNanos() >= TRY_GAP_NANOS) {
            ping(trial);
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
        if (asked.lengthBytes() > 0) {
            mtu.answered(asked.to(), asked.lengthBytes());
            return;
        }
        long tookNanos = nowNanos - asked.sentNanos();
        if (RelayAddress.is(asked.to())) {
            relayWatch.answered(tookNanos, nowNanos);
            return;
        }
        if (!PunchedAddress.is(from)) {
            pong.seen().ifPresent(seen -> own.reportedBy(from, seen, nowNanos));
        }
        Trial trial = trial(asked.to());
        if (trial != null) {
            boolean itself = from.equals(asked.to());
            trial.answered(itself, asked.sentNanos(), nowNanos);
            if (isBetter(trial)) {
                best = trial;
                suspect = false;
                fruitless = 0;
            }
            if (!itself && (best == null || !best.isKeptOpen())) {
                tryNow(from);
            }
        }
    }

    private boolean isBetter(Trial trial) {
        Trial current = best;
        if (current == null || current == trial) {
            return true;
        }
        if (suspect || current.unanswered() > 1) {
            return true;
        }
        return trial.isKeptOpen() == current.isKeptOpen()
                ? trial.rank() < current.rank() / 10 * 9
                : trial.isKeptOpen();
    }

    /// The peer's opener has left before it called or answered, so that ours may follow at once;
    /// pings wait until the peer has opened to what we have named, which its answer tells.
    private void take(Probe.CallMe call) {
        boolean news = addresses.called(call.candidates());
        birthday.called(call);
        if (news || introduction.isOpeningDue(nowNanos)) {
            introduction.open(targets(), nowNanos);
        }
        long millis = Math.min(call.startInMillis(), CALLED_PATIENCE_MAX_MILLIS);
        begin(call.answer() ? nowNanos : nowNanos + millis * 1_000_000L);
        if (call.answer()) {
            introduction.heard();
        }
        InetSocketAddress way = relay;
        if (way != null && introduction.answer(way, nowNanos)) {
            ping(new Trial(way));
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
