// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.sparegrid.cli.bridge.Ssh;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.cli.context.SshKey;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;

/// The key with which the machines of one network log in to each other, as MPI needs it.
///
/// It is made here. The public half goes into the order; the private half goes to each machine over
/// ssh and so is never seen by the coordinator.
final class ClusterKey implements AutoCloseable {
    private static final int INSTALL_SECONDS_MAX = 180;

    /// Machines learn each other's host keys at first use; the Ethernet itself is authenticated.
    private static final String INSTALL =
            "umask 077; mkdir -p /root/.ssh; cat > /root/.ssh/id_ed25519; "
                    + "printf 'Host *\\n  StrictHostKeyChecking accept-new\\n  LogLevel ERROR\\n'"
                    + " > /root/.ssh/config";

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

    /// Keeps the key with the network and gives it to every machine.
    void install(Shell shell, Order order) throws IOException, Failure, InterruptedException {
        if (key.isEmpty()) {
            return;
        }
        byte[] secret = Files.readAllBytes(key.get().file());
        NetworkFolder network = shell.context().network(order.network());
        shell.context().write(network.clusterKey(), secret);
        Ssh ssh = Reach.ssh(shell, order);
        for (Lease lease : order.leases()) {
            give(ssh, lease, secret);
        }
    }

    private static void give(Ssh ssh, Lease lease, byte[] secret)
            throws IOException, Failure, InterruptedException {
        Process process =
                new ProcessBuilder(
                                ssh.ssh(
                                        lease,
                                        List.of("-T", "-o", "BatchMode=yes"),
                                        List.of(INSTALL)))
                        .redirectErrorStream(true)
                        .start();
        try (var in = process.getOutputStream()) {
            in.write(secret);
        } catch (IOException ended) {
            // Its exit code says the same, with a reason.
        }
        String said = new String(process.getInputStream().readNBytes(4000), StandardCharsets.UTF_8);
        if (!process.waitFor(INSTALL_SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new Failure(ExitCode.TIMEOUT, "ssh to " + lease.name() + " does not end");
        }
        if (process.exitValue() != 0) {
            throw new Failure(
                    ExitCode.UNREACHABLE,
                    "can't log in to "
                            + lease.name()
                            + " to give it the cluster's key: "
                            + said.strip()
                            + "; --no-cluster-key goes without");
        }
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
