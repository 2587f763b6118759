// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.coordinator.trade.Decisions;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Shows what runs, and ends it.
@Command(
        name = "lease",
        description =
                "Show what runs on sellers' computers, and end it; may run beside a coordinator.",
        subcommands = {
            LeaseCommand.ListCommand.class,
            LeaseCommand.Show.class,
            LeaseCommand.Terminate.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class LeaseCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Lists what runs.
    @Command(name = "ls", description = "List all live leases, with seller, buyer and price.")
    static final class ListCommand implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<LeaseReport> leases) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                if (json) {
                    View view =
                            database.read(tx ->
                                    new View(
                                            tx.leases().live().stream()
                                                    .map(row -> LeaseReport.of(tx, row))
                                                    .toList()));
                    spec.commandLine()
                            .getOut()
                            .println(Format.JSON.writeWithSchema("sparegrid.leases/1", view));
                    return 0;
                }
                Instant now = Instant.now();
                List<String> lines =
                        database.read(tx ->
                                tx.leases().live().stream()
                                        .map(row -> line(tx, row, now))
                                        .toList());
                var out = spec.commandLine().getOut();
                out.println(
                        lines.isEmpty()
                                ? "no lease is live"
                                : "lease             state     minutes   price/h      charged  seller"
                                        + "    on                network  buyer");
                lines.forEach(out::println);
            }
            return 0;
        }

        private static String line(Transaction tx, LeaseTable.Row row, Instant now) {
            OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
            return "%-16s  %-8s  %7d  %8s  %11s  %.8s  %-16s  %s  %s"
                    .formatted(
                            row.id(),
                            row.status().state(),
                            Duration.between(row.created(), now).toMinutes(),
                            row.pricePerHour().rounded(4),
                            row.paid().rounded(6),
                            row.seller().value(),
                            row.sellerName(),
                            order.spec().name(),
                            tx.accounts().find(order.account()).orElseThrow().email());
        }
    }

    /// Shows one.
    @Command(
            name = "show",
            description =
                    "Show a machine: where it runs and for whom, its price, meter and history.")
    static final class Show implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "MACHINE", description = "The machine, as vm-….")
        String lease = "";

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            LeaseId id = Given.read(spec, "MACHINE", lease, LeaseId::new);
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                LeaseReport report =
                        database.read(tx ->
                                tx.leases()
                                        .find(id)
                                        .map(row -> LeaseReport.of(tx, row))
                                        .orElseThrow(() ->
                                                RefusedException.unknown(
                                                        "machine " + id + "; see lease ls")));
                if (json) {
                    spec.commandLine()
                            .getOut()
                            .println(Format.JSON.writeWithSchema("sparegrid.lease/1", report));
                } else {
                    report.print(spec.commandLine().getOut());
                }
            }
            return 0;
        }
    }

    /// Ends one.
    @Command(
            name = "terminate",
            description =
                    "End a machine: its seller's computer stops it, and the buyer pays until then."
                            + " Both sides read the reason. The rest of its order goes on.")
    static final class Terminate implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "MACHINE", description = "The machine, as vm-….")
        String lease = "";

        @Option(
                names = "--reason",
                required = true,
                description = "Why; buyer and seller read it, and the audit log has it.")
        String reason = "";

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        @Override
        public Integer call() throws Exception {
            LeaseId id = Given.read(spec, "MACHINE", lease, LeaseId::new);
            String why = Given.reason(spec, reason);
            new Ending(home, spec, json)
                    .run(
                            id.value(),
                            tx -> {
                                Decisions.terminate(tx, home.operator(), id, why, Instant.now());
                                return true;
                            },
                            tx -> tx.leases().find(id).orElseThrow().status().state().name());
            return 0;
        }
    }
}
