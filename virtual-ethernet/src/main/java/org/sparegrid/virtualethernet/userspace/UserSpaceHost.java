// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.Checksums;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.IcmpFrames;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

/// A small host inside this process, for those who may not make network devices.
///
/// It speaks ARP, IPv4, ICMP echo and TCP as a client. Fragments, IP options, routers and ICMP
/// errors are not supported: on the shared Ethernet every machine is a neighbour.
public final class UserSpaceHost implements FramePort {
    /// Connections at one time, those included that wait for late segments.
    public static final int CONNECTIONS_MAX = 1024;

    /// Frames that wait for the host's thread; further ones are dropped, TCP sends them again.
    private static final int FRAMES_MAX = 1024;

    /// Frames handled before the answers go out, so that one acknowledgment serves several.
    private static final int BATCH_FRAMES = 32;

    /// Echo requests that wait for the host's thread.
    private static final int PINGS_MAX = 64;

    /// Headers of IPv4 and TCP.
    private static final int HEADERS_LENGTH = 40;

    /// The ports of RFC 6335, section 6, that belong to nobody.
    private static final int PORT_MIN = 49_152;

    private static final int PORT_COUNT = 16_384;

    /// Who talks to whom; this host's address is the same in all.
    private record Key(int peerAddress, int peerPort, int localPort) {}

    private record Ping(int target, int label, CompletableFuture<Long> answeredNanos) {}

    private final SecureRandom random = new SecureRandom();
    private final Queue<byte[]> frames = new ArrayBlockingQueue<>(FRAMES_MAX);
    private final Queue<HostConnection> ready = new ConcurrentLinkedQueue<>();
    private final Queue<Ping> pings = new ArrayBlockingQueue<>(PINGS_MAX);
    private final ConcurrentHashMap<Integer, Ping> pinging = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Key, HostConnection> connections = new ConcurrentHashMap<>();
    private final LongAdder malformedFrames = new LongAdder();
    private volatile @Nullable PortAddress address;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    /// A host without an address; its attachment gives it one.
    public UserSpaceHost() {}

    /// Connects to a machine of the network and waits until it answers.
    ///
    /// @throws java.net.ConnectException if the machine refuses
    /// @throws java.net.SocketTimeoutException if nothing answers within `timeout`
    /// @throws IOException if the host has no address yet, or is closed
    public TcpConnection connect(InetSocketAddress peer, Duration timeout) throws IOException {
        PortAddress own = usableAddress();
        if (!(peer.getAddress() instanceof Inet4Address target) || !own.subnet().contains(target)) {
            throw new NoRouteToHostException(
                    "connect to " + peer + ": expected an address in " + own.subnet());
        }
        HostConnection connection = open(Ipv4.bits(target), peer.getPort(), own.mtu());
        wake(connection);
        connection.awaitOpen(peer.toString(), timeout);
        return connection;
    }

    private synchronized HostConnection open(int target, int port, int mtu) throws IOException {
        if (closed) {
            throw new SocketException("host: closed");
        }
        if (connections.size() >= CONNECTIONS_MAX) {
            connections.values().removeIf(HostConnection::isLingering);
        }
        if (connections.size() >= CONNECTIONS_MAX) {
            throw new ConnectException(
                    "host: expected at most " + CONNECTIONS_MAX + " connections");
        }
        int first = random.nextInt(PORT_COUNT);
        for (int i = 0; i < PORT_COUNT; i++) {
            int local = PORT_MIN + (first + i) % PORT_COUNT;
            Key key = new Key(target, port, local);
            if (!connections.containsKey(key)) {
                HostConnection connection =
                        new HostConnection(
                                TcpMachine.connecting(
                                        local, port, mtu - HEADERS_LENGTH, random.nextInt()),
                                target,
                                this::wake);
                connections.put(key, connection);
                return connection;
            }
        }
        throw new ConnectException("host: no free port");
    }

