// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.coordinator.store.VolumeTable;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Shows what sellers keep for buyers.
@Command(
        name = "volume",
        description = "Show the volumes that sellers keep; may run beside a coordinator.",
        subcommands = VolumeCommand.ListCommand.class,
        synopsisSubcommandLabel = "COMMAND")
final class VolumeCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Lists volumes.
    @Command(
            name = "ls",
            description = {
                "List the volumes that have not ended: on which computer and for whom, what is held"
                        + " and what was paid.",
                "Only its buyer, its seller or the end of its money deletes a volume."
            })
    static final class ListCommand implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<Row> volumes) {}

        /// A volume.
        ///
        /// @param detail why it is in this state, or empty
        /// @param lease the machine that has it, or empty
        record Row(
                String volume,
                String name,
                int gibibytes,
                String buyer,
                String buyerEmail,
                String seller,
                String sellerName,
                String state,
                Instant since,
                String detail,
                String lease,
                Credits pricePerMonth,
                Credits held,
                Credits charged,
                Instant created) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                View view =
                        database.read(tx ->
                                new View(
                                        tx.volumes().all().stream()
                                                .map(row -> row(tx, row))
                                                .toList()));
                var out = spec.commandLine().getOut();
                if (json) {
                    out.println(Format.JSON.writeWithSchema("sparegrid.volumes/1", view));
                    return 0;
                }
                out.println(
                        view.volumes.isEmpty()
                                ? "nobody keeps a volume"
                                : "volume            state     since                   GiB  GiB/month"
                                        + "         held      charged  seller    buyer");
                view.volumes.forEach(row -> out.println(line(row)));
            }
            return 0;
        }

        private static Row row(Transaction tx, VolumeTable.Row row) {
            return new Row(
                    row.id().value(),
                    row.name(),
                    row.gibibytes(),
                    row.account().value(),
                    LeaseReport.email(tx, row.account()),
                    row.seller().value(),
                    row.sellerName(),
                    row.status().state().name(),
                    row.status().since(),
                    row.status().detail(),
                    row.lease(),
                    row.pricePerMonth(),
                    tx.ledger().balance(Book.escrow(row.id(), row.account())),
                    row.charged(),
                    row.created());
        }

        private static String line(Row row) {
            return "%-16s  %-8s  %-20s  %5d  %9s  %11s  %11s  %.8s  %s"
                    .formatted(
                            row.volume,
                            row.state,
                            row.since.truncatedTo(ChronoUnit.SECONDS),
                            row.gibibytes,
                            row.pricePerMonth.rounded(4),
                            row.held.rounded(6),
                            row.charged.rounded(6),
                            row.seller,
                            row.buyerEmail);
        }
    }
}
