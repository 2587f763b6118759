// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.meter.RelayCounters;
import org.sparegrid.virtualethernet.meter.TrafficCounters;
import org.sparegrid.virtualethernet.network.BridgeState;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.path.NetworkPaths;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.session.DatagramRoom;
import org.sparegrid.virtualethernet.session.Outlet;
import org.sparegrid.virtualethernet.session.PeerSpec;
import org.sparegrid.virtualethernet.session.WireGuardIdentity;
import org.sparegrid.virtualethernet.switching.NetworkSwitch;
import org.sparegrid.virtualethernet.switching.SwitchOutlet;
import org.sparegrid.virtualethernet.wire.FastFrame;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.Vxlan;
import org.sparegrid.virtualethernet.wire.WireFormatException;
import org.sparegrid.virtualethernet.wire.WireGuardMessage;

/// Joins a port, a switch and a WireGuard identity. One lock guards all three; the port is closed
/// and configured without it, because its threads may be waiting for it. What is to be sent is made
/// under the lock and, where many packets pass, sent after it.
final class NetworkAttachment implements Attachment {
    private final VirtualEthernet ethernet;
    private final Line line;
    private final AttachmentSpec spec;
    private final FramePort port;
    private final SteadyClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Meter meter = new Meter();
    private final Intake intake = new Intake(meter);
    private final NetworkPaths paths;
    private final WireGuardIdentity identity;
    private final NetworkSwitch network;
    private final Echoes echoes;
    private final MemberRelays memberRelays;
    private final UpstreamNames names = new UpstreamNames();
    private final Carried carried = new Carried();
    private final Encapsulation encapsulation = new Encapsulation();

    /// Of the thread of the port, of the thread of the UDP port, and of whoever holds the lock.
    private final Burst portBurst;

    private final Burst networkBurst;
    private final Burst otherBurst;

    /// The one that belongs to the thread that holds the lock.
    private Burst burst;

    private volatile @Nullable Members members;

    /// What the owner of the attachment says of the network, and what of it counts.
    private @Nullable NetworkMap whole;

