// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.meter.TrafficCounters;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.path.NetworkPaths;
import org.sparegrid.virtualethernet.path.PathStatus;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.session.Outlet;
import org.sparegrid.virtualethernet.session.PeerSpec;
import org.sparegrid.virtualethernet.session.PeerState;
import org.sparegrid.virtualethernet.session.WireGuardIdentity;
import org.sparegrid.virtualethernet.switching.NetworkSwitch;
import org.sparegrid.virtualethernet.switching.SwitchOutlet;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.Vxlan;
import org.sparegrid.virtualethernet.wire.WireFormatException;
import org.sparegrid.virtualethernet.wire.WireGuardMessage;

/// Joins a port, a switch and a WireGuard identity. One lock guards all three; the port is closed
/// and configured without it, because its threads may be waiting for it.
final class NetworkAttachment implements Attachment {
    private final VirtualEthernet ethernet;
    private final AttachmentSpec spec;
    private final FramePort port;
    private final SteadyClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Meter meter = new Meter();
    private final NetworkPaths paths;
    private final WireGuardIdentity identity;
    private final NetworkSwitch network;
    private final Echoes echoes;
    private volatile @Nullable NetworkMap map;
    private volatile @Nullable Instant assignedAt;
    private boolean closed;

    NetworkAttachment(
            VirtualEthernet ethernet,
            AttachmentSpec spec,
            FramePort port,
            WireGuardIdentity.Shared shared,
            NetworkPaths.Shared sharedPaths,
            SteadyClock clock) {
        this.ethernet = ethernet;
        this.spec = spec;
        this.port = port;
        this.clock = clock;
        this.paths = new NetworkPaths(spec.keyPair(), sharedPaths, new Ways());
        this.identity = new WireGuardIdentity(spec.keyPair(), shared, new Tunnels(), paths::path);
        this.network =
                new NetworkSwitch(spec.role() == AttachmentSpec.Role.HOST, meter, new Deliveries());
        this.echoes = new Echoes(clock::nowNanos);
    }

    WireGuardIdentity identity() {
        return identity;
    }

    void start() throws IOException {
        port.start(this::fromPort);
    }

    @Override
    public PublicKey publicKey() {
        return spec.keyPair().publicKey();
    }

    @Override
    public void update(NetworkMap changed) throws IOException {
        Optional<Member> self = changed.member(publicKey());
        lock.lock();
        try {
            NetworkMap known = map;
            if (closed || (known != null && known.version() >= changed.version())) {
                return;
            }
            map = changed;
            network.update(changed, publicKey());
            List<PeerSpec> peers =
                    self.isEmpty() ? List.of() : peers(changed).map(this::peerSpec).toList();
            paths.update(
                    peers.stream().map(PeerSpec::key).collect(Collectors.toSet()),
                    self.isEmpty() ? List.of() : changed.relays());
            identity.setPeers(peers, clock.nowNanos());
        } finally {
            lock.unlock();
        }
        if (self.isPresent()) {
            Member me = self.get();
            port.configure(
                    new PortAddress(me.mac(), me.address(), changed.subnet(), changed.mtu()));
        }
    }

    @Override
    public TrafficCounters counters() {
        return meter.counters();
    }

