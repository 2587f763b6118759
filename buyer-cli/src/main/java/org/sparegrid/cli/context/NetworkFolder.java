// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.context;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.virtualethernet.gateway.UndoLog;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.PrivateKey;

/// What this computer keeps of one network.
public final class NetworkFolder {
    /// A socket's path may have 107 bytes; longer ones go to a folder of their own.
    private static final int SOCKET_PATH_MAX = 100;

    private final Context context;
    private final NetworkId network;
    private final Path folder;

    NetworkFolder(Context context, NetworkId network, Path folder) {
        this.context = context;
        this.network = network;
        this.folder = folder;
    }

    public NetworkId network() {
        return network;
    }

    public Context context() {
        return context;
    }

    public Path folder() {
        return folder;
    }

    public Path knownHosts() {
        return folder.resolve("known_hosts");
    }

    public Path clusterKey() {
        return folder.resolve("cluster_ed25519");
    }

    public Path logFile() {
        return folder.resolve("daemon.log");
    }

    /// How to take back what a daemon has changed in this computer's network.
    public UndoLog undoLog() {
        return new UndoLog(folder.resolve("undo"));
    }

    private Path daemonFile() {
        return folder.resolve("daemon.json");
    }

    private Path leasesFile() {
        return folder.resolve("leases.json");
    }

    private Path orderFile() {
        return folder.resolve("order.json");
    }

    /// Where the daemon listens for this user's commands.
    public Path socket() {
        Path here = folder.resolve("control");
        return here.toString().length() <= SOCKET_PATH_MAX
                ? here
                : Path.of(System.getProperty("java.io.tmpdir"))
                        .resolve(
                                "sparegrid-"
                                        + System.getProperty("user.name")
                                        + "-"
                                        + Integer.toHexString(folder.hashCode()))
                        .resolve("control");
    }

    /// The keys of this computer on the network, made at the first call.
    public KeyPair keyPair() throws IOException {
        Path file = folder.resolve("key");
        if (Files.exists(file)) {
            String base64 = Files.readString(file, StandardCharsets.US_ASCII).strip();
            return KeyPair.of(PrivateKey.of(Base64.getDecoder().decode(base64)));
        }
        KeyPair made = KeyPair.generate();
        String base64 = Base64.getEncoder().encodeToString(made.privateKey().bytes());
        context.write(file, base64.getBytes(StandardCharsets.US_ASCII));
        return made;
    }

    /// Makes the folder, if it isn't there.
    public void make() throws IOException {
        context.makeFolder(folder);
    }

    /// What the daemon wrote of itself, though it may be dead by now.
    public Optional<DaemonState> recorded() throws IOException {
        if (!Files.exists(daemonFile())) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Format.JSON.read(Files.readAllBytes(daemonFile()), DaemonState.class));
        } catch (MessageFormatException damaged) {
            forgetDaemon();
            return Optional.empty();
        }
    }

    /// The daemon, if it is alive.
    public Optional<DaemonState> daemon() throws IOException {
        return recorded().filter(DaemonState::lives);
    }

    /// Keeps what the coordinator said of the network's order.
    public void remember(Order order) throws IOException {
        context.write(orderFile(), Format.JSON.write(order));
    }

    /// What the coordinator last said of the order, if a daemon of the network is alive.
    public Optional<Order> remembered() throws IOException {
        if (daemon().isEmpty() || !Files.exists(orderFile())) {
            return Optional.empty();
        }
        try {
            return Optional.of(Format.JSON.read(Files.readAllBytes(orderFile()), Order.class));
        } catch (MessageFormatException damaged) {
            Files.delete(orderFile());
            return Optional.empty();
        }
    }

    /// The addresses that the LAN had given to machines when [#keep] was last called, as far as
    /// they hold at `now`.
    public List<LanLease> leases(Instant now) throws IOException {
        if (!Files.exists(leasesFile())) {
            return List.of();
        }
        try {
            return Format.JSON.read(Files.readAllBytes(leasesFile()), KeptLeases.class).at(now);
        } catch (MessageFormatException | IllegalArgumentException damaged) {
            Files.delete(leasesFile());
            return List.of();
        }
    }

    /// Keeps the addresses that the LAN has given to machines.
    public void keep(List<LanLease> leases, Instant now) throws IOException {
        byte[] content = Format.JSON.write(KeptLeases.of(leases, now));
        if (!Files.exists(leasesFile())
                || !Arrays.equals(content, Files.readAllBytes(leasesFile()))) {
            context.write(leasesFile(), content);
        }
    }

    public void record(DaemonState state) throws IOException {
        context.write(daemonFile(), Format.JSON.write(state));
    }

    /// Removes the record and the socket of a daemon that is gone.
    public void forgetDaemon() throws IOException {
        Files.deleteIfExists(daemonFile());
        Files.deleteIfExists(socket());
        if (!socket().startsWith(folder)) {
            Files.deleteIfExists(socket().getParent());
        }
    }
}
