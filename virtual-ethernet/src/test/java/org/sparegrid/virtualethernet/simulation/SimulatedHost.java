// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.crypto.PacketCiphers;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.path.BurstTurn;
import org.sparegrid.virtualethernet.path.Fan;
import org.sparegrid.virtualethernet.path.MappingCheck;
import org.sparegrid.virtualethernet.path.NetworkPaths;
import org.sparegrid.virtualethernet.path.OwnAddresses;
import org.sparegrid.virtualethernet.path.PathStatus;
import org.sparegrid.virtualethernet.path.PathTimers;
import org.sparegrid.virtualethernet.path.PunchedAddress;
import org.sparegrid.virtualethernet.probe.ProbeSeal;
import org.sparegrid.virtualethernet.relay.RelayAddress;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.relay.RelayTable;
import org.sparegrid.virtualethernet.relay.StreamAddress;
import org.sparegrid.virtualethernet.session.DatagramRoom;
import org.sparegrid.virtualethernet.session.IndexTable;
import org.sparegrid.virtualethernet.session.LoadMeter;
import org.sparegrid.virtualethernet.session.Outlet;
import org.sparegrid.virtualethernet.session.PeerSpec;
import org.sparegrid.virtualethernet.session.SingleRoom;
import org.sparegrid.virtualethernet.session.Timers;
import org.sparegrid.virtualethernet.session.TimestampSource;
import org.sparegrid.virtualethernet.session.WireGuardIdentity;
import org.sparegrid.virtualethernet.stun.StunMessage;
import org.sparegrid.virtualethernet.wire.TransportData;
import org.sparegrid.virtualethernet.wire.WireFormatException;
import org.sparegrid.virtualethernet.wire.WireGuardMessage;

/// One machine: the real paths and the real WireGuard, on the simulated Internet.
final class SimulatedHost implements Outlet, NetworkPaths.Outlet {
    private static final long TICK_NANOS = 50 * SimulatedNetwork.MILLI;

    final KeyPair keys;
    final @Nullable SimulatedNat nat;
    final NetworkPaths paths;
    final OwnAddresses own = new OwnAddresses();
    final Map<PublicKey, TreeMap<Long, Long>> arrivals = new HashMap<>();
    final Map<PublicKey, Long> directNanos = new HashMap<>();
    final Set<InetSocketAddress> pinged = new HashSet<>();
    final Map<PublicKey, Integer> carried = new HashMap<>();
    int stray;
    long relayedData;
    long sentDatagrams;
    final TrafficTally tally = new TrafficTally();

    /// How often it sees the time pass.
    long tickNanos = TICK_NANOS;

    /// Whether the system knows a way for datagrams at all.
    boolean hasUdp = true;

    /// How long it takes to open further ports.
    long fanTakesNanos;

    private static final long FAN_LASTS_NANOS = 6 * SimulatedNetwork.SECOND;
    private final SimulatedNetwork network;
    private final RelayTable relays = new RelayTable();
    final BurstTurn turn = new BurstTurn();
    private final MappingCheck mapping;
    private final List<SimulatedDoor> doors = new ArrayList<>();
    private final IndexTable indices;
    private final WireGuardIdentity identity;
    private @Nullable SimulatedRelay relay;
    private InetSocketAddress address;
    private List<InetSocketAddress> announced = List.of();

    SimulatedHost(SimulatedNetwork network, @Nullable SimulatedNat nat, InetSocketAddress address) {
        this.network = network;
        this.nat = nat;
        this.address = address;
        byte[] secret = new byte[32];
        network.random.nextBytes(secret);
        keys = KeyPair.of(PrivateKey.of(secret));
        indices = new IndexTable(network.random);
        own.local(List.of(address));
        mapping = new MappingCheck(own, network.random);
        paths =
                new NetworkPaths(
                        keys,
                        new NetworkPaths.Shared(
                                own,
                                mapping,
                                turn,
                                relays,
                                _ -> stream(),
                                PathTimers.STANDARD,
                                network.random,
                                _ -> false),
                        this);
        identity =
                new WireGuardIdentity(
                        keys,
                        new WireGuardIdentity.Shared(
                                indices,
                                new LoadMeter(200),
                                new TimestampSource(Instant.EPOCH),
                                Timers.STANDARD,
                                network.random,
                                PacketCiphers.best(),
                                false),
                        this,
                        paths::path);
        network.listen(nat, address, this::receive);
        network.at(network.random.nextLong(TICK_NANOS), this::tick);
    }

