// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.DaemonState;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.cli.trust.TrustWatch;
import org.sparegrid.cli.trust.TrustWish;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.virtualethernet.Acceleration;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.AttachmentSpec;
import org.sparegrid.virtualethernet.PeerStatus;
import org.sparegrid.virtualethernet.VirtualEthernet;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.capture.CapturePort;
import org.sparegrid.virtualethernet.gateway.UndoLog;
import org.sparegrid.virtualethernet.meter.RelayCounters;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.port.TapPort;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Peer;
import org.sparegrid.virtualethernet.report.Trace;
import org.sparegrid.virtualethernet.userspace.UserSpaceHost;

/// Keeps this computer on one of the buyer's networks until it is stopped or the order is over.
public final class NetworkDaemon implements ControlServer.Service {
    private static final System.Logger LOG = System.getLogger(NetworkDaemon.class.getName());

    /// Keeps the way back open through the address translators of most homes.
    private static final Duration KEEPALIVE = Duration.ofSeconds(25);

    private static final Duration POLL = Duration.ofSeconds(25);
    private static final Duration ANNOUNCE_EVERY = Duration.ofSeconds(60);
    private static final Duration COUNT_EVERY = Duration.ofSeconds(5);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
    private static final int ENDPOINTS_MAX = 16;
    private static final int NAME_TRIES_MAX = 5;

    private final Coordinator coordinator;
    private final NetworkFolder folder;
    private final Order order;
    private final Setup setup;
    private final UndoLog undo;
    private final Clock clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Optional<UserSpaceHost> host;
    private final KeyPair keys;
    private final VirtualEthernet ethernet;
    private final CapturePort port;
    private final Attachment attachment;
    private final Optional<TrustWatch> trust;
    private final TrafficCount traffic;
    private volatile NetworkJoined joined;
    private String hostName;
    private Instant announced;
    private List<String> announcedEndpoints;

