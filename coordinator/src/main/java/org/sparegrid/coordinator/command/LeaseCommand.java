// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Shows what runs.
@Command(
        name = "lease",
        description = "Show what runs on sellers' computers; may run beside a coordinator.",
        subcommands = LeaseCommand.ListCommand.class,
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

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
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
                            row.charged().rounded(6),
                            row.seller().value(),
                            row.sellerName(),
                            order.spec().name(),
                            tx.accounts().find(order.account()).orElseThrow().email());
        }
    }
}