    @Override
    public List<PeerStatus> peers() {
        NetworkMap known = map;
        if (known == null) {
            return List.of();
        }
        lock.lock();
        try {
            return peers(known).map(this::status).toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Instant> addressAssignedAt() {
        return Optional.ofNullable(assignedAt);
    }

    @Override
    public Optional<Duration> ping(String member, Duration timeout) throws InterruptedException {
        NetworkMap known = map;
        Member target =
                Optional.ofNullable(known)
                        .flatMap(m -> m.member(member))
                        .filter(m -> !m.publicKey().equals(publicKey()))
                        .orElseThrow(() ->
                                new IllegalArgumentException("ping: no other member " + member));
        return echoes.ask(
                Ipv4.bits(target.address()),
                timeout,
                label -> {
                    lock.lock();
                    try {
                        network.sendEcho(member, label);
                    } finally {
                        lock.unlock();
                    }
                });
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            identity.close();
        } finally {
            lock.unlock();
        }
        ethernet.forget(this);
        port.close();
    }

    /// Takes a datagram that is addressed to this attachment.
    void receive(WireGuardMessage message, InetSocketAddress from) {
        lock.lock();
        try {
            if (!closed) {
                identity.receive(message, from, clock.nowNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    void tick() {
        lock.lock();
        try {
            if (!closed) {
                paths.tick(clock.nowNanos());
                identity.tick(clock.nowNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    /// Takes a probe that is addressed to this attachment.
    void receiveProbe(byte[] datagram, InetSocketAddress from) {
        lock.lock();
        try {
            if (!closed && !paths.receiveProbe(datagram, from, clock.nowNanos())) {
                meter.dropped(DropReason.BAD_PACKET);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Takes control from a relay, which may be for another attachment of the same port.
    void receiveRelay(RelayMessage message, InetSocketAddress from) {
        lock.lock();
        try {
            if (!closed) {
                paths.receiveRelay(message, from, clock.nowNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isAddressedBy(byte[] probe) {
        lock.lock();
        try {
            return paths.isAddressedBy(probe);
        } finally {
            lock.unlock();
        }
    }

    boolean isAddressedBy(HandshakeInitiation initiation) {
        return identity.isAddressedBy(initiation);
    }

    boolean isOverlay(InetAddress address) {
        NetworkMap known = map;
        return known != null
                && address instanceof Inet4Address version4
                && (known.subnet().contains(version4)
                        || known.members().stream().anyMatch(m -> m.vtep().equals(version4)));
    }

    private void fromPort(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        lock.lock();
        try {
            if (!closed) {
                network.fromPort(bytes, clock.nowNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    private Stream<Member> peers(NetworkMap known) {
        return known.members().stream().filter(m -> !m.publicKey().equals(publicKey()));
    }

    private PeerSpec peerSpec(Member member) {
        return new PeerSpec(
                member.publicKey(),
                spec.presharedKey(),
                spec.persistentKeepalive(),
                member.endpoints());
    }

    private PeerStatus status(Member member) {
        Optional<PeerState> state = identity.state(member.publicKey());
        Optional<PathStatus> path = paths.status(member.publicKey());
        Optional<Long> probed = path.map(PathStatus::roundTripNanos).filter(nanos -> nanos >= 0);
        return new PeerStatus(
                member.name(),
                path.flatMap(PathStatus::endpoint).flatMap(ethernet::physical),
                path.filter(each -> each.kind() == PathStatus.Kind.RELAYED).isPresent(),
                path.map(PathStatus::why).orElse(""),
                state.flatMap(PeerState::handshakeNanos).map(clock.start()::plusNanos),
                probed.or(() -> state.flatMap(PeerState::roundTripNanos)).map(Duration::ofNanos),
                state.map(PeerState::receivedBytes).orElse(0L),
                state.map(PeerState::sentBytes).orElse(0L));
    }

    /// What the paths decide.
    private final class Ways implements NetworkPaths.Outlet {
        @Override
        public void transmit(byte[] datagram, InetSocketAddress to) {
            // A probe that the network refuses is as one that is lost.
            boolean _ = ethernet.send(datagram, to);
        }

        @Override
        public void transmitNear(byte[] datagram, InetSocketAddress to) {
            boolean _ = ethernet.sendNear(datagram, to);
        }

        @Override
        public void reachable(PublicKey peer) {
            identity.hurry(peer, clock.nowNanos());
        }
    }

    /// What the WireGuard identity decides.
    private final class Tunnels implements Outlet {
        @Override
        public void transmit(byte[] datagram, InetSocketAddress to) {
            if (!ethernet.send(datagram, to)) {
                meter.dropped(DropReason.PORT_FULL);
            }
        }

        @Override
        public void deliver(PublicKey peer, byte[] packet) {
            NetworkMap known = map;
            Member self = known == null ? null : known.member(publicKey()).orElse(null);
            Member sender = known == null ? null : known.member(peer).orElse(null);
            if (known == null || self == null || sender == null) {
                meter.dropped(DropReason.NO_MAP);
                return;
            }
            try {
                Vxlan inner = Vxlan.parse(packet);
                boolean right =
                        inner.source() == Ipv4.bits(sender.vtep())
                                && inner.destination() == Ipv4.bits(self.vtep())
                                && inner.vni() == known.vni();
                if (right) {
                    network.fromPeer(peer, inner.frame(), clock.nowNanos());
                } else {
                    meter.dropped(DropReason.BAD_ENCAPSULATION);
                }
            } catch (WireFormatException malformed) {
                meter.dropped(DropReason.BAD_ENCAPSULATION);
            }
        }

        @Override
        public void dropped(DropReason reason) {
            meter.dropped(reason);
        }
    }

    /// What the switch decides.
    private final class Deliveries implements SwitchOutlet {
        @Override
        public boolean toPort(EthernetFrame frame) {
            return port.send(ByteBuffer.wrap(frame.bytes()));
        }

        @Override
        public void toPeer(Member peer, EthernetFrame frame) {
            NetworkMap known = map;
            Member self = known == null ? null : known.member(publicKey()).orElse(null);
            if (known == null || self == null) {
                return;
            }
            byte[] packet =
                    new Vxlan(
                                    Ipv4.bits(self.vtep()),
                                    Ipv4.bits(peer.vtep()),
                                    known.vni(),
                                    frame.bytes())
                            .toBytes();
            identity.send(peer.publicKey(), packet, clock.nowNanos());
        }

        @Override
        public void addressAssigned() {
            if (assignedAt == null) {
                assignedAt = clock.start().plusNanos(clock.nowNanos());
            }
        }

        @Override
        public boolean echoAnswered(int source, int label) {
            return echoes.answered(source, label);
        }
    }
}
