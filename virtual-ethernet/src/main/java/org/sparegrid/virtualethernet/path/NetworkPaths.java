// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.probe.Probe;
import org.sparegrid.virtualethernet.probe.ProbeSeal;
import org.sparegrid.virtualethernet.relay.RelayClient;
import org.sparegrid.virtualethernet.relay.RelayClient.Asking;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.relay.RelayTable;
import org.sparegrid.virtualethernet.relay.StreamAddress;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// All paths of one attachment: its peers, and the relays of its network.
///
/// A pure state machine; not for two threads at once.
public final class NetworkPaths {
    /// How long a peer that is wanted may need to appear at the relay before its addresses are
    /// tried without its help.
    static final long RELAY_PATIENCE_NANOS = 2_000_000_000L;

    /// Peers that are greeted, and whose sessions are asked for before they are needed, so that the
    /// first packet need not wait.
    static final int FIRST_MAX = 64;

    /// The same of all members of a network together, as a relay keeps each session: the more
    /// members, the fewer are asked for by each, down to [#FIRST_MIN].
    static final int FIRST_OF_ALL = 4_096;

    static final int FIRST_MIN = 4;

    /// How often peers are looked after to whom nothing is said.
    private static final long ALL_NANOS = 1_000_000_000L;

    /// Performs what the paths decide.
    public interface Outlet {
        /// Sends a datagram, which may be through a relay.
        void transmit(byte[] datagram, InetSocketAddress to);

        /// Sends a datagram to a relay; false if the system has no way there, as without any
        /// address of its family.
        boolean ask(byte[] datagram, InetSocketAddress relay);

        /// Sends a datagram that nobody on the way may divide, as far as the system can say so.
        void transmitWhole(byte[] datagram, InetSocketAddress to);

        /// The longest datagram that the path to the peer carries was found, or is not known any
        /// more, which is 0.
        void carries(PublicKey peer, int datagramBytes);

        /// Sends a datagram that two routers pass on and no more, or does nothing if the system
        /// cannot.
        void transmitNear(byte[] datagram, InetSocketAddress to);

        /// Opens so many further ports and sends the datagram near these targets from each; what
        /// they let in comes from a [PunchedAddress]. Empty if that cannot be now.
        Optional<Fan> fan(byte[] datagram, List<InetSocketAddress> targets, int ports);

        /// A way to the peer has appeared; a handshake that waits for one may go on.
        void reachable(PublicKey peer);

        /// The peer is there; a handshake that it has not answered may have come too early for it.
        void alive(PublicKey peer);
    }

    /// Gives the address that stands for a WebSocket to a relay.
    @FunctionalInterface
    public interface Streams {
        /// The address; empty if there is none to be had.
        Optional<InetSocketAddress> address(URI relay);

        /// For a port that has none.
        static Streams none() {
            return _ -> Optional.empty();
        }
    }

    /// What the paths of one UDP port share.
    ///
    /// @param own where the port may be reached
    /// @param mapping how the NAT maps it
    /// @param turn to ping random ports
    /// @param relays numbers of relays
    /// @param streams ways to relays that UDP does not reach
    /// @param timers when to do what
    /// @param random source of transactions and nonces
    /// @param forbidden addresses that must not be pinged
    public record Shared(
            OwnAddresses own,
            MappingCheck mapping,
            BurstTurn turn,
            RelayTable relays,
            Streams streams,
            PathTimers timers,
            RandomGenerator random,
            Predicate<InetSocketAddress> forbidden) {}

    private final KeyPair keys;
    private final Shared shared;
    private final Outlet outlet;
    private final Map<PublicKey, Peer> peers = new LinkedHashMap<>();
    private final Map<Long, Peer> byTag = new HashMap<>();
    private final List<Way> relays = new ArrayList<>();
    private final MtuPace pace = new MtuPace();
    private long nowNanos;
    private long allDueNanos;
    private int datagramBytes;

    /// A way to a relay.
    ///
    /// @param of the relay
    /// @param before the way that is used instead while it is not silent
    private record Way(RelaySpec of, RelayClient client, @Nullable RelayClient before) {
        boolean isUsed() {
            return before == null ? !client.isSilent() : before.isSilent();
        }

        /// A way that is not used is still tried, unless there is a better one.
        boolean isTried() {
            return before == null || before.isSilent();
        }
    }

    /// Paths without peers and relays.
    public NetworkPaths(KeyPair keys, Shared shared, Outlet outlet) {
        this.keys = keys;
        this.shared = shared;
        this.outlet = outlet;
    }

    /// The path to a peer, which is made if need be.
    public PeerPath path(PublicKey peer) {
        return peer(peer).finder;
    }

    /// Finds out from now on whether paths carry datagrams of up to so many bytes; 0 for never.
    public void want(int longestBytes) {
        datagramBytes = longestBytes;
        peers.values().forEach(peer -> peer.finder.want(longestBytes));
    }

