// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.check.NetworkReport;
import org.sparegrid.virtualethernet.crypto.PacketCiphers;
import org.sparegrid.virtualethernet.linux.Processor;
import org.sparegrid.virtualethernet.path.BurstTurn;
import org.sparegrid.virtualethernet.path.Fan;
import org.sparegrid.virtualethernet.path.MappingCheck;
import org.sparegrid.virtualethernet.path.NetworkPaths;
import org.sparegrid.virtualethernet.path.OwnAddresses;
import org.sparegrid.virtualethernet.path.PathTimers;
import org.sparegrid.virtualethernet.path.PunchedAddress;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.portmapping.RouterPort;
import org.sparegrid.virtualethernet.relay.RelayAddress;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.relay.RelayServer;
import org.sparegrid.virtualethernet.relay.RelayTable;
import org.sparegrid.virtualethernet.relay.StreamAddress;
import org.sparegrid.virtualethernet.session.IndexTable;
import org.sparegrid.virtualethernet.session.LoadMeter;
import org.sparegrid.virtualethernet.session.Timers;
import org.sparegrid.virtualethernet.session.TimestampSource;
import org.sparegrid.virtualethernet.session.WireGuardIdentity;
import org.sparegrid.virtualethernet.stun.Survey;
import org.sparegrid.virtualethernet.transport.LocalAddresses;
import org.sparegrid.virtualethernet.transport.PortFan;
import org.sparegrid.virtualethernet.transport.UdpSocket;

/// The overlay of one process: one UDP port that carries all its networks.
///
/// ```java
/// try (var ethernet = VirtualEthernet.open(VirtualEthernet.Config.defaults());
///         var attachment = ethernet.attach(
///                 AttachmentSpec.of(KeyPair.generate(), Role.MACHINE),
///                 new QemuStreamPort(socket))) {
///     attachment.update(map);
/// }
/// ```
public final class VirtualEthernet implements AutoCloseable {
    /// Settings of the overlay.
    ///
    /// @param port UDP port on all local addresses; 0 takes any free one
    /// @param acceleration which of the faster ways may be used
    public record Config(int port, Acceleration acceleration) {
        /// The port that sellers are asked to open if they can.
        public static final int DEFAULT_PORT = 41_777;

        /// Checks the port.
        public Config {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port: expected 0 to 65535, got " + port);
            }
        }

        /// A port, with everything that is fast and that the environment does not forbid.
        public Config(int port) {
            this(port, Acceleration.ofEnvironment());
        }