    /// Asks a machine of the network for an ICMP echo.
    ///
    /// @return the round trip, or empty if no answer came within `timeout`
    /// @throws IOException if the host has no address yet, or is closed
    public Optional<Duration> ping(Inet4Address target, Duration timeout)
            throws IOException, InterruptedException {
        if (!usableAddress().subnet().contains(target)) {
            throw new NoRouteToHostException("ping: no route to " + target.getHostAddress());
        }
        Ping ping = new Ping(Ipv4.bits(target), random.nextInt(), new CompletableFuture<>());
        pinging.put(ping.label, ping);
        try {
            long sentNanos = System.nanoTime();
            if (!pings.offer(ping)) {
                return Optional.empty();
            }
            LockSupport.unpark(thread);
            long answered = ping.answeredNanos.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return Optional.of(Duration.ofNanos(answered - sentNanos));
        } catch (TimeoutException silence) {
            return Optional.empty();
        } catch (ExecutionException never) {
            throw new IllegalStateException(never);
        } finally {
            pinging.remove(ping.label);
        }
    }

    /// Frames dropped since they contradicted themselves or had wrong checksums.
    public long malformedFrames() {
        return malformedFrames.sum();
    }

    private PortAddress usableAddress() throws IOException {
        PortAddress own = address;
        if (closed || own == null || thread == null) {
            throw new SocketException(closed ? "host: closed" : "host: no address yet");
        }
        return own;
    }

    @Override
    public void start(Sink sink) {
        thread = Thread.ofVirtual().name("sparegrid-userspace-host").start(() -> run(sink));
    }

    /// Gives the host its address. Connections of another address are reset.
    @Override
    public void configure(PortAddress address) {
        this.address = address;
        LockSupport.unpark(thread);
    }

    @Override
    public boolean send(ByteBuffer frame) {
        if (closed || frame.remaining() > EthernetFrame.LENGTH_MAX) {
            return false;
        }
        byte[] copy = new byte[frame.remaining()];
        frame.get(frame.position(), copy);
        boolean taken = frames.offer(copy);
        LockSupport.unpark(thread);
        return taken;
    }

