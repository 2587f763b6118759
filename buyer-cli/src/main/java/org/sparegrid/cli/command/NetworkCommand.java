// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.cli.bridge.ControlClient;
import org.sparegrid.cli.bridge.DaemonLauncher;
import org.sparegrid.cli.bridge.GatewaySetup;
import org.sparegrid.cli.bridge.NetworkDaemon;
import org.sparegrid.cli.bridge.Peers;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.DaemonState;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Peer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `net` and what it holds.
@Command(
        name = "net",
        description = {
            "Your private Ethernets: put this computer on one and look at the others there.",
            "NETWORK is an order's name or id; not needed while only one is under way."
        },
        subcommands = {
            NetworkCommand.Up.class,
            NetworkCommand.Down.class,
            NetworkCommand.PeersCommand.class,
            NetworkCommand.Ping.class,
            NetworkTraceCommand.class,
            NetworkCheckCommand.class,
            NetworkCaptureCommand.class,
            NetworkGatewayCommands.Export.class,
            NetworkGatewayCommands.Gateway.class,
            NetworkCommand.ListCommand.class,
            NetworkCommand.Daemon.class,
            NetworkCommand.Connect.class
        })
final class NetworkCommand extends GroupCommand {
    private record Networks(List<DaemonState> networks) {}

    /// The one network this computer is on, or the one that is named.
    static NetworkFolder joined(Shell shell, String name) throws IOException, Failure {
        List<NetworkFolder> up = new ArrayList<>();
        for (NetworkFolder folder : shell.context().networks()) {
            Optional<DaemonState> daemon = folder.daemon();
            boolean meant =
                    name.isEmpty()
                            || folder.network().value().equals(name)
                            || daemon.filter(d -> d.name().equals(name) || d.order().equals(name))
                                    .isPresent();
            if (daemon.isPresent() && meant) {
                up.add(folder);
            }
        }
        if (up.size() == 1) {
            return up.getFirst();
        }
        throw new Failure(
                up.isEmpty() ? ExitCode.NOT_FOUND : ExitCode.USAGE,
                up.isEmpty()
                        ? "this computer is not on "
                                + (name.isEmpty() ? "any network" : "network " + name)
                                + "; run sparegrid net up "
                                + name
                        : "this computer is on several networks; say which");
    }

    @Command(
            name = "up",
            description = {
                "Put this computer on a network, in the background.",
                "As root every program reaches the machines by address; without root the vm",
                "commands do."
            })
    static final class Up extends DataCommand {
        @Parameters(arity = "0..1", paramLabel = "NETWORK", description = "The network.")
        private String name = "";

        @Option(names = "--user-space", description = "Make no network device, even as root.")
        private boolean userSpace;

        @Mixin private GatewayOptions gateway = new GatewayOptions();

        @Option(names = "--foreground", description = "Stay in the foreground until Ctrl-C.")
        private boolean foreground;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            Order order = Choice.network(coordinator, name);
            NetworkFolder folder = shell().context().network(order.network());
            String mode =
                    !userSpace && DaemonLauncher.mayMakeDevices()
                            ? DaemonState.TAP
                            : DaemonState.USER;
            GatewaySetup setup = gateway.setup();
            Optional<DaemonState> running = folder.daemon();
            boolean same =
                    running.filter(daemon ->
                                    daemon.mode().equals(mode)
                                            && daemon.gateway()
                                                    .equals(String.join(" ", setup.arguments())))
                            .isPresent();
            if (running.isPresent() && same && !foreground) {
                show(running.get(), folder);
                return 0;
            }
            DaemonLauncher launcher = new DaemonLauncher(shell().environment());
            launcher.stop(folder, coordinator);
            Optional<String> objection = setup.objection(mode);
            if (objection.isPresent()) {
                throw new Failure(ExitCode.USAGE, objection.get());
            }
            if (foreground) {
                NetworkDaemon.run(
                        coordinator,
                        folder,
                        order,
                        new NetworkDaemon.Setup(mode, setup),
                        shell().clock(),
                        s -> showState(s));
                return 0;
            }
            show(launcher.start(folder, order.id(), mode, setup), folder);
            return 0;
        }

        private void showState(DaemonState state) {
            print("sparegrid.network/1", state, () -> terminal().print(sentence(state)));
        }

        private void show(DaemonState state, NetworkFolder folder) throws IOException {
            Peers peers = new ControlClient(folder.socket()).peers();
            print(
                    "sparegrid.network/1",
                    state,
                    () -> {
                        terminal().print(sentence(state));
                        Table table = Table.of("name", "address");
                        peers.peers().forEach(peer -> table.row(peer.name(), peer.address()));
                        terminal().print(table);
                    });
        }

