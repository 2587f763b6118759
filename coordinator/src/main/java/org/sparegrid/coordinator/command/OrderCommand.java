// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.OrderState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Shows what buyers ordered.
@Command(
        name = "order",
        description = "Show what buyers ordered; may run beside a coordinator.",
        subcommands = OrderCommand.ListCommand.class,
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
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                Instant now = Instant.now();
                List<String> lines = database.read(tx -> lines(tx, now));
                var out = spec.commandLine().getOut();
                out.println(
                        lines.isEmpty()
                                ? "no order is open"
                                : "order             state     minutes  machines  cpus  memory MiB"
                                        + "   price/h     cost max  network           buyer");
                lines.forEach(out::println);
            }
            return 0;
        }

        private static List<String> lines(Transaction tx, Instant now) {
            List<String> lines = new ArrayList<>();
            for (OrderState state : OrderState.values()) {
                if (state != OrderState.CLOSED) {
                    tx.orders().inState(state).forEach(row -> lines.add(line(tx, row, now)));
                }
            }
            return lines;
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
}