        /// The default port.
        public static Config defaults() {
            return new Config(DEFAULT_PORT);
        }
    }

    private static final System.Logger LOG = System.getLogger(VirtualEthernet.class.getName());

    /// How often the interfaces are looked at; a laptop that moves is back within seconds.
    private static final long INTERFACES_NANOS = 5_000_000_000L;

    private final SteadyClock clock = new SteadyClock();
    private final List<NetworkAttachment> attachments = new CopyOnWriteArrayList<>();
    private final WireGuardIdentity.Shared shared;
    private final OwnAddresses own = new OwnAddresses();
    private final BurstTurn turn = new BurstTurn();
    private final RelayTable relays = new RelayTable();
    private final NetworkPaths.Shared paths;
    private final UdpSocket socket;
    private final ScheduledExecutorService timer;
    private final Ticker ticker;
    private final Arrivals arrivals;
    private final PortFan fan;
    private final RelayStreams streams;
    private @Nullable RouterPort routerPort;
    private long interfacesDueNanos;

    private VirtualEthernet(Config config, Timers timers) throws IOException {
        SecureRandom random = new SecureRandom();
        shared =
                new WireGuardIdentity.Shared(
                        new IndexTable(random),
                        new LoadMeter(timers.handshakesPerSecondMax()),
                        new TimestampSource(clock.start()),
                        timers,
                        random,
                        config.acceleration().libcrypto()
                                ? PacketCiphers.best()
                                : PacketCiphers.jdk(),
                        config.acceleration().fastFrames() && Processor.hasAesGcm());
        MappingCheck mapping = new MappingCheck(own, random);
        arrivals =
                new Arrivals(attachments, shared.indices(), relays, mapping, clock, this::trySend);
        fan = new PortFan(clock::nowNanos, arrivals::receivePunched);
        streams = new RelayStreams(clock, arrivals::receiveStream);
        paths =
                new NetworkPaths.Shared(
                        own,
                        mapping,
                        turn,
                        relays,
                        streams::address,
                        PathTimers.STANDARD,
                        random,
                        this::isForbidden);
        socket =
                new UdpSocket(
                        config.port(), config.acceleration().udpOffloads(), arrivals::receive);
        LOG.log(
                Level.DEBUG,
                () ->
                        "overlay opened port="
                                + socket.port()
                                + " udpOffloads="
                                + socket.hasOffloads()
                                + " ciphers="
                                + shared.ciphers().name()
                                + " fastFrames="
                                + shared.fastFrames());
        timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform()
                                .name("sparegrid-timer-" + socket.port())
                                .daemon()
                                .factory());
        ticker = new Ticker(timer, this::tick, attachments::isEmpty);
    }

    /// Opens the UDP port and starts the threads.
    ///
    /// @throws IOException if the port is taken
    public static VirtualEthernet open(Config config) throws IOException {
        return open(config, Timers.STANDARD);
    }

    static VirtualEthernet open(Config config, Timers timers) throws IOException {
        VirtualEthernet ethernet = new VirtualEthernet(config, timers);
        ethernet.socket.start();
        ethernet.timer.execute(ethernet.socket::prepare);
        ethernet.ticker.wake();
        return ethernet;
    }

    /// The UDP port in use.
    public int port() {
        return socket.port();
    }

    /// Where peers might reach this process: at the port that the router has opened, and at its
    /// interface addresses. Addresses of the overlay itself are left out; loopback is named only if
    /// there is nothing else.
    public List<InetSocketAddress> endpoints() throws IOException {
        return Stream.concat(own.mapped().stream(), localEndpoints().stream()).toList();
    }

    private List<InetSocketAddress> localEndpoints() throws IOException {
        return LocalAddresses.find(this::isOverlay).stream()
                .map(address -> new InetSocketAddress(address, port()))
                .toList();
    }

    /// Finds out what lies between this port and the world, which takes seconds.
    ///
    /// @param server a relay that answers STUN
    public NetworkReport survey(InetSocketAddress server) throws IOException, InterruptedException {
        List<InetAddress> own = LocalAddresses.find(_ -> false);
        return new Survey(new SurveyLine(socket, arrivals.questions(), own), server).run();
    }

    /// Waits for a stranger's STUN Binding request whose transaction begins with `label`, which
    /// tells whoever sent it, by another way, that this port is open.
    ///
    /// @return the last four bytes of its transaction; empty if none came within `wait`
    public OptionalInt awaitKnock(long label, Duration wait) throws InterruptedException {
        return arrivals.knocks().await(label, wait);
    }

    /// Says how relays are reached over TLS where UDP does not reach them, before anything is
    /// attached.
    ///
    /// @param base the coordinator's address, to which those of relays may be relative
    /// @param tls whom to trust
    public void relayOverTls(URI base, SSLContext tls) {
        streams.use(base, tls);
    }

    /// Says whether this process may guess ports of peers, and open hundreds for their guesses,
    /// where a NAT maps each destination anew; it may unless told otherwise. Some routers stumble
    /// over it.
    public void guessPorts(boolean allowed) {
        turn.forbid(!allowed);
    }

    /// Names addresses to peers at which this process can be reached besides those that it finds
    /// itself, as a port that the owner has opened.
    public void announce(List<InetSocketAddress> endpoints) {
        own.set(endpoints);
    }

    /// Asks the router of this computer to lead a port of its own here, by PCP, NAT-PMP or UPnP,
    /// and gives it back at the end. What comes of it is seen later in [#routerPort].
    public synchronized void openRouterPort() {
        if (routerPort == null) {
            routerPort = RouterPort.open(port(), state -> own.mapped(state.external()));
        }
    }

    /// What the router has answered; empty if it was not asked.
    public synchronized Optional<RouterPort.State> routerPort() {
        return Optional.ofNullable(routerPort).map(RouterPort::state);
    }

    /// Joins a machine to a network. The attachment owns `port` from now on; nothing passes before
    /// its first network map.
    ///
    /// @throws IOException if the port cannot be started
    public Attachment attach(AttachmentSpec spec, FramePort port) throws IOException {
        NetworkAttachment attachment =
                new NetworkAttachment(this, spec, port, shared, paths, clock);
        boolean started = false;
        try {
            attachment.start();
            started = true;
        } finally {
            if (!started) {
                port.close();
            }
        }
        attachments.add(attachment);
        ticker.wake();
        return attachment;
    }

    /// Closes every attachment, the UDP port and the threads.
    @Override
    public void close() {
        attachments.forEach(NetworkAttachment::close);
        streams.close();
        fan.close();
        timer.shutdownNow();
        RouterPort opened;
        synchronized (this) {
            opened = routerPort;
        }
        if (opened != null) {
            opened.close();
        }
        socket.close();
    }

    /// Where packets to `address` go on the wire: to a relay if it stands for a session of one.
    Optional<InetSocketAddress> physical(InetSocketAddress address) {
        if (PunchedAddress.is(address)) {
            return fan.remote(PunchedAddress.number(address));
        }
        Optional<InetSocketAddress> next =
                RelayAddress.is(address)
                        ? relays.relay(RelayAddress.of(address).relay())
                        : Optional.of(address);
        return next.flatMap(
                each -> StreamAddress.is(each) ? streams.target(each) : Optional.of(each));
    }

    boolean send(byte[] datagram, InetSocketAddress to) {
        if (StreamAddress.is(to)) {
            return streams.send(datagram, to);
        }
        if (PunchedAddress.is(to)) {
            return fan.send(PunchedAddress.number(to), ByteBuffer.wrap(datagram));
        }
        if (!RelayAddress.is(to)) {
            return socket.send(datagram, to);
        }
        return sendThrough(RelayAddress.of(to), false, datagram);
    }

    private boolean sendThrough(RelayAddress way, boolean whole, byte[] datagram) {
        InetSocketAddress relay = relays.relay(way.relay()).orElse(null);
        if (relay == null) {
            return false;
        }
        byte[] packet = new RelayMessage.Packet(way.session(), whole, datagram).toBytes();
        return (whole && !StreamAddress.is(relay))
                ? socket.sendWhole(packet, relay)
                : send(packet, relay);
    }

    /// What a relay on this port sends.
    RelayServer.Outlet relay() {
        return new RelayServer.Outlet() {
            @Override
            public void send(byte[] datagram, InetSocketAddress to) {
                trySend(datagram, to);
            }

            @Override
            public void sendWhole(byte[] datagram, InetSocketAddress to) {
                boolean _ = VirtualEthernet.this.sendWhole(datagram, to);
            }
        };
    }

    /// What the network refuses is as good as lost.
    private void trySend(byte[] datagram, InetSocketAddress to) {
        boolean _ = send(datagram, to);
    }

    /// Sends a datagram that nobody on the way may divide, a relay on it neither.
    boolean sendWhole(byte[] datagram, InetSocketAddress to) {
        if (PunchedAddress.is(to)) {
            return fan.sendWhole(PunchedAddress.number(to), ByteBuffer.wrap(datagram));
        }
        return RelayAddress.is(to)
                ? sendThrough(RelayAddress.of(to), true, datagram)
                : socket.sendWhole(datagram, to);
    }

    boolean sendNear(byte[] datagram, InetSocketAddress to) {
        return socket.sendNear(datagram, to);
    }

    Optional<Fan> fan(byte[] datagram, List<InetSocketAddress> targets, int ports) {
        return fan.open(datagram, targets, ports);
    }

    /// Sends the datagrams that fill `length` bytes at `offset`, all of `segmentBytes`, the last
    /// one maybe shorter; how many the network has taken.
    int send(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to) {
        if (!RelayAddress.is(to) && !PunchedAddress.is(to)) {
            return socket.send(bytes, offset, length, segmentBytes, to);
        }
        int taken = 0;
        for (int at = offset; at < offset + length; at += segmentBytes) {
            int end = Math.min(at + segmentBytes, offset + length);
            taken += send(Arrays.copyOfRange(bytes, at, end), to) ? 1 : 0;
        }
        return taken;
    }

    void forget(NetworkAttachment attachment) {
        attachments.remove(attachment);
    }

    private void tick() {
        streams.tick();
        // Nobody asks without a network, and who joins one has them looked at.
        boolean asked = !attachments.isEmpty() || interfacesDueNanos == 0;
        if (asked && clock.nowNanos() >= interfacesDueNanos) {
            interfacesDueNanos = clock.nowNanos() + INTERFACES_NANOS;
            try {
                own.local(localEndpoints());
            } catch (IOException unreadable) {
                LOG.log(Level.DEBUG, "interfaces cannot be listed", unreadable);
            }
        }
        for (NetworkAttachment attachment : attachments) {
            try {
                attachment.tick();
            } catch (RuntimeException fault) {
                LOG.log(Level.ERROR, "tick failed", fault);
            }
        }
    }

    private boolean isForbidden(InetSocketAddress endpoint) {
        return isOverlay(endpoint.getAddress());
    }

    private boolean isOverlay(InetAddress address) {
        return attachments.stream().anyMatch(attachment -> attachment.isOverlay(address));
    }
}