    /// The addresses that the network map names for this host.
    void announce(List<InetSocketAddress> endpoints) {
        announced = List.copyOf(endpoints);
    }

    /// Gives the host its network map.
    void join(List<SimulatedHost> members, List<RelaySpec> specs) {
        List<PeerSpec> peers = new ArrayList<>();
        for (SimulatedHost member : members) {
            if (member != this) {
                peers.add(
                        new PeerSpec(
                                member.keys.publicKey(),
                                PresharedKey.NONE,
                                Duration.ZERO,
                                member.announced));
            }
        }
        paths.update(peers.stream().map(PeerSpec::key).collect(Collectors.toSet()), specs);
        identity.setPeers(peers, network.now());
    }

    InetSocketAddress address() {
        return address;
    }

    /// Moves the host to another address of the same place, as a laptop does.
    void move(InetSocketAddress to) {
        network.silence(nat, address);
        address = to;
        own.local(List.of(to));
        network.listen(nat, to, this::receive);
    }

    /// Sends a numbered packet.
    void say(SimulatedHost peer, long number) {
        byte[] packet = ByteBuffer.allocate(32).putLong(number).array();
        identity.send(peer.keys.publicKey(), packet, network.now());
    }

    /// Sends `count` packets, one every `everyNanos`.
    void talk(SimulatedHost peer, long first, int count, long everyNanos) {
        say(peer, first);
        if (count > 1) {
            network.at(everyNanos, () -> talk(peer, first + 1, count - 1, everyNanos));
        }
    }

    /// When packets of `peer` came first, by number.
    TreeMap<Long, Long> heard(SimulatedHost peer) {
        return arrivals.computeIfAbsent(peer.keys.publicKey(), _ -> new TreeMap<>());
    }

    PathStatus.Kind kind(SimulatedHost peer) {
        return status(peer).kind();
    }

    PathStatus status(SimulatedHost peer) {
        return paths.status(peer.keys.publicKey()).orElseThrow();
    }

    @Override
    public void transmit(byte[] datagram, InetSocketAddress to) {
        transmit(datagram, to, false);
    }

    private void transmit(byte[] datagram, InetSocketAddress to, boolean whole) {
        sentDatagrams++;
        if (ProbeSeal.isProbe(datagram)) {
            pinged.add(to);
        }
        SimulatedRelay far = relay;
        if (StreamAddress.is(to) && far != null) {
            far.receiveStream(this, datagram);
        } else if (RelayAddress.is(to)) {
            RelayAddress way = RelayAddress.of(to);
            relayedData += datagram[0] == 4 ? datagram.length : 0;
            relays.relay(way.relay())
                    .ifPresent(next -> {
                        byte[] packet =
                                new RelayMessage.Packet(way.session(), whole, datagram).toBytes();
                        if (StreamAddress.is(next) && far != null) {
                            far.receiveStream(this, packet);
                        } else {
                            put(packet, next, SimulatedNetwork.HOPS_ANY);
                        }
                    });
        } else if (PunchedAddress.is(to)) {
            doors.get((int) PunchedAddress.number(to)).send(datagram);
        } else {
            put(datagram, to, SimulatedNetwork.HOPS_ANY);
        }
    }

    private void put(byte[] datagram, InetSocketAddress to, int hops) {
        tally.sent(datagram);
        network.send(nat, datagram, address, to, hops);
    }

    /// Lets the host reach the relay over a stream as well.
    void stream(SimulatedRelay relay) {
        this.relay = relay;
    }

    private Optional<InetSocketAddress> stream() {
        return relay == null ? Optional.empty() : Optional.of(StreamAddress.of(0));
    }

    /// Takes what came over the stream.
    void receiveStream(byte[] datagram) {
        receive(datagram, StreamAddress.of(0));
    }

    @Override
    public boolean ask(byte[] datagram, InetSocketAddress relay) {
        transmit(datagram, relay);
        return hasUdp || StreamAddress.is(relay);
    }

    @Override
    public void transmitWhole(byte[] datagram, InetSocketAddress to) {
        transmit(datagram, to, true);
    }