    /// Forgets all peers but these, and uses these relays, the first where several have a way.
    public void update(Set<PublicKey> members, List<RelaySpec> specs) {
        peers.values().removeIf(peer -> !members.contains(peer.key));
        byTag.values().removeIf(peer -> !members.contains(peer.key));
        members.stream().filter(key -> !key.equals(keys.publicKey())).forEach(this::peer);
        relays.removeIf(relay -> !specs.contains(relay.of()));
        Set<RelaySpec> known = new HashSet<>();
        relays.forEach(relay -> known.add(relay.of()));
        specs.stream().filter(spec -> !known.contains(spec)).forEach(this::add);
        relays.sort(Comparator.comparingInt(relay -> specs.indexOf(relay.of())));
        relays.forEach(relay -> relay.client().retain(members));
        choose();
        peers.values().forEach(peer -> way(peer, nowNanos));
    }

    /// Chooses whom to greet: those whose keys follow our own, so that not all members of a large
    /// network choose the same few.
    private void choose() {
        int most = Math.clamp(FIRST_OF_ALL / (peers.size() + 1), FIRST_MIN, FIRST_MAX);
        List<Peer> ordered = new ArrayList<>(peers.values());
        if (ordered.size() > most) {
            byte[] own = keys.publicKey().bytes();
            ordered.sort(Comparator.comparing(Peer::bytes, Arrays::compareUnsigned));
            int next = 0;
            while (next < ordered.size()
                    && Arrays.compareUnsigned(ordered.get(next).bytes(), own) < 0) {
                next++;
            }
            Collections.rotate(ordered, -next);
        }
        for (int i = 0; i < ordered.size(); i++) {
            ordered.get(i).first = i < most;
        }
    }

    private void add(RelaySpec spec) {
        RelayClient plain = client(spec).orElse(null);
        if (plain == null) {
            return;
        }
        relays.add(new Way(spec, plain, null));
        spec.stream()
                .flatMap(shared.streams()::address)
                .flatMap(address -> client(new RelaySpec(address, spec.publicKey())))
                .ifPresent(behind -> relays.add(new Way(spec, behind, plain)));
    }

    private Optional<RelayClient> client(RelaySpec spec) {
        OptionalInt number = shared.relays().number(spec.endpoint());
        return number.isEmpty()
                ? Optional.empty()
                : RelayClient.of(spec, number.getAsInt(), keys, shared.random());
    }

    /// Whether a probe is meant for this attachment.
    public boolean isAddressedBy(byte[] probe) {
        return byTag.containsKey(ProbeSeal.tag(probe));
    }

    /// Takes a probe for which [#isAddressedBy] holds; false if the peer did not make it.
    public boolean receiveProbe(byte[] datagram, InetSocketAddress from, long nowNanos) {
        Peer peer = byTag.get(ProbeSeal.tag(datagram));
        ProbeSeal seal = peer == null ? null : peer.seal();
        if (peer == null || seal == null) {
            return false;
        }
        try {
            Optional<Probe> probe = seal.open(datagram);
            boolean wasDirect = peer.finder.isDirect();
            probe.ifPresent(each -> peer.finder.receive(each, from, nowNanos));
            peer.report();
            if (!wasDirect && peer.finder.isDirect()) {
                outlet.reachable(peer.key);
            } else if (probe.isPresent()) {
                outlet.alive(peer.key);
            }
            return probe.isPresent();
        } catch (WireFormatException malformed) {
            return false;
        }
    }

    /// Takes control from a relay; others of the same port may be meant.
    public void receiveRelay(RelayMessage message, InetSocketAddress from, long nowNanos) {
        for (Way way : relays) {
            RelayClient relay = way.client();
            if (relay.spec().endpoint().equals(from)) {
                try {
                    relay.receive(message, nowNanos)
                            .ifPresent(answer -> outlet.transmit(answer, from));
                    // A member may stand on our side of a NAT, and answers no STUN.
                    if (!peers.containsKey(relay.spec().publicKey())) {
                        learnOwnAddress(relay, from, nowNanos);
                    }
                } catch (WireFormatException malformed) {
                    // A relay that seals nonsense is as good as one that is silent.
                }
            }
        }
        peers.values().stream()
                .filter(peer -> peer.finder.isLive())
                .forEach(peer -> way(peer, nowNanos));
    }

    private void learnOwnAddress(RelayClient relay, InetSocketAddress from, long nowNanos) {
        relay.seen()
                .ifPresent(seen -> {
                    if (relay.isBound(nowNanos) && !StreamAddress.is(seen)) {
                        shared.own().seenBy(from, seen, nowNanos);
                    }
                });
        shared.mapping()
                .heard(from, nowNanos)
                .ifPresent(each -> outlet.transmit(each.datagram(), each.to()));
    }

