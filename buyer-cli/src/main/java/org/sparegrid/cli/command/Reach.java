// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.util.Optional;
import org.sparegrid.cli.bridge.DaemonLauncher;
import org.sparegrid.cli.bridge.GatewaySetup;
import org.sparegrid.cli.bridge.Ssh;
import org.sparegrid.cli.context.DaemonState;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.cli.context.SshKey;
import org.sparegrid.protocol.market.Order;

/// How a command reaches the machines of an order: through the network's daemon, started if none
/// runs.
final class Reach {
    private Reach() {}

    /// The daemon of an order's network.
    static DaemonState daemon(Shell shell, Order order) throws IOException, InterruptedException {
        NetworkFolder folder = shell.context().network(order.network());
        Optional<DaemonState> running = folder.daemon();
        if (running.isPresent()) {
            return running.get();
        }
        DaemonState started =
                new DaemonLauncher(shell.environment())
                        .start(folder, order.id(), DaemonState.USER, GatewaySetup.NONE);
        shell.terminal()
                .note(
                        "Joined network "
                                + order.spec().name()
                                + " in the background, for this program only; sparegrid net down "
                                + order.spec().name()
                                + " leaves it");
        return started;
    }

    /// OpenSSH for the machines of an order, with the user's key.
    static Ssh ssh(Shell shell, Order order) throws IOException, InterruptedException {
        DaemonState daemon = daemon(shell, order);
        SshKey key = SshKey.ofUser(shell.context());
        return new Ssh(shell.context().network(order.network()), daemon, key.file());
    }
}