    @Override
    public void carries(PublicKey peer, int datagramBytes) {
        carried.put(peer, datagramBytes);
    }

    @Override
    public void transmitNear(byte[] datagram, InetSocketAddress to) {
        sentDatagrams++;
        put(datagram, to, SimulatedNetwork.HOPS_NEAR);
    }

    @Override
    public Optional<Fan> fan(byte[] datagram, List<InetSocketAddress> targets, int ports) {
        sentDatagrams += (long) ports * targets.size();
        List<SimulatedDoor> opened = new ArrayList<>();
        for (int i = 0; i < ports; i++) {
            InetSocketAddress self = new InetSocketAddress(address.getAddress(), 20_000 + i);
            InetSocketAddress alias = PunchedAddress.of(doors.size());
            var door = new SimulatedDoor(network, nat, self, received -> receive(received, alias));
            doors.add(door);
            network.at(
                    fanTakesNanos,
                    () -> {
                        opened.add(door);
                        door.open();
                        targets.forEach(target ->
                                network.send(
                                        nat, datagram, self, target, SimulatedNetwork.HOPS_NEAR));
                    });
        }
        network.at(fanTakesNanos + FAN_LASTS_NANOS, () -> opened.forEach(SimulatedDoor::close));
        return Optional.of(
                new Fan() {
                    @Override
                    public boolean isOpen() {
                        return opened.size() == ports;
                    }

                    @Override
                    public void close() {
                        opened.forEach(SimulatedDoor::close);
                    }
                });
    }

    @Override
    public void reachable(PublicKey peer) {
        identity.hurry(peer, network.now());
    }

    @Override
    public void alive(PublicKey peer) {
        identity.alive(peer, network.now());
    }

    @Override
    public DatagramRoom room() {
        return new SingleRoom(this::transmit);
    }

    @Override
    public void deliver(PublicKey peer, byte[] bytes, int offset, int length) {
        arrivals.computeIfAbsent(peer, _ -> new TreeMap<>())
                .putIfAbsent(ByteBuffer.wrap(bytes, offset, length).getLong(), network.now());
    }

    @Override
    public void deliverFast(PublicKey peer, byte[] bytes, int offset, int length) {
        throw new AssertionError("the simulation sends packets only");
    }

    @Override
    public void dropped(DropReason reason) {}

    /// Takes what somebody has sent whose address seems to be `from`.
    void receiveAs(byte[] datagram, InetSocketAddress from) {
        receive(datagram, from);
    }

    private void receive(byte[] datagram, InetSocketAddress from) {
        try {
            if (StunMessage.isStun(datagram)) {
                mapping.take(StunMessage.parse(datagram), from, network.now())
                        .ifPresent(next -> transmit(next.datagram(), next.to()));
            } else if (!RelayMessage.isRelay(datagram)) {
                receivePeer(datagram, from);
            } else if (RelayMessage.parse(datagram)
                    instanceof RelayMessage.Packet(int session, _, byte[] packet)) {
                var origin = relays.origin(from, session);
                if (origin.isPresent()) {
                    receivePeer(packet, origin.get());
                }
            } else {
                paths.receiveRelay(RelayMessage.parse(datagram), from, network.now());
            }
        } catch (WireFormatException malformed) {
            throw new AssertionError("our own message is malformed", malformed);
        }
    }

    private void receivePeer(byte[] datagram, InetSocketAddress from) throws WireFormatException {
        if (ProbeSeal.isProbe(datagram)) {
            if (paths.isAddressedBy(datagram)) {
                paths.receiveProbe(datagram, from, network.now());
            }
            return;
        }
        WireGuardMessage message = WireGuardMessage.parse(datagram);
        if (message instanceof TransportData data
                && indices.owner(data.receiverIndex()).isEmpty()) {
            stray++;
        }
        identity.receive(message, from, network.now());
    }

    private void tick() {
        paths.tick(network.now());
        identity.tick(network.now());
        for (PublicKey peer : arrivals.keySet()) {
            boolean direct =
                    paths.status(peer)
                            .filter(status -> status.kind() == PathStatus.Kind.DIRECT)
                            .isPresent();
            if (direct) {
                directNanos.putIfAbsent(peer, network.now());
            }
        }
        network.at(tickNanos, this::tick);
    }
}
