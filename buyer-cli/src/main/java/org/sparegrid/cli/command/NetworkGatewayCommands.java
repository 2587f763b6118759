// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.sparegrid.cli.bridge.WgQuickGateway;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.virtualethernet.system.Programs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `net export` and `net gateway`: computers on a network that run none of our software.
final class NetworkGatewayCommands {
    private NetworkGatewayCommands() {}

    @Command(
            name = "export",
            description = "Write what another program needs to join a network.",
            subcommands = {WgQuick.class})
    static final class Export extends GroupCommand {}

    @Command(
            name = "wg-quick",
            description = {
                "Write a file with which wg-quick puts a Linux computer on a network.",
                "That computer needs WireGuard, the kernel's VXLAN, and an address that others",
                "reach. The file holds its private key."
            })
    static final class WgQuick extends DataCommand {
        private record Written(String file, String member, String name) {}

        @Parameters(arity = "0..1", paramLabel = "NETWORK", description = "The network.")
        private String network = "";

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                required = true,
                description = "The file; DEVICE.conf makes the network device DEVICE.")
        private Path file = Path.of("");

        @Option(
                names = "--endpoint",
                paramLabel = "ADDRESS:PORT",
                required = true,
                description = "Where the others reach that computer by UDP.")
        private String endpoint = "";

        @Option(
                names = "--name",
                paramLabel = "NAME",
                defaultValue = "gateway",
                description = "Its name on the network (default: ${DEFAULT-VALUE}).")
        private String name = "gateway";

        @Option(
                names = "--bridge",
                paramLabel = "IF",
                defaultValue = "",
                description = "A bridge on that computer to put the network into.")
        private String bridge = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            if (Files.exists(file)) {
                throw new Failure(
                        ExitCode.USAGE,
                        file + " exists; sparegrid net gateway sync " + file + " renews it");
            }
            Coordinator coordinator = coordinator();
            Order order = Choice.network(coordinator, network);
            try {
                WgQuickGateway made =
                        WgQuickGateway.join(
                                coordinator, order.network(), name, endpoint, bridge, file);
                print(
                        "sparegrid.gateway/1",
                        new Written(file.toString(), made.member().value(), name),
                        () ->
                                terminal()
                                        .print(
                                                "Wrote "
                                                        + file
                                                        + "; on that computer: wg-quick up ./"
                                                        + file.getFileName()));
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            return 0;
        }
    }

    @Command(
            name = "gateway",
            description = "Computers that joined by an exported file.",
            subcommands = {Sync.class, Remove.class})
    static final class Gateway extends GroupCommand {}

    @Command(
            name = "sync",
            description = {
                "Renew an exported file as the network is now, and its device if it runs here.",
                "For one that runs elsewhere: --script, piped into ssh root@THERE sh."
            })
    static final class Sync extends DataCommand {
        private static final Duration POLL = Duration.ofSeconds(25);

        private record Synced(String file, long version, int members, boolean applied) {}

        @Parameters(paramLabel = "FILE", description = "The exported file.")
        private Path file = Path.of("");

        @Option(names = "--script", description = "Print a script that renews the device.")
        private boolean script;

        @Option(names = "--follow", description = "Stay and renew it at every change.")
        private boolean follow;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            WgQuickGateway gateway = WgQuickGateway.read(file);
            long version = -1;
            do {
                Duration wait = version < 0 ? Duration.ZERO : POLL;
                NetworkView view = coordinator.network(gateway.network(), version, wait);
                if (view.version() > version) {
                    sync(gateway, view);
                    version = view.version();
                }
            } while (follow);
            return 0;
        }

        private void sync(WgQuickGateway gateway, NetworkView view) throws IOException, Failure {
            if (view.members().stream().noneMatch(m -> m.id().equals(gateway.member()))) {
                throw new Failure(
                        ExitCode.NOT_FOUND,
                        file + " is of no member any more; delete it and export another");
            }
            gateway.write(view);
            if (script) {
                terminal().print(gateway.script(view).stripTrailing());
                return;
            }
            boolean here = gateway.runsHere();
            if (here) {
                String _ = Programs.run(List.of("sh", "-c", gateway.script(view)));
            }
            print(
                    "sparegrid.gateway-sync/1",
                    new Synced(file.toString(), view.version(), view.members().size(), here),
                    () ->
                            terminal()
                                    .print(
                                            "Renewed "
                                                    + file
                                                    + (here ? " and its device" : "")
                                                    + ": "
                                                    + (view.members().size() - 1)
                                                    + " others on the network"));
        }
    }

    @Command(
            name = "rm",
            description = "Take a computer with an exported file off its network; delete the file.")
    static final class Remove extends DataCommand {
        private record Removed(String file) {}

        @Parameters(paramLabel = "FILE", description = "The exported file.")
        private Path file = Path.of("");

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            WgQuickGateway gateway = WgQuickGateway.read(file);
            try {
                coordinator().leave(gateway.network(), gateway.member());
            } catch (RefusedException gone) {
                if (!gone.name().equals("not-found")) {
                    throw gone;
                }
            }
            Files.delete(file);
            print(
                    "sparegrid.gateway-left/1",
                    new Removed(file.toString()),
                    () -> terminal().print("Removed " + file));
            return 0;
        }
    }
}
