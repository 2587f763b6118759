// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.crypto.Blake2s;
import org.sparegrid.virtualethernet.meter.RelayCounters;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// A relay: forwards sealed packets between members of one network who both asked for it.
///
/// A pure state machine for one thread. Source: docs/protocol/relay.md.
public final class RelayServer {
    /// A machine that has not bound again for this long is gone: three binds were lost.
    static final long MACHINE_LOST_NANOS = 65_000_000_000L;

    /// A session that was not used for this long may be let go: machines that want it ask for it
    /// every 20 s, and use none that they have not asked for in 45 s.
    static final long SESSION_UNUSED_NANOS = 65_000_000_000L;

    /// What a machine sent from its last address before it knew that it is bound to a new one still
    /// arrives for so long.
    static final long MOVE_NANOS = 5_000_000_000L;

    /// How long a cookie is taken at least, and half of how long at most.
    static final long COOKIE_NANOS = 120_000_000_000L;

    /// Machines that are met for the first time, per second: each costs a key agreement of about
    /// 0.2 ms, together 4 % of a core.
    static final int AGREEMENTS_PER_SECOND = 200;

    private static final long SWEEP_NANOS = 1_000_000_000L;

    /// Sends datagrams.
    public interface Outlet {
        /// Sends a datagram, which may be divided on its way.
        void send(byte[] datagram, InetSocketAddress to);

        /// Sends a datagram that neither this system nor a router may divide.
        void sendWhole(byte[] datagram, InetSocketAddress to);
    }

    private static final class Machine {
        final PublicKey key;
        final RelaySeal seal;
        final Set<Integer> sessions = new HashSet<>();
        InetSocketAddress address;
        InetSocketAddress lastAddress;
        String network;
        long boundNanos;
        long movedNanos;

        Machine(PublicKey key, RelaySeal seal, InetSocketAddress address, String network) {
            this.key = key;
            this.seal = seal;
            this.address = address;
            this.lastAddress = address;
            this.network = network;
        }

        void bind(InetSocketAddress from, long nowNanos) {
            if (!from.equals(address)) {
                lastAddress = address;
                movedNanos = nowNanos;
                address = from;
            }
            boundNanos = nowNanos;
        }

        boolean isAt(InetSocketAddress from, long nowNanos) {
            return from.equals(address)
                    || (from.equals(lastAddress) && nowNanos - movedNanos < MOVE_NANOS);
        }
    }

    private record Pair(PublicKey first, PublicKey second) {
        static Pair of(PublicKey one, PublicKey other) {
            return Arrays.compareUnsigned(one.bytes(), other.bytes()) < 0
                    ? new Pair(one, other)
                    : new Pair(other, one);
        }
    }

    private static final class Session {
        final Machine first;
        final Machine second;
        long usedNanos;

        Session(Machine first, Machine second, long usedNanos) {
            this.first = first;
            this.second = second;
            this.usedNanos = usedNanos;
        }
    }

    private final KeyPair keys;
    private final RelayMembership membership;
    private final RelayLimits limits;
    private final RandomGenerator random;
    private final Outlet outlet;
    private final FairQueue queue;
    private final ByteBucket agreements;
    private final Map<PublicKey, Machine> machines = new HashMap<>();
    private final Map<Integer, Session> sessions = new HashMap<>();
    private final Map<Pair, Integer> numbers = new HashMap<>();
    private final RelayMeter meter = new RelayMeter();
    private byte[] secret;
    private byte[] oldSecret;
    private long secretNanos;
    private long sweptNanos;
    private long roomNanos;

    /// A relay without machines.
    public RelayServer(
            KeyPair keys,
            RelayMembership membership,
            RelayLimits limits,
            RandomGenerator random,
            Outlet outlet) {
        this.keys = keys;
        this.membership = membership;
        this.limits = limits;
        this.random = random;
        this.outlet = outlet;
        this.queue = new FairQueue(limits, new Forwards());
        this.agreements = new ByteBucket(AGREEMENTS_PER_SECOND, AGREEMENTS_PER_SECOND);
        this.secret = newSecret();
        this.oldSecret = newSecret();
    }

