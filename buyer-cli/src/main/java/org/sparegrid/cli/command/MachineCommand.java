// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.Usage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `vm` and what it holds.
@Command(
        name = "vm",
        description = {
            "Machines. NAME is node1, or node1.ORDER if several orders have one, or an id."
        },
        subcommands = {
            MachineCommand.ListCommand.class,
            MachineCommand.Show.class,
            ConsoleCommands.Console.class,
            ConsoleCommands.Logs.class,
            RemoteCommands.SshCommand.class,
            RemoteCommands.Exec.class,
            RemoteCommands.Copy.class,
            MachineCommand.Stop.class
        })
final class MachineCommand extends GroupCommand {
    private record Machines(List<Lease> machines) {}

    @Command(name = "ls", description = "List machines.")
    static final class ListCommand extends DataCommand {
        @Option(
                names = {"-a", "--all"},
                description = "List those that have ended, too.")
        private boolean all;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            List<Lease> machines = new ArrayList<>();
            for (Order order : coordinator().orders().orders()) {
                for (Lease lease : order.leases()) {
                    if (all || lease.state().isLive()) {
                        machines.add(lease);
                    }
                }
            }
            print("sparegrid.machines/1", new Machines(machines), () -> show(machines));
            return 0;
        }

        private void show(List<Lease> machines) {
            Table table =
                    Table.of("name~", "state", "address", "seller~", "accel", "up>", "charged>");
            for (Lease lease : machines) {
                table.row(
                        lease.name() + "." + lease.network(),
                        Words.state(lease),
                        lease.address().isEmpty() ? "-" : lease.address(),
                        lease.sellerName(),
                        Words.of(lease.acceleration()),
                        Plain.span(Duration.ofSeconds(lease.usage().runMillis() / 1000)),
                        Plain.amount(lease.charged()));
            }
            terminal().print(table);
            if (machines.isEmpty()) {
                terminal().note("No machine runs" + (all ? "" : "; --all lists those that did"));
            }
        }
    }

    @Command(name = "show", description = "Show a machine: its start, its usage and its cost.")
    static final class Show extends DataCommand {
        @Parameters(paramLabel = "NAME", description = "The machine.")
        private String name = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Lease lease = Choice.machine(coordinator(), name).lease();
            print("sparegrid.machine/1", lease, () -> show(lease));
            return 0;
        }

        private void show(Lease lease) {
            line("machine", lease.id() + " " + lease.name() + "." + lease.network());
            line("state", Words.state(lease));
            if (!lease.endsAt().isEmpty()) {
                line("end", Words.end(lease, shell().clock().getZone()));
            }
            line("address", lease.address().isEmpty() ? "none yet" : lease.address());
            line(
                    "seller",
                    Plain.line(lease.sellerName())
                            + " ("
                            + Words.seller(lease.seller().value())
                            + "), "
                            + Words.of(lease.acceleration()));
            line("price", Plain.amount(lease.pricePerHour()) + " an hour");
            Usage usage = lease.usage();
            line(
                    "used",
                    Plain.span(Duration.ofMillis(usage.runMillis()))
                            + ", processor "
                            + Plain.span(Duration.ofNanos(usage.cpuNanos())));
            line(
                    "network",
                    Plain.bytes(usage.receivedBytes())
                            + " received, "
                            + Plain.bytes(usage.sentBytes())
                            + " sent");
            if (lease.traffic().savedBytes() > 0) {
                line("path", Words.saved(lease.traffic()));
            }
            if (lease.traffic().isCharged()) {
                line("traffic", Words.traffic(lease.traffic()));
            }
            line("charged", Plain.amount(lease.charged()) + " for " + lease.billedSeconds() + " s");
            terminal().print("");
            Table events = Table.of("time", "after>", "state", "what~");
            Instant start =
                    lease.events().isEmpty() ? Instant.EPOCH : lease.events().getFirst().at();
            for (LeaseEvent event : lease.events()) {
                events.row(
                        Plain.time(event.at(), shell().clock().getZone()).substring(11),
                        Plain.span(Duration.between(start, event.at())),
                        Words.of(event.state()),
                        event.detail());
            }
            terminal().print(events);
        }

        private void line(String title, String text) {
            terminal().print(String.format("%-8s %s", title, text));
        }
    }

    @Command(name = "stop", description = "Stop one machine; the order's others go on.")
    static final class Stop extends DataCommand {
        @Parameters(paramLabel = "NAME", description = "The machine.")
        private String name = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            Lease lease = coordinator.stop(Choice.machine(coordinator, name).lease().id());
            print(
                    "sparegrid.machine/1",
                    lease,
                    () -> terminal().print("Stopping " + lease.name() + "." + lease.network()));
            return 0;
        }
    }
}