    /// Lets time pass. To be called several times a second.
    public void tick(long nowNanos) {
        for (Way way : relays) {
            RelayClient relay = way.client();
            if (way.isTried()) {
                Optional<byte[]> bind = relay.tick(nowNanos);
                if (bind.isPresent() && !outlet.ask(bind.get(), relay.spec().endpoint())) {
                    relay.notReached(nowNanos);
                }
            }
        }
        this.nowNanos = nowNanos;
        boolean all = nowNanos >= allDueNanos;
        allDueNanos = all ? nowNanos + ALL_NANOS : allDueNanos;
        int inUse = 0;
        for (Peer peer : peers.values()) {
            boolean greeted = peer.first && peer.finder.isStrange();
            if (all || greeted || !peer.finder.isIdle()) {
                peer.finder.wake(nowNanos);
                boolean wasDirect = peer.finder.isDirect();
                way(peer, nowNanos);
                peer.finder.tick(nowNanos);
                inUse += peer.finder.isLive() ? 1 : 0;
                peer.report();
                if (greeted) {
                    peer.finder.greet();
                }
                if ((wasDirect && !peer.finder.isDirect()) || peer.finder.doubtsRelay()) {
                    relays.forEach(relay -> relay.client().hurry(nowNanos));
                }
            }
        }
        pace.paths(inUse);
    }

    /// How packets to a peer travel; empty if it is none.
    public Optional<PathStatus> status(PublicKey peer) {
        return Optional.ofNullable(peers.get(peer)).map(each -> each.finder.status());
    }

    /// Whether packets to a peer go to an address of its own that answers probes.
    public boolean isDirect(PublicKey peer) {
        Peer known = peers.get(peer);
        return known != null && known.finder.isDirect();
    }

    /// Where a peer was looked for.
    public List<PathTrial> tried(PublicKey peer) {
        Peer known = peers.get(peer);
        return known == null ? List.of() : known.finder.tried();
    }

    /// Whether a relay forwards for this attachment now.
    public boolean isRelayBound(long nowNanos) {
        return relays.stream().anyMatch(relay -> relay.client().isBound(nowNanos));
    }

    private void way(Peer peer, long nowNanos) {
        Asking rarely = peer.first ? Asking.AT_TIMES : Asking.NO;
        Asking asking = peer.finder.isLive() ? Asking.SOON : rarely;
        Optional<InetSocketAddress> way = Optional.empty();
        for (Way relay : relays) {
            // Ask about the peer also where the way is not used yet: it may be a moment later.
            Optional<InetSocketAddress> offered = relay.client().wayTo(peer.key, asking, nowNanos);
            if (way.isEmpty() && relay.isUsed()) {
                way = offered;
            }
        }
        Optional<InetSocketAddress> heard =
                peer.finder
                        .heardRelay()
                        .filter(address ->
                                relays.stream()
                                        .anyMatch(r ->
                                                r.isUsed()
                                                        && r.client().isOf(address)
                                                        && r.client().isBound(nowNanos)));
        boolean undecided =
                way.isEmpty()
                        && heard.isEmpty()
                        && !relays.isEmpty()
                        && (!peer.finder.isLive()
                                || nowNanos - peer.finder.wantedNanos() < RELAY_PATIENCE_NANOS);
        if (peer.finder.relay(way.or(() -> heard), undecided)) {
            outlet.reachable(peer.key);
        }
    }

    private Peer peer(PublicKey key) {
        Peer known = peers.get(key);
        if (known != null) {
            return known;
        }
        Peer peer = new Peer(key);
        peer.finder.want(datagramBytes);
        peers.put(key, peer);
        byTag.put(ProbeSeal.tag(key, keys.publicKey()), peer);
        return peer;
    }

    /// A peer, whose seal is made when it is first needed: that costs a key agreement.
    private final class Peer implements ProbeOutlet {
        private final PublicKey key;
        private final PathFinder finder;
        private @Nullable ProbeSeal seal;
        private int reportedBytes;
        private boolean first;

        Peer(PublicKey key) {
            this.key = key;
            this.finder =
                    new PathFinder(
                            this,
                            shared.own(),
                            shared.forbidden(),
                            shared.timers(),
                            shared.turn(),
                            pace,
                            shared.random());
        }

        private byte[] bytes() {
            return key.bytes();
        }

        private @Nullable ProbeSeal seal() {
            ProbeSeal made = seal;
            if (made == null) {
                made = ProbeSeal.between(keys, key).orElse(null);
                seal = made;
            }
            return made;
        }

        void report() {
            int found = finder.datagramBytes();
            if (found != reportedBytes) {
                reportedBytes = found;
                outlet.carries(key, found);
            }
        }

        @Override
        public void send(Probe probe, InetSocketAddress to) {
            ProbeSeal made = seal();
            if (made == null) {
                return;
            }
            byte[] datagram = made.seal(probe, shared.random());
            if (probe instanceof Probe.Ping ping && ping.lengthBytes() > Probe.PONG_LENGTH) {
                outlet.transmitWhole(datagram, to);
            } else {
                outlet.transmit(datagram, to);
            }
        }

        @Override
        public void open(Probe probe, InetSocketAddress to) {
            ProbeSeal made = seal();
            if (made != null) {
                outlet.transmitNear(made.seal(probe, shared.random()), to);
            }
        }

        @Override
        public Optional<Fan> fan(Probe probe, List<InetSocketAddress> to, int ports) {
            ProbeSeal made = seal();
            return made == null
                    ? Optional.empty()
                    : outlet.fan(made.seal(probe, shared.random()), to, ports);
        }
    }
}