    /// What it has done so far; safe for any thread.
    public RelayCounters counters() {
        return meter.counters();
    }

    /// Pairs of machines between which it forwards.
    public int sessions() {
        return sessions.size();
    }

    /// Where the machines are that are bound.
    public Set<InetSocketAddress> addresses() {
        Set<InetSocketAddress> all = new HashSet<>();
        machines.values().forEach(machine -> all.add(machine.address));
        return all;
    }

    /// Whether packets wait for bandwidth, so that [#tick] is due within milliseconds.
    public boolean isBacklogged() {
        return !queue.isEmpty();
    }

    /// Takes a datagram of which [RelayMessage#isRelay] holds.
    public void receive(byte[] datagram, InetSocketAddress from, long nowNanos) {
        try {
            switch (RelayMessage.parse(datagram)) {
                case RelayMessage.Packet packet -> forward(packet, datagram, from, nowNanos);
                case RelayMessage.Bind bind -> bind(bind, from, nowNanos);
                case RelayMessage.Challenge _, RelayMessage.Bound _, RelayMessage.Refused _ ->
                        meter.refused();
            }
        } catch (WireFormatException malformed) {
            meter.refused();
        }
    }

    /// Lets time pass.
    public void tick(long nowNanos) {
        queue.drain(nowNanos);
        if (nowNanos - sweptNanos >= SWEEP_NANOS) {
            sweptNanos = nowNanos;
            sweep(nowNanos);
        }
    }

    private void forward(
            RelayMessage.Packet packet, byte[] datagram, InetSocketAddress from, long nowNanos) {
        Session session = sessions.get(packet.session());
        boolean ofFirst = session != null && session.first.isAt(from, nowNanos);
        if (session == null || (!ofFirst && !session.second.isAt(from, nowNanos))) {
            meter.refused();
            return;
        }
        session.usedNanos = nowNanos;
        Machine sender = ofFirst ? session.first : session.second;
        Machine receiver = ofFirst ? session.second : session.first;
        queue.offer(sender.key, datagram, receiver.address, nowNanos);
    }

    /// The order of checks goes from cheap to costly, and nothing is kept before the seal opened.
    private void bind(RelayMessage.Bind bind, InetSocketAddress from, long nowNanos)
            throws WireFormatException {
        if (!isCookieRight(bind.cookie(), from, nowNanos)) {
            send(new RelayMessage.Challenge(bind.transaction(), cookie(secret, from)), from);
            return;
        }
        Machine known = machines.get(bind.machine());
        if (known == null
                && (machines.size() >= limits.machinesMax() || !agreements.take(1, nowNanos))) {
            send(new RelayMessage.Refused(bind.transaction(), RelayMessage.BUSY), from);
            return;
        }
        Optional<String> network = membership.networkOf(bind.machine());
        if (network.isEmpty()) {
            forget(known);
            send(new RelayMessage.Refused(bind.transaction(), RelayMessage.NO_MEMBER), from);
            return;
        }
        Optional<RelaySeal> seal =
                known == null ? RelaySeal.ofRelay(keys, bind.machine()) : Optional.of(known.seal);
        Optional<List<PublicKey>> names =
                seal.isEmpty() ? Optional.empty() : seal.get().names(bind);
        if (names.isEmpty()) {
            meter.refused();
            return;
        }
        Machine machine = known;
        if (machine == null || !machine.network.equals(network.get())) {
            forget(known);
            machine = new Machine(bind.machine(), seal.orElseThrow(), from, network.get());
            machines.put(bind.machine(), machine);
        }
        machine.bind(from, nowNanos);
        answer(machine, bind.transaction(), names.get(), nowNanos);
    }

    private void answer(Machine machine, long transaction, List<PublicKey> names, long nowNanos) {
        List<RelaySeal.Answer> answers = new ArrayList<>();
        for (PublicKey name : names) {
            answers.add(answer(machine, machines.get(name), nowNanos));
        }
        var sessionsGiven = new RelaySeal.Sessions(machine.address, answers);
        send(machine.seal.bound(transaction, sessionsGiven, random), machine.address);
    }