        private static String sentence(DaemonState state) {
            String how =
                    state.mode().equals(DaemonState.TAP)
                            ? " by the device " + state.device()
                            : " for the commands of sparegrid only, as making a device needs root";
            return "On network "
                    + state.name()
                    + " as "
                    + state.hostName()
                    + ", "
                    + state.address()
                    + ","
                    + how
                    + (state.gateway().isEmpty() ? "" : ", as gateway: " + state.gateway());
        }
    }

    @Command(name = "down", description = "Take this computer off a network.")
    static final class Down extends DataCommand {
        private record Left(boolean wasUp) {}

        @Parameters(arity = "0..1", paramLabel = "NETWORK", description = "The network.")
        private String name = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            boolean was = false;
            for (NetworkFolder folder : shell().context().networks()) {
                if (isMeant(folder)) {
                    was |= new DaemonLauncher(shell().environment()).stop(folder, coordinator);
                }
            }
            boolean any = was;
            print(
                    "sparegrid.network-left/1",
                    new Left(any),
                    () ->
                            terminal()
                                    .print(
                                            any
                                                    ? "Left the network"
                                                    : "This computer was not on that network"));
            return 0;
        }

        private boolean isMeant(NetworkFolder folder) throws IOException {
            return name.isEmpty()
                    || folder.network().value().equals(name)
                    || folder.recorded()
                            .filter(d -> d.name().equals(name) || d.order().equals(name))
                            .isPresent();
        }
    }

    @Command(name = "ls", description = "List the networks this computer is on.")
    static final class ListCommand extends DataCommand {
        @Override
        int run() throws IOException {
            List<DaemonState> up = new ArrayList<>();
            for (NetworkFolder folder : shell().context().networks()) {
                folder.daemon().ifPresent(up::add);
            }
            print("sparegrid.networks/1", new Networks(up), () -> show(up));
            return 0;
        }

        private void show(List<DaemonState> up) {
            Table table = Table.of("network~", "own name~", "address", "mode", "device", "pid>");
            for (DaemonState state : up) {
                table.row(
                        state.name(),
                        state.hostName(),
                        state.address(),
                        state.mode(),
                        state.device().isEmpty() ? "-" : state.device(),
                        Long.toString(state.pid()));
            }
            terminal().print(table);
            if (up.isEmpty()) {
                terminal().note("This computer is on no network; sparegrid net up joins one");
            }
        }
    }

    @Command(name = "peers", description = "List the others on a network and the paths to them.")
    static final class PeersCommand extends DataCommand {
        @Parameters(arity = "0..1", paramLabel = "NETWORK", description = "The network.")
        private String name = "";

        @Override
        int run() throws IOException, Failure {
            Peers peers = new ControlClient(joined(shell(), name).socket()).peers();
            print("sparegrid.peers/1", peers, () -> show(peers));
            return 0;
        }

        private void show(Peers peers) {
            Table table =
                    Table.of(
                            "name",
                            "address",
                            "path~",
                            "round trip>",
                            "mtu>",
                            "session>",
                            "in>",
                            "out>",
                            "direct>");
            for (Peer peer : peers.peers()) {
                table.row(
                        peer.name(),
                        peer.address(),
                        peer.path(),
                        Peer.millis(peer.roundTripMicros()),
                        peer.mtuBytes() < 0 ? "-" : String.valueOf(peer.mtuBytes()),
                        peer.handshakeSecondsAgo() < 0
                                ? "-"
                                : Plain.span(Duration.ofSeconds(peer.handshakeSecondsAgo())),
                        Plain.bytes(peer.receivedBytes()),
                        Plain.bytes(peer.sentBytes()),
                        Plain.bytes(peer.directBytes()));
            }
            terminal().print(table);
            if (peers.savedBytes() > 0) {
                terminal().note("Open UDP ports saved relays " + Plain.bytes(peers.savedBytes()));
            }
            if (!peers.bridge().equals("none")) {
                terminal().note("The bridge to the LAN is in state " + peers.bridge());
            }
        }
    }

    @Command(name = "ping", description = "Ask a machine for an echo and show the path.")
    static final class Ping extends DataCommand {
        private static final Duration BETWEEN = Duration.ofSeconds(1);

        private record Pings(List<Echo> pings) {}

        @Parameters(paramLabel = "NAME", description = "The machine, as in node1.")
        private String machine = "";

        @Option(
                names = {"-c", "--count"},
                paramLabel = "N",
                defaultValue = "3",
                description = "How often (default: ${DEFAULT-VALUE}).")
        private int count = 3;

        @Option(names = "--network", paramLabel = "NETWORK", description = "The network.")
        private String network = "";

        @Override
        int run() throws IOException, Failure, InterruptedException {
            ControlClient control = new ControlClient(joined(shell(), network).socket());
            List<Echo> echoes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                if (i > 0) {
                    Thread.sleep(BETWEEN);
                }
                Echo echo = control.ping(machine, Duration.ofSeconds(5));
                echoes.add(echo);
                if (!json()) {
                    terminal().print(echo.line());
                }
            }
            print("sparegrid.ping/1", new Pings(echoes), () -> {});
            boolean any = echoes.stream().anyMatch(Echo::wasAnswered);
            return any ? 0 : ExitCode.UNREACHABLE.number();
        }
    }

    @Command(name = "daemon", hidden = true, description = "What net up runs in the background.")
    static final class Daemon extends ShellCommand {
        @Parameters(paramLabel = "ORDER", description = "The order's identifier.")
        private String order = "";

        @Option(names = "--mode", paramLabel = "MODE", defaultValue = DaemonState.USER)
        private String mode = DaemonState.USER;

        @Mixin private GatewayOptions gateway = new GatewayOptions();

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            Order found = coordinator.order(new OrderId(order));
            NetworkFolder folder = shell().context().network(found.network());
            NetworkDaemon.Setup setup = new NetworkDaemon.Setup(mode, gateway.setup());
            NetworkDaemon.run(coordinator, folder, found, setup, shell().clock(), _ -> {});
            return 0;
        }
    }

    @Command(
            name = "connect",
            hidden = true,
            description = "Carries standard input and output to a port of a machine.")
    static final class Connect extends ShellCommand {
        @Parameters(index = "0", paramLabel = "NETWORK", description = "The network's identifier.")
        private String network = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "The machine.")
        private String machine = "";

        @Parameters(index = "2", paramLabel = "PORT", description = "The TCP port.")
        private int port;

        @Override
        int run() throws IOException {
            NetworkFolder folder = shell().context().network(new NetworkId(network));
            try (SocketChannel channel =
                    new ControlClient(folder.socket()).connect(machine, port)) {
                ControlClient.relay(channel, System.in, System.out);
            }
            return 0;
        }
    }
}