    /// Resets all connections and stops the host's thread.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        Thread running = thread;
        LockSupport.unpark(running);
        if (running == null || running.equals(Thread.currentThread())) {
            return;
        }
        try {
            running.join();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    /// Has the host's thread look after a connection.
    private void wake(HostConnection connection) {
        if (connection.enqueue()) {
            ready.add(connection);
        }
        LockSupport.unpark(thread);
    }

    private void run(Sink sink) {
        LinkLayer link = null;
        while (!closed) {
            PortAddress own = address;
            if (own == null) {
                LockSupport.park(this);
                continue;
            }
            if (link == null || !link.own().equals(own)) {
                if (link != null && !link.own().address().equals(own.address())) {
                    abortAll(link);
                }
                link = new LinkLayer(sink, own);
            }
            work(link);
            pause();
        }
        if (link != null) {
            abortAll(link);
        }
        connections.values().forEach(HostConnection::abort);
        connections.clear();
    }

    private void abortAll(LinkLayer link) {
        for (HostConnection connection : connections.values()) {
            connection.abort();
            flush(link, connection, System.nanoTime());
        }
    }

    private void work(LinkLayer link) {
        long nowNanos = System.nanoTime();
        SequencedSet<HostConnection> touched = new LinkedHashSet<>();
        Queue<byte[]> batch = new ArrayDeque<>(BATCH_FRAMES);
        for (byte[] next = frames.poll(); next != null; next = frames.poll()) {
            batch.add(next);
            if (batch.size() == BATCH_FRAMES) {
                break;
            }
        }
        for (byte[] frame : batch) {
            try {
                receive(link, EthernetFrame.parse(frame), touched, nowNanos);
            } catch (FrameFormatException malformed) {
                malformedFrames.increment();
            }
        }
        for (HostConnection waiting = ready.poll(); waiting != null; waiting = ready.poll()) {
            waiting.dequeued();
            touched.add(waiting);
        }
        for (HostConnection connection : connections.values()) {
            if (connection.deadlineNanos() <= nowNanos || connection.isEnded()) {
                touched.add(connection);
            }
        }
        touched.forEach(connection -> flush(link, connection, nowNanos));
        for (Ping ping = pings.poll(); ping != null; ping = pings.poll()) {
            sendPing(link, ping, nowNanos);
        }
    }

    private void pause() {
        if (!frames.isEmpty() || !ready.isEmpty() || !pings.isEmpty()) {
            return;
        }
        long deadline = TcpMachine.NEVER;
        for (HostConnection connection : connections.values()) {
            deadline = Math.min(deadline, connection.deadlineNanos());
        }
        if (deadline == TcpMachine.NEVER) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, Math.max(0, deadline - System.nanoTime()));
        }
    }

    private void flush(LinkLayer link, HostConnection connection, long nowNanos) {
        connection.tick(nowNanos);
        for (TcpSegment segment : connection.takeSegments(nowNanos)) {
            link.send(segment, connection.peerAddress(), nowNanos);
        }
        if (connection.isEnded()) {
            connections.values().remove(connection);
        }
    }

    private void receive(
            LinkLayer link,
            EthernetFrame frame,
            SequencedSet<HostConnection> touched,
            long nowNanos)
            throws FrameFormatException {
        if (!link.isForMe(frame)) {
            return;
        }
        if (frame.type() == EthernetFrame.ARP) {
            link.receiveArp(frame, nowNanos);
            return;
        }
        if (frame.type() != EthernetFrame.IPV4) {
            return;
        }
        Ipv4Packet packet = Ipv4Packet.parse(frame);
        if (!link.isMine(packet.destination())
                || packet.isLaterFragment()
                || packet.hasMoreFragments()
                || Checksums.of(packet.bytes(), packet.offset(), packet.headerLength()) != 0) {
            return;
        }
        if (packet.protocol() == Ipv4Packet.TCP) {
            receiveTcp(link, packet, touched, nowNanos);
        } else if (packet.protocol() == Ipv4Packet.ICMP) {
            receiveIcmp(link, frame, packet);
        }
    }

    private void receiveTcp(
            LinkLayer link, Ipv4Packet packet, SequencedSet<HostConnection> touched, long nowNanos)
            throws FrameFormatException {
        TcpSegment segment = TcpSegment.parse(packet);
        Key key = new Key(packet.source(), segment.sourcePort(), segment.destinationPort());
        HostConnection connection = connections.get(key);
        if (connection != null) {
            connection.receive(segment, nowNanos);
            touched.add(connection);
        } else if (!segment.has(TcpSegment.RST)) {
            link.send(refusal(segment), packet.source(), nowNanos);
        }
    }

    /// Source: RFC 9293, section 3.10.7.1.
    private static TcpSegment refusal(TcpSegment segment) {
        boolean acknowledges = segment.has(TcpSegment.ACK);
        return new TcpSegment(
                /* sourcePort= */ segment.destinationPort(),
                /* destinationPort= */ segment.sourcePort(),
                acknowledges ? segment.acknowledgment() : 0,
                acknowledges ? 0 : segment.sequence() + segment.sequenceLength(),
                acknowledges ? TcpSegment.RST : TcpSegment.RST | TcpSegment.ACK,
                0,
                0,
                -1,
                new byte[0]);
    }

    private void receiveIcmp(LinkLayer link, EthernetFrame frame, Ipv4Packet packet) {
        int length = packet.payloadLength();
        if (Checksums.of(packet.bytes(), packet.payloadOffset(), length) != 0) {
            return;
        }
        if (IcmpFrames.isEcho(packet, IcmpFrames.ECHO_REQUEST)) {
            link.send(IcmpFrames.echoReply(frame, packet, link.own().mac()));
        } else if (IcmpFrames.isEcho(packet, IcmpFrames.ECHO_REPLY)) {
            Ping ping = pinging.get(IcmpFrames.echoLabel(packet));
            if (ping != null && ping.target == packet.source()) {
                ping.answeredNanos.complete(System.nanoTime());
            }
        }
    }

    private static void sendPing(LinkLayer link, Ping ping, long nowNanos) {
        EthernetFrame request =
                IcmpFrames.echoRequest(
                        MacAddress.BROADCAST,
                        link.own().mac(),
                        ping.target,
                        Ipv4.bits(link.own().address()),
                        ping.label >>> 16,
                        ping.label & 0xffff);
        link.sendPacket(request.bytes(), ping.target, nowNanos);
    }
}