    private RelaySeal.Answer answer(Machine machine, @Nullable Machine peer, long nowNanos) {
        if (peer == null) {
            return new RelaySeal.Answer(1, 0);
        }
        if (peer == machine || !peer.network.equals(machine.network)) {
            return new RelaySeal.Answer(2, 0);
        }
        OptionalInt number = session(machine, peer, nowNanos);
        return number.isPresent()
                ? new RelaySeal.Answer(0, number.getAsInt())
                : new RelaySeal.Answer(1, 0);
    }

    private OptionalInt session(Machine machine, Machine peer, long nowNanos) {
        Pair pair = Pair.of(machine.key, peer.key);
        Integer known = numbers.get(pair);
        Session session = known == null ? null : sessions.get(known);
        if (known != null && session != null) {
            session.usedNanos = nowNanos;
            return OptionalInt.of(known);
        }
        if (sessions.size() >= limits.sessionsMax() && !makeRoom(nowNanos)) {
            return OptionalInt.empty();
        }
        int number = 1 + random.nextInt((1 << 24) - 1);
        while (sessions.containsKey(number)) {
            number = 1 + random.nextInt((1 << 24) - 1);
        }
        sessions.put(number, new Session(machine, peer, nowNanos));
        numbers.put(pair, number);
        machine.sessions.add(number);
        peer.sessions.add(number);
        return OptionalInt.of(number);
    }

    private void forget(@Nullable Machine machine) {
        if (machine == null) {
            return;
        }
        machines.remove(machine.key);
        queue.forget(machine.key);
        List.copyOf(machine.sessions).forEach(this::end);
    }

    private void end(Integer number) {
        Session session = sessions.remove(number);
        if (session != null) {
            numbers.remove(Pair.of(session.first.key, session.second.key));
            session.first.sessions.remove(number);
            session.second.sessions.remove(number);
        }
    }

    /// Lets sessions go that nobody has used or asked for lately, at most once a second, as all are
    /// looked at; whether there is room now.
    private boolean makeRoom(long nowNanos) {
        if (nowNanos - roomNanos >= SWEEP_NANOS) {
            roomNanos = nowNanos;
            List<Integer> unused = new ArrayList<>();
            sessions.forEach((number, session) -> {
                if (nowNanos - session.usedNanos > SESSION_UNUSED_NANOS) {
                    unused.add(number);
                }
            });
            unused.forEach(this::end);
        }
        return sessions.size() < limits.sessionsMax();
    }

    private void sweep(long nowNanos) {
        Iterator<Machine> all = List.copyOf(machines.values()).iterator();
        while (all.hasNext()) {
            Machine machine = all.next();
            if (nowNanos - machine.boundNanos > MACHINE_LOST_NANOS) {
                forget(machine);
            }
        }
        meter.machines(machines.size());
    }

    private boolean isCookieRight(byte[] given, InetSocketAddress from, long nowNanos) {
        if (nowNanos - secretNanos >= COOKIE_NANOS) {
            secretNanos = nowNanos;
            oldSecret = secret;
            secret = newSecret();
        }
        return MessageDigest.isEqual(given, cookie(secret, from))
                || MessageDigest.isEqual(given, cookie(oldSecret, from));
    }

    private byte[] cookie(byte[] key, InetSocketAddress from) {
        ByteBuffer place = ByteBuffer.allocate(Endpoints.LENGTH_BYTES);
        Endpoints.write(place, from);
        return Blake2s.mac(key, place.array(), Endpoints.LENGTH_BYTES);
    }

    private byte[] newSecret() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return bytes;
    }

    private void send(RelayMessage message, InetSocketAddress to) {
        outlet.send(message.toBytes(), to);
    }

    private final class Forwards implements FairQueue.Outlet {
        @Override
        public void forward(PublicKey sender, byte[] datagram, InetSocketAddress to) {
            meter.forwarded(datagram.length - RelayMessage.HEADER_LENGTH);
            if (RelayMessage.isWhole(datagram)) {
                outlet.sendWhole(RelayMessage.unmarked(datagram), to);
            } else {
                outlet.send(datagram, to);
            }
        }

        @Override
        public void drop(PublicKey sender, byte[] datagram) {
            meter.dropped(datagram.length - RelayMessage.HEADER_LENGTH);
        }
    }
}
