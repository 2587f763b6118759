// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.cli.context.SshKey;
import org.sparegrid.protocol.market.Order;

/// The key with which the machines of one network log in to each other, as MPI needs it.
///
/// It is made here. The public half goes into the order; the private half goes to each machine over
/// ssh and so is never seen by the coordinator.
final class ClusterKey implements AutoCloseable {
    /// Machines learn each other's host keys at first use; the Ethernet itself is authenticated.
    private static final String SETTINGS =
            "Host *\n  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n";

    private final Optional<Path> folder;
    private final Optional<SshKey> key;

    private ClusterKey(Optional<Path> folder, Optional<SshKey> key) {
        this.folder = folder;
        this.key = key;
    }

    /// Makes a key, or none.
    static ClusterKey make(Context context, boolean wanted)
            throws IOException, InterruptedException {
        if (!wanted) {
            return new ClusterKey(Optional.empty(), Optional.empty());
        }
        context.makeFolder(context.folder());
        Path folder = Files.createTempDirectory(context.folder(), "cluster-");
        SshKey key = SshKey.at(context, folder.resolve("id_ed25519"), "sparegrid-cluster");
        return new ClusterKey(Optional.of(folder), Optional.of(key));
    }

    List<String> publicLines() {
        return key.map(SshKey::publicLine).stream().toList();
    }

    /// Keeps the key with the network, and says what every machine gets of it.
    List<Handover.Item> items(Shell shell, Order order) throws IOException {
        if (key.isEmpty()) {
            return List.of();
        }
        byte[] secret = Files.readAllBytes(key.get().file());
        NetworkFolder network = shell.context().network(order.network());
        shell.context().write(network.clusterKey(), secret);
        byte[] settings = SETTINGS.getBytes(StandardCharsets.UTF_8);
        return List.of(
                Handover.Item.of("/root/.ssh/id_ed25519", "0600", secret),
                Handover.Item.of("/root/.ssh/config", "0600", settings));
    }

    /// Removes the working copy.
    @Override
    public void close() throws IOException {
        if (folder.isPresent()) {
            try (Stream<Path> files = Files.list(folder.get())) {
                for (Path file : files.toList()) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(folder.get());
        }
    }
}