    private NetworkDaemon(
            Coordinator coordinator,
            NetworkFolder folder,
            Order order,
            Setup setup,
            Clock clock,
            VirtualEthernet ethernet)
            throws IOException, RefusedException, InterruptedException {
        this.coordinator = coordinator;
        this.folder = folder;
        this.order = order;
        this.setup = setup;
        this.undo = folder.undoLog();
        this.clock = clock;
        this.ethernet = ethernet;
        this.keys = folder.keyPair();
        this.hostName = ownName();
        this.announcedEndpoints = endpoints(ethernet);
        this.joined = join();
        this.announced = clock.instant();
        this.host =
                setup.mode.equals(DaemonState.USER)
                        ? Optional.of(new UserSpaceHost())
                        : Optional.empty();
        this.port =
                new CapturePort(
                        host.isPresent()
                                ? host.get()
                                : new TapPort(
                                        device(folder),
                                        Acceleration.ofEnvironment().tapOffloads(),
                                        setup.gateway.link(undo)));
        this.attachment =
                ethernet.attach(
                        new AttachmentSpec(
                                keys,
                                AttachmentSpec.Role.HOST,
                                PresharedKey.NONE,
                                KEEPALIVE,
                                setup.gateway.offer()),
                        port);
        this.traffic = new TrafficCount(coordinator, attachment, clock.millis());
        Optional<TrustWish.Placed> wish = TrustWish.load(folder);
        this.trust =
                wish.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                new TrustWatch(
                                        coordinator,
                                        folder.context(),
                                        folder,
                                        wish.get(),
                                        attachment,
                                        clock));
    }

    /// The environment variable that forbids by `no` to guess ports.
    public static final String PORT_GUESSING = "SPAREGRID_PORT_GUESSING";

    /// How this computer joins.
    ///
    /// @param mode one of [DaemonState#TAP] and [DaemonState#USER]
    /// @param gateway what it does for the others
    public record Setup(String mode, GatewaySetup gateway) {}

    /// The name of the TAP device of a network.
    static String device(NetworkFolder folder) {
        return "sg-" + folder.network().value().substring(4);
    }

    /// Joins the network and stays on it until it is stopped; `ready` is told once it is usable.
    public static void run(
            Coordinator coordinator,
            NetworkFolder folder,
            Order order,
            Setup setup,
            Clock clock,
            java.util.function.Consumer<DaemonState> ready)
            throws IOException, RefusedException, InterruptedException {
        folder.make();
        folder.undoLog().undo();
        Path socketFolder = folder.socket().getParent();
        if (socketFolder != null) {
            Files.createDirectories(socketFolder);
        }
        try (VirtualEthernet ethernet = VirtualEthernet.open(new VirtualEthernet.Config(0))) {
            ethernet.relayOverTls(coordinator.address(), coordinator.tls());
            ethernet.guessPorts(!"no".equals(System.getenv(PORT_GUESSING)));
            NetworkDaemon daemon =
                    new NetworkDaemon(coordinator, folder, order, setup, clock, ethernet);
            Thread hook = new Thread(daemon::end, "end");
            Runtime.getRuntime().addShutdownHook(hook);
            daemon.live(ready);
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException _) {
                // The process is ending; the hook waits for us.
            }
        }
    }

    private final CountDownLatch cleaned = new CountDownLatch(1);

    private void end() {
        stopped.countDown();
        try {
            if (!cleaned.await(8, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "leaving the network took too long");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void live(java.util.function.Consumer<DaemonState> ready)
            throws IOException, InterruptedException {
        try (attachment;
                ControlServer _ = ControlServer.open(folder.socket(), this)) {
            attachment.update(NetworkMaps.of(joined.network()));
            attachment.restore(folder.leases(clock.instant()));
            DaemonState state = state();
            folder.record(state);
            ready.accept(state);
            trust.ifPresent(watch -> watch.start(order));
            Thread following = Thread.ofVirtual().name("follow").start(this::follow);
            Thread counting = Thread.ofVirtual().name("count").start(this::countOften);
            stopped.await();
            keepLeases();
            following.interrupt();
            counting.interrupt();
            trust.ifPresent(TrustWatch::close);
        } finally {
            undo.undo();
            leave();
            cleaned.countDown();
        }
    }

    private void countOften() {
        try {
            while (true) {
                Thread.sleep(COUNT_EVERY);
                count();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void count() throws InterruptedException {
        try {
            traffic.report(joined);
        } catch (RefusedException | IOException later) {
            LOG.log(System.Logger.Level.DEBUG, () -> "traffic not reported cause=" + later);
        }
    }

    /// What the LAN has lent holds on when this daemon ends and another begins.
    private void keepLeases() throws IOException {
        if (setup.gateway.offer().lanLeases()) {
            folder.keep(attachment.leases(), clock.instant());
        }
    }

    private void leave() throws IOException {
        try {
            count();
            coordinator.leave(folder.network(), joined.self());
        } catch (RefusedException | IOException gone) {
            LOG.log(System.Logger.Level.INFO, () -> "could not leave the network cause=" + gone);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            folder.forgetDaemon();
        }
    }

    private DaemonState state() {
        ProcessHandle self = ProcessHandle.current();
        return new DaemonState(
                self.pid(),
                DaemonState.startOf(self),
                order.spec().name(),
                order.id().value(),
                joined.self().value(),
                setup.mode,
                host.isPresent() ? "" : device(folder),
                hostName,
                self(joined.network()).map(NetworkMember::address).orElse(""),
                String.join(" ", setup.gateway.arguments()));
    }

    private Optional<NetworkMember> self(NetworkView view) {
        return view.members().stream().filter(m -> m.id().equals(joined.self())).findFirst();
    }

    private static List<String> endpoints(VirtualEthernet ethernet) throws IOException {
        return ethernet.endpoints().stream().map(NetworkMaps::text).limit(ENDPOINTS_MAX).toList();
    }

    private static String ownName() {
        String name;
        try {
            name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException unknown) {
            name = "";
        }
        String label =
                name.toLowerCase(java.util.Locale.ROOT)
                        .replaceAll("[.].*", "")
                        .replaceAll("[^a-z0-9]+", "-");
        String cut = label.substring(0, Math.min(24, label.length())).replaceAll("^-+|-+$", "");
        return cut.isEmpty() || cut.matches("node[0-9]+") ? "buyer" : cut;
    }

    private NetworkJoined join() throws IOException, RefusedException, InterruptedException {
        String first = hostName;
        for (int attempt = 1; ; attempt++) {
            try {
                return coordinator.join(
                        folder.network(),
                        new NetworkJoin(hostName, keys.publicKey().toString(), announcedEndpoints));
            } catch (RefusedException taken) {
                if (!taken.name().equals("conflict") || attempt == NAME_TRIES_MAX) {
                    throw taken;
                }
                hostName = first + "-" + (2 + new Random().nextInt(9998));
            }
        }
    }

    private void follow() {
        try {
            long version = joined.network().version();
            Outage outage = new Outage(clock);
            while (stopped.getCount() > 0) {
                try {
                    version = step(version);
                    outage.answered();
                } catch (RefusedException | IOException | IllegalArgumentException failed) {
                    if (isOver(failed) || outage.isForGood(attachment.peers())) {
                        stop();
                    }
                    Thread.sleep(outage.failed(failed));
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isOver(Exception failed) {
        return failed instanceof RefusedException refused && refused.name().equals("not-found");
    }

    private long step(long version) throws IOException, RefusedException, InterruptedException {
        NetworkView view = coordinator.network(folder.network(), version, POLL);
        if (view.version() > version) {
            joined = new NetworkJoined(joined.self(), view);
            attachment.update(NetworkMaps.of(view));
        }
        keepLeases();
        List<String> now = endpoints(ethernet);
        boolean due = clock.instant().isAfter(announced.plus(ANNOUNCE_EVERY));
        if (due || !now.equals(announcedEndpoints) || self(view).isEmpty()) {
            // A closed order's network takes nobody in.
            if (coordinator.order(new OrderId(order.id().value())).state() == OrderState.CLOSED) {
                LOG.log(System.Logger.Level.INFO, () -> "order is over order=" + order.id());
                stop();
                return version;
            }
            announced = clock.instant();
            announcedEndpoints = now;
            joined = join();
            attachment.update(NetworkMaps.of(joined.network()));
        }
        return Math.max(version, view.version());
    }

    /// The other member that `name` means: its name, with or without the network's domain, or its
    /// address.
    private NetworkMember member(String name) throws IOException {
        NetworkView view = joined.network();
        return view.members().stream()
                .filter(m -> Peer.isMeant(name, m.name(), m.address()))
                .findFirst()
                .orElseThrow(() ->
                        new IOException("there is no " + name + " on network " + view.name()));
    }

    @Override
    public Capture capture() {
        return port.capture();
    }

    @Override
    public Peers peers() {
        NetworkView view = joined.network();
        List<Peer> peers =
                attachment.peers().stream()
                        .map(status -> Peer.of(status, clock.instant()))
                        .toList();
        return new Peers(
                view.name(),
                hostName,
                self(view).map(NetworkMember::address).orElse(""),
                setup.mode,
                attachment.bridgeState().name().toLowerCase(java.util.Locale.ROOT),
                attachment.relayed().map(RelayCounters::forwardedBytes).orElse(-1L),
                savedBytes(view, peers),
                peers);
    }

    /// What a relay would have had to forward, had those whose ports are open not opened them.
    private static long savedBytes(NetworkView view, List<Peer> peers) {
        Set<String> open =
                view.members().stream()
                        .filter(NetworkMember::openPort)
                        .map(NetworkMember::name)
                        .collect(Collectors.toSet());
        return peers.stream()
                .filter(peer -> open.contains(peer.name()))
                .mapToLong(Peer::directBytes)
                .sum();
    }

    @Override
    public Echo ping(String name, Duration timeout) throws IOException, InterruptedException {
        NetworkMember member = member(name);
        Optional<Inet4Address> leased = leased(member);
        Optional<Duration> answer =
                leased.isPresent()
                        ? knock(leased.get(), timeout)
                        : attachment.ping(member.name(), timeout);
        Echo echo = Echo.of(status(member), answer);
        return leased.map(address -> echo.at(address.getHostAddress())).orElse(echo);
    }

    @Override
    public Trace trace(String name) throws IOException {
        return Trace.of(status(member(name)), clock.instant());
    }

    private PeerStatus status(NetworkMember member) throws IOException {
        return Peer.find(attachment.peers(), member.name())
                .orElseThrow(() ->
                        new IOException(member.name() + " is this computer, or was not let in"));
    }

    /// The address that a LAN has given to a member.
    private Optional<Inet4Address> leased(NetworkMember member) {
        MacAddress mac = MacAddress.parse(member.mac());
        return attachment.leases().stream()
                .filter(lease -> lease.mac().equals(mac))
                .map(LanLease::address)
                .findFirst();
    }

    /// Asks an address of the LAN for an echo, as the overlay's own address is not in it.
    private static Optional<Duration> knock(Inet4Address address, Duration timeout)
            throws IOException {
        long start = System.nanoTime();
        return address.isReachable(Math.toIntExact(timeout.toMillis()))
                ? Optional.of(Duration.ofNanos(System.nanoTime() - start))
                : Optional.empty();
    }

    @Override
    public ControlServer.Link connect(String name, int port) throws IOException {
        NetworkMember member = member(name);
        Inet4Address address =
                leased(member).orElseGet(() -> Inet4Address.ofLiteral(member.address()));
        InetSocketAddress to = new InetSocketAddress(address, port);
        if (host.isPresent()) {
            return new UserLink(host.get().connect(to, CONNECT_TIMEOUT));
        }
        Socket socket = new Socket();
        try {
            socket.connect(to, Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
            return new SystemLink(socket);
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
    }

    @Override
    public void stop() {
        stopped.countDown();
    }
}
