// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.coordinator.api.EdgeSettings;
import org.sparegrid.coordinator.api.HttpEdge;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.history.MarketRecord;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.image.ChunkStore;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.introduction.UdpKnocker;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.ssh.SshGateway;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Leadership;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.coordinator.trade.Market;
import org.sparegrid.coordinator.trade.MarketSettings;
import org.sparegrid.coordinator.trade.OpenPortBonus;
import org.sparegrid.coordinator.trade.Royalty;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.market.NetworkRelay;
import org.sparegrid.virtualethernet.UdpRelay;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PrivateKey;

/// All parts of a coordinator at work on one data folder.
final class RunningCoordinator implements AutoCloseable {
    /// Requests that read the database at once; more wait.
    private static final int READERS = 8;

    private final Deque<AutoCloseable> parts;
    private final HttpEdge edge;
    private final CertificateWatch certificate;
    private final @Nullable SshGateway ssh;
    private final String fingerprint;

    private RunningCoordinator(
            Deque<AutoCloseable> parts,
            HttpEdge edge,
            CertificateWatch certificate,
            @Nullable SshGateway ssh,
            String fingerprint) {
        this.parts = parts;
        this.edge = edge;
        this.certificate = certificate;
        this.ssh = ssh;
        this.fingerprint = fingerprint;
    }

    /// Opens the tables.
    @FunctionalInterface
    private interface Tables {
        Database open() throws IOException;
    }

    /// Starts everything, or nothing if a part fails.
    static RunningCoordinator open(Path folder, Settings settings) throws IOException {
        return open(folder, settings, new SteadyClock());
    }

    /// Starts everything on the node that leads.
    static RunningCoordinator open(Path folder, Settings settings, Leadership leadership)
            throws IOException {
        return open(folder, settings, new SteadyClock(), () -> Database.open(leadership, READERS));
    }

    /// Starts everything at that clock's time.
    static RunningCoordinator open(Path folder, Settings settings, InstantSource clock)
            throws IOException {
        return open(folder, settings, clock, () -> Database.open(settings.store(folder), READERS));
    }

