// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import org.sparegrid.coordinator.api.HttpEdge;
import org.sparegrid.coordinator.api.ServerTls;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.identity.ServerCertificate;
import org.sparegrid.coordinator.image.ChunkStore;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.trade.Market;
import org.sparegrid.coordinator.trade.MarketSettings;

/// All parts of a coordinator at work on one data folder.
final class RunningCoordinator implements AutoCloseable {
    /// Requests that read the database at once; more wait.
    private static final int READERS = 8;

    private final Deque<AutoCloseable> parts;
    private final HttpEdge edge;
    private final String fingerprint;

    private RunningCoordinator(Deque<AutoCloseable> parts, HttpEdge edge, String fingerprint) {
        this.parts = parts;
        this.edge = edge;
        this.fingerprint = fingerprint;
    }

    /// Starts everything, or nothing if a part fails.
    static RunningCoordinator open(Path folder, Settings settings) throws IOException {
        return open(folder, settings, new SteadyClock());
    }

    /// Starts everything at that clock's time.
    static RunningCoordinator open(Path folder, Settings settings, InstantSource clock)
            throws IOException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            parts.push(reserve(folder));
            Identity identity = Identity.open(folder.resolve("identity"), clock);
            ChunkStore chunks = ChunkStore.open(folder.resolve("images"));
            Database database = Database.open(folder.resolve("coordinator.db"), READERS);
            parts.push(database);
            Market market =
                    Market.open(marketSettings(settings), database, identity, chunks, clock);
            parts.push(market);
            ServerCertificate server = identity.serverCertificate(settings.publicAddresses());
            HttpEdge edge =
                    HttpEdge.open(
                            market,
                            new ServerTls(
                                    identity.authorityPem(), server.chainPem(), server.keyPem()),
                            settings.listenAddress(),
                            settings.port(),
                            settings.heartbeat(),
                            Identity::sellerOf);
            parts.push(edge);
            return new RunningCoordinator(parts, edge, identity.authorityFingerprint());
        } catch (IOException | RuntimeException failure) {
            closeAll(parts);
            throw failure;
        }
    }

    /// Keeps other coordinators off the folder: two would end each other's leases.
    private static FileChannel reserve(Path folder) throws IOException {
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

    private static MarketSettings marketSettings(Settings settings) {
        String host = settings.publicAddresses().getFirst();
        return new MarketSettings(
                "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + settings.port(),
                settings.commissionBasisPoints(),
                settings.settleInterval(),
                settings.offerTimeout(),
                settings.bootTimeout(),
                settings.lostAfter(),
                AddressPlan.Range.parse(settings.networks()));
    }

    int port() {
        return edge.port();
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