    private volatile @Nullable NetworkMap map;
    private Admission admission = new Admission.Everybody();
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
        this.line = new Line(ethernet);
        this.spec = spec;
        this.port = port;
        this.clock = clock;
        this.paths =
                new NetworkPaths(
                        spec.keyPair(),
                        sharedPaths,
                        new Ways(line, clock, this::identity, carried));
        this.identity =
                new WireGuardIdentity(
                        spec.keyPair(), shared, spec.offer(), new Tunnels(), paths::path);
        this.network = new NetworkSwitch(spec.offer(), meter, new Deliveries());
        this.echoes = new Echoes(clock::nowNanos);
        this.memberRelays =
                new MemberRelays(
                        spec, () -> Optional.ofNullable(map), paths, clock, ethernet.relay());
        this.portBurst = line.newBurst(meter);
        this.networkBurst = line.newBurst(meter);
        this.otherBurst = line.newBurst(meter);
        this.burst = otherBurst;
    }

    WireGuardIdentity identity() {
        return identity;
    }

    /// Whoever hands over a datagram shows it there first.
    Line line() {
        return line;
    }

    MemberRelays memberRelays() {
        return memberRelays;
    }

    void start() throws IOException {
        port.start(new FromPort());
    }

    @Override
    public PublicKey publicKey() {
        return spec.keyPair().publicKey();
    }

    @Override
    public void admit(Map<PublicKey, PresharedKey> only) {
        whileOpen(() -> {
            admission = new Admission.Only(only);
            if (whole != null) {
                use(whole);
            }
        });
    }

    private void use(NetworkMap all) {
        NetworkMap changed = admission.visible(all, publicKey());
        Optional<Member> self = changed.member(publicKey());
        map = changed;
        members = self.map(me -> new Members(changed, me)).orElse(null);
        network.update(changed, publicKey());
        paths.want(carried.want(changed.mtu()));
        List<PeerSpec> peers = admission.peers(changed, spec);
        memberRelays.use(
                peers.stream().map(PeerSpec::key).collect(Collectors.toSet()),
                self.isEmpty() ? List.of() : changed.relays());
        identity.setPeers(peers, clock.nowNanos());
    }

    @Override
    public void update(NetworkMap changed) throws IOException {
        Optional<Member> self = changed.member(publicKey());
        lock.lock();
        try {
            NetworkMap known = whole;
            if (closed || (known != null && known.version() >= changed.version())) {
                return;
            }
            whole = changed;
            use(changed);
        } finally {
            leave();
        }
        if (self.isPresent()) {
            port.configure(PortAddress.of(self.get(), changed));
        }
    }

    @Override
    public TrafficCounters counters() {
        return locked(() -> meter.counters(paths::isDirect));
    }

    @Override
    public List<PeerStatus> peers() {
        NetworkMap known = map;
        if (known == null) {
            return List.of();
        }
        return locked(() -> Admission.others(known, publicKey()).map(this::status).toList());
    }

    @Override
    public Optional<Instant> addressAssignedAt() {
        return Optional.ofNullable(assignedAt);
    }

    @Override
    public Optional<RelayCounters> relayed() {
        return memberRelays.counters();
    }

    @Override
    public BridgeState bridgeState() {
        return locked(() -> network.bridgeState(clock.nowNanos()));
    }

    @Override
    public List<LanLease> leases() {
        return locked(() -> network.leases(clock.nowNanos()));
    }

    @Override
    public void restore(List<LanLease> leases) {
        whileOpen(() -> network.restore(leases, clock.nowNanos()));
    }

    @Override
    public Optional<Duration> ping(String member, Duration timeout) throws InterruptedException {
        return echoes.ask(
                Echoes.address(map, publicKey(), member),
                timeout,
                label -> whileOpen(() -> network.sendEcho(member, label)));
    }

    @Override
    public Capture captureSealed() {
        return line.tap().capture();
    }

    @Override
    public void limitProcessors(double ofOneProcessor) {
        port.limitProcessors(ofOneProcessor);
        intake.limit(ofOneProcessor);
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
        line.tap().close();
        port.close();
    }

    /// Takes a datagram that is addressed to this attachment.
    void receive(WireGuardMessage message, InetSocketAddress from) {
        whileOpen(() -> identity.receive(message, from, clock.nowNanos()));
    }

    /// Takes sealed data that is addressed to this attachment: datagrams of `segmentBytes` that
    /// fill `length` bytes at `offset`, the last one maybe shorter. Only on the thread of the UDP
    /// port.
    void receiveData(
            byte[] datagrams, int offset, int length, int segmentBytes, InetSocketAddress from) {
        long now = clock.nowNanos();
        if (!intake.begin((length + segmentBytes - 1) / segmentBytes, now)) {
            return;
        }
        lock.lock();
        burst = networkBurst;
        try {
            for (int at = 0; at < length && !closed; at += segmentBytes) {
                int size = Math.min(segmentBytes, length - at);
                identity.receiveData(datagrams, offset + at, size, from, now);
            }
        } finally {
            burst = otherBurst;
            lock.unlock();
        }
        networkBurst.flush();
        port.flush();
        intake.end(now);
    }

    /// Takes one datagram of sealed data, on any thread.
    void receiveData(byte[] datagram, InetSocketAddress from) {
        int length = datagram.length;
        long now = clock.nowNanos();
        if (intake.takesOther(now)) {
            whileOpen(() -> identity.receiveData(datagram, 0, length, from, now));
        }
    }

    void tick() {
        whileOpen(() -> {
            paths.tick(clock.nowNanos());
            identity.tick(clock.nowNanos());
            network.tick(clock.nowNanos());
            memberRelays.tick();
            meter.look(paths::isDirect, clock.nowNanos());
        });
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /// Does something under the lock, unless the attachment is closed.
    private void whileOpen(Runnable work) {
        lock.lock();
        try {
            if (!closed) {
                work.run();
            }
        } finally {
            leave();
        }
    }

    /// Sends what was made under the lock and gives it back.
    private void leave() {
        try {
            otherBurst.flush();
        } finally {
            lock.unlock();
        }
        port.flush();
    }

    /// Takes a probe that is addressed to this attachment.
    void receiveProbe(byte[] datagram, InetSocketAddress from) {
        whileOpen(() -> {
            if (!paths.receiveProbe(datagram, from, clock.nowNanos())) {
                meter.dropped(DropReason.BAD_PACKET);
            }
        });
    }

    /// Takes control from a relay, which may be for another attachment of the same port.
    void receiveRelay(RelayMessage message, InetSocketAddress from) {
        whileOpen(() -> paths.receiveRelay(message, from, clock.nowNanos()));
    }

    boolean isAddressedBy(byte[] probe) {
        return locked(() -> paths.isAddressedBy(probe));
    }

    boolean isAddressedBy(HandshakeInitiation initiation) {
        return identity.isAddressedBy(initiation);
    }

    boolean isOverlay(InetAddress address) {
        NetworkMap known = map;
        return known != null && known.hasInside(address);
    }

    /// What the local machine sends.
    private final class FromPort implements FramePort.Sink {
        @Override
        public void accept(ByteBuffer frame) {
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            whileOpen(() -> network.fromPort(bytes, clock.nowNanos()));
        }

        @Override
        public void add(SuperFrame frame) {
            lock.lock();
            burst = portBurst;
            try {
                if (!closed) {
                    network.fromPort(frame, clock.nowNanos());
                }
            } finally {
                burst = otherBurst;
                lock.unlock();
            }
        }

        @Override
        public void flush() {
            portBurst.flush();
            port.flush();
        }
    }

    private PeerStatus status(Member member) {
        return PeerStatus.of(member, paths, ethernet::physical, identity, meter, clock);
    }

    /// What the WireGuard identity decides.
    private final class Tunnels implements Outlet {
        @Override
        public void transmit(byte[] datagram, InetSocketAddress to) {
            if (!line.send(datagram, to)) {
                meter.dropped(DropReason.PORT_FULL);
            }
        }

        @Override
        public DatagramRoom room() {
            return burst;
        }

        @Override
        public void deliver(PublicKey peer, byte[] bytes, int offset, int length) {
            Members known = members;
            if (known == null || !known.has(peer)) {
                meter.dropped(DropReason.NO_MAP);
                return;
            }
            Optional<Vxlan> inner = known.open(peer, bytes, offset, length);
            if (inner.isEmpty()) {
                meter.dropped(DropReason.BAD_ENCAPSULATION);
                return;
            }
            int start = inner.get().frameOffset();
            int size = inner.get().frameLength();
            network.fromPeer(peer, bytes, start, size, 0, 0, clock.nowNanos());
        }

        @Override
        public void deliverFast(PublicKey peer, byte[] bytes, int offset, int length) {
            try {
                int start = FastFrame.checksumStart(bytes, offset, length);
                int field = start == 0 ? 0 : FastFrame.checksumField(bytes, offset);
                int at = offset + FastFrame.HINT_LENGTH;
                int size = length - FastFrame.HINT_LENGTH;
                network.fromPeer(peer, bytes, at, size, start, field, clock.nowNanos());
            } catch (WireFormatException malformed) {
                meter.dropped(DropReason.BAD_ENCAPSULATION);
            }
        }

        @Override
        public void offered(PublicKey peer, GatewayOffer offer) {
            network.offered(peer, offer, clock.nowNanos());
            memberRelays.offered(peer, offer);
        }

        @Override
        public void dropped(DropReason reason) {
            meter.dropped(reason);
        }
    }

    /// What the switch decides.
    private final class Deliveries implements SwitchOutlet {
        @Override
        public boolean toPort(SuperFrame frame) {
            return port.add(frame);
        }

        @Override
        public void toPeer(Member peer, SuperFrame frame) {
            Members known = members;
            if (known != null) {
                identity.send(
                        peer.publicKey(),
                        encapsulation.set(frame, known.vtep(), Ipv4.bits(peer.vtep()), known.vni()),
                        clock.nowNanos());
            }
        }

        @Override
        public int mtu(Member peer) {
            return carried.mtu(peer.publicKey(), identity.sendsFast(peer.publicKey()));
        }

        @Override
        public void nameAsked(Member peer, int address, int port, byte[] question) {
            PublicKey key = peer.publicKey();
            names.ask(
                    question,
                    answer -> whileOpen(() -> network.answerName(key, address, port, answer)));
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