    private static RunningCoordinator open(
            Path folder, Settings settings, InstantSource clock, Tables tables) throws IOException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            parts.push(reserve(folder));
            Path cache = emptyCache(folder);
            Function<Consumer<Webhook>, PaymentProvider> payments =
                    new PaymentChoice(folder, settings.payments(), System.getenv(), clock).make();
            Identity identity = Identity.open(folder.resolve("identity"), clock);
            ChunkStore chunks = ChunkStore.open(folder.resolve("images"));
            Database database = tables.open();
            parts.push(database);
            UdpRelay relay = openRelay(settings, identity, database, parts);
            MarketRecord record = openRecord(folder, settings, clock);
            parts.push(record);
            Market market =
                    Market.open(
                            marketSettings(settings, relays(settings, relay)),
                            database,
                            identity,
                            chunks,
                            clock,
                            payments);
            parts.push(market);
            market.tell(record);
            market.knockBy(new UdpKnocker());
            market.believe(tpmMakers(folder));
            Metrics metrics = metrics(market, database);
            record.measure(metrics);
            parts.push(metrics);
            CertificateWatch certificate =
                    new CertificateWatch(identity, settings.publicAddresses());
            HttpEdge edge =
                    HttpEdge.open(
                            market,
                            certificate.current(),
                            new EdgeSettings(
                                    settings.listenAddress(),
                                    settings.port(),
                                    settings.heartbeat(),
                                    settings.metricsToken(),
                                    settings.addressRequests(),
                                    settings.accountRequests(),
                                    cache),
                            metrics,
                            Identity::sellerOf,
                            relay);
            parts.push(edge);
            certificate.renewFor(edge);
            parts.push(certificate);
            SshGateway ssh = openSsh(settings, identity, market, metrics, parts);
            return new RunningCoordinator(
                    parts, edge, certificate, ssh, identity.authorityFingerprint());
        } catch (IOException | RuntimeException failure) {
            closeAll(parts);
            throw failure;
        }
    }

    private static Metrics metrics(Market market, Database database) {
        Metrics metrics = new Metrics();
        market.measure(metrics);
        metrics.counter("sparegrid.commits", "Commits of the database.", database::commits);
        metrics.counter(
                "sparegrid.commits.failed", "Commits that failed.", database::failedCommits);
        metrics.counter("sparegrid.changes", "Changes in those commits.", database::changes);
        metrics.gauge("sparegrid.changes.waiting", "Changes that wait.", database::waiting);
        return metrics;
    }

    /// The folder for what is needed only while we run, without what a killed program left.
    private static Path emptyCache(Path folder) throws IOException {
        Path cache = folder.resolve(Store.CACHE);
        if (Files.exists(cache)) {
            try (Stream<Path> left = Files.walk(cache)) {
                for (Path each : left.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
        return Files.createDirectories(cache);
    }

    /// The roots of makers of TPMs, and those of software TPMs for development, if the operator put
    /// some there.
    private static List<TrustAnchors> tpmMakers(Path folder) throws IOException {
        List<TrustAnchors> makers = new ArrayList<>();
        for (TrustAnchors.Origin origin : TrustAnchors.Origin.values()) {
            Path roots =
                    folder.resolve(
                            origin == TrustAnchors.Origin.VENDOR
                                    ? "tpm-roots"
                                    : "development-tpm-roots");
            try {
                if (Files.isDirectory(roots)) {
                    makers.add(TrustAnchors.ofFolder(roots, origin));
                }
            } catch (EvidenceFormatException wrong) {
                throw new IOException(roots + ": " + wrong.reason(), wrong);
            }
        }
        return makers;
    }

    /// Keeps other coordinators off the folder: two would end each other's leases.
    static FileChannel reserve(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        folder.resolve("serving.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException servedByThisProgram) {
            // Refused below like one that another program serves.
        }
        channel.close();
        throw new IOException("a coordinator serves " + folder + " already; stop it first");
    }

    /// Opens the record of what the market sees and chooses, unless it is switched off.
    private static MarketRecord openRecord(Path folder, Settings settings, InstantSource clock) {
        long bytesMax = settings.marketRecordBytes();
        return bytesMax == 0
                ? MarketRecord.none()
                : MarketRecord.open(RecordFolder.of(folder), bytesMax, clock);
    }

    /// Opens the relay, unless it is switched off.
    private static @Nullable UdpRelay openRelay(
            Settings settings, Identity identity, Database database, Deque<AutoCloseable> parts)
            throws IOException {
        if (settings.relayBytesPerSecond() == 0) {
            return null;
        }
        UdpRelay relay;
        try {
            relay =
                    UdpRelay.open(
                            new UdpRelay.Config(
                                    relayAddress(settings),
                                    settings.relayPort(),
                                    settings.stunPort(),
                                    KeyPair.of(PrivateKey.of(identity.relaySecret())),
                                    settings.relayBytesPerSecond()),
                            key ->
                                    database.read(tx -> tx.networks().networkOf(key.toString()))
                                            .map(NetworkId::value));
        } catch (IOException refused) {
            throw new IOException(
                    "relay (settings relay-port and stun-port): " + refused.getMessage(), refused);
        }
        parts.push(relay);
        return relay;
    }

    /// Opens the SSH gateway, if there is to be one.
    private static @Nullable SshGateway openSsh(
            Settings settings,
            Identity identity,
            Market market,
            Metrics metrics,
            Deque<AutoCloseable> parts)
            throws IOException {
        if (settings.sshPort() == Settings.NO_SSH) {
            return null;
        }
        SshGateway ssh =
                SshGateway.open(
                        market,
                        settings.listenAddress(),
                        settings.sshPort(),
                        identity.sshHostKey(),
                        metrics);
        parts.push(ssh);
        market.keys().ssh().opened(publicHost(settings) + ":" + ssh.port(), ssh.hostKey());
        return ssh;
    }

    private static List<NetworkRelay> relays(Settings settings, @Nullable UdpRelay relay) {
        return relay == null
                ? List.of()
                : List.of(
                        new NetworkRelay(
                                publicHost(settings) + ":" + relay.port(),
                                relay.publicKey().toString(),
                                HttpEdge.RELAY_PATH));
    }

    /// The local address of the relay. UDP answers must come from the address that was asked, so
    /// that a computer with several listens on the public one if it has that itself.
    private static InetAddress relayAddress(Settings settings) throws IOException {
        InetAddress listen = InetAddress.getByName(settings.listenAddress());
        if (!listen.isAnyLocalAddress()) {
            return listen;
        }
        try {
            InetAddress open = InetAddress.getByName(settings.publicAddresses().getFirst());
            return NetworkInterface.getByInetAddress(open) == null ? listen : open;
        } catch (UnknownHostException unknown) {
            return listen;
        }
    }

    /// The name by which clients reach us, as it stands before a port.
    private static String publicHost(Settings settings) {
        String host = settings.publicAddresses().getFirst();
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static MarketSettings marketSettings(Settings settings, List<NetworkRelay> relays) {
        return new MarketSettings(
                "https://" + publicHost(settings) + ":" + settings.port(),
                settings.commissionBasisPoints(),
                settings.settleInterval(),
                settings.offerTimeout(),
                settings.bootTimeout(),
                settings.lostAfter(),
                settings.interruptionNotice(),
                AddressPlan.Range.parse(settings.networks()),
                settings.invoiceIssuer(),
                new Royalty(settings.royaltyBasisPoints(), settings.royaltyAccount()),
                new OpenPortBonus(settings.openPortBonus(), settings.openPortShareBasisPoints()),
                settings.imageQuotaBytes(),
                settings.referencePrice(),
                relays);
    }

    int port() {
        return edge.port();
    }

    /// The SSH gateway, if there is one.
    Optional<SshGateway> ssh() {
        return Optional.ofNullable(ssh);
    }

    /// Sees whether the server's certificate is to be renewed, as it does by itself every day.
    void renewCertificate() {
        certificate.look();
    }

    String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() throws IOException {
        closeAll(parts);
    }

    private static void closeAll(Deque<AutoCloseable> parts) throws IOException {
        IOException first = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception failure) {
                if (first == null) {
                    first = new IOException("stopping: " + failure.getMessage(), failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
