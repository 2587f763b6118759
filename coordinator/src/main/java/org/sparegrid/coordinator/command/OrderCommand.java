// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.coordinator.trade.Decisions;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.market.OrderState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Shows what buyers ordered, and ends it.
@Command(
        name = "order",
        description = "Show what buyers ordered, and end it; may run beside a coordinator.",
        subcommands = {
            OrderCommand.ListCommand.class,
            OrderCommand.Show.class,
            OrderCommand.Cancel.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class OrderCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Lists orders.
    @Command(
            name = "ls",
            description = {
                "List the orders that are not over, oldest first: what they want, and the most"
                        + " that they may cost."
            })
    static final class ListCommand implements Callable<Integer> {
        private static final int LIST_MAX = 1_000;

        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--of",
                paramLabel = "ACCOUNT",
                description =
                        "Those of this account, by address or identifier, the newest first, also"
                                + " those that are over; the last 1000.")
        String of = "";

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<OrderReport> orders) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                Instant now = Instant.now();
                Optional<AccountId> buyer =
                        of.isEmpty()
                                ? Optional.empty()
                                : Optional.of(AccountCommand.find(database, of).id());
                var out = spec.commandLine().getOut();
                if (json) {
                    View view =
                            database.read(tx ->
                                    new View(
                                            rows(tx, buyer).stream()
                                                    .map(row -> OrderReport.of(tx, row))
                                                    .toList()));
                    out.println(Format.JSON.writeWithSchema("sparegrid.orders/1", view));
                    return 0;
                }
                List<String> lines =
                        database.read(tx ->
                                rows(tx, buyer).stream().map(row -> line(tx, row, now)).toList());
                out.println(
                        lines.isEmpty()
                                ? of.isEmpty() ? "no order is open" : "no order of that account"
                                : "order             state     minutes  machines  cpus  memory MiB"
                                        + "   price/h     cost max  network           buyer");
                lines.forEach(out::println);
            }
            return 0;
        }

        private static List<OrderTable.Row> rows(Transaction tx, Optional<AccountId> buyer) {
            if (buyer.isPresent()) {
                return tx.orders().list(buyer.get(), LIST_MAX);
            }
            List<OrderTable.Row> rows = new ArrayList<>();
            for (OrderState state : OrderState.values()) {
                if (state != OrderState.CLOSED) {
                    rows.addAll(tx.orders().inState(state));
                }
            }
            return rows;
        }

        private static String most(Credits most, int decimals) {
            return most.equals(Credits.MAX) ? "any" : most.rounded(decimals);
        }

        private static String line(Transaction tx, OrderTable.Row row, Instant now) {
            return "%-16s  %-8s  %7d  %8d  %4d  %10d  %8s  %11s  %-16s  %s"
                    .formatted(
                            row.id(),
                            row.state(),
                            Duration.between(row.created(), now).toMinutes(),
                            row.spec().machines(),
                            row.spec().size().cpus(),
                            row.spec().size().memoryMebibytes(),
                            most(row.spec().pricePerHourMax(), 4),
                            most(row.costMax(), 6),
                            row.spec().name(),
                            tx.accounts().find(row.account()).orElseThrow().email());
        }
    }

    /// Shows one order.
    @Command(
            name = "show",
            description = "Show an order: what it wants, what it has, and its money.")
    static final class Show implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "ORDER", description = "The order, as ord-….")
        String order = "";

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            OrderId id = Given.read(spec, "ORDER", order, OrderId::new);
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                OrderReport report =
                        database.read(tx ->
                                tx.orders()
                                        .find(id)
                                        .map(row -> OrderReport.of(tx, row))
                                        .orElseThrow(() ->
                                                RefusedException.unknown(
                                                        "order " + id + "; see order ls")));
                if (json) {
                    spec.commandLine()
                            .getOut()
                            .println(Format.JSON.writeWithSchema("sparegrid.order/1", report));
                } else {
                    report.print(spec.commandLine().getOut());
                }
            }
            return 0;
        }
    }

    /// Ends one order.
    @Command(
            name = "cancel",
            description =
                    "End an order: all its machines are stopped, each billed until it is gone, and"
                            + " what is left of its money goes back to the buyer. Both sides read"
                            + " the reason.")
    static final class Cancel implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "ORDER", description = "The order, as ord-….")
        String order = "";

        @Option(
                names = "--reason",
                required = true,
                description = "Why; buyer and sellers read it, and the audit log has it.")
        String reason = "";

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        @Override
        public Integer call() throws Exception {
            OrderId id = Given.read(spec, "ORDER", order, OrderId::new);
            String why = Given.reason(spec, reason);
            new Ending(home, spec, json)
                    .run(
                            id.value(),
                            tx -> {
                                Decisions.cancel(tx, home.operator(), id, why, Instant.now());
                                return true;
                            },
                            tx -> tx.orders().find(id).orElseThrow().state().name());
            return 0;
        }
    }
}
