// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.Opinion;
import org.sparegrid.protocol.api.Sales;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// The commands about what one says of others, and what others bought.
final class RateCommands {
    private RateCommands() {}

    private enum Mark {
        GOOD,
        BAD
    }

    @Command(
            name = "rate",
            description = "Say once whether a machine that ran was good, as its buyer or seller.",
            footer = "vm ls --all --json and sales show the machines' identifiers.")
    static final class Rate extends DataCommand {
        @Parameters(index = "0", paramLabel = "MACHINE", description = "The machine, as vm-….")
        private String lease = "";

        @Parameters(index = "1", paramLabel = "good|bad", description = "What you say of it.")
        private Mark mark = Mark.GOOD;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            LeaseId id;
            try {
                id = new LeaseId(lease);
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            Opinion opinion = new Opinion(mark == Mark.GOOD);
            coordinator().rate(id, opinion);
            print(
                    "sparegrid.opinion/1",
                    opinion,
                    () -> terminal().print("Noted: " + lease + " was " + word(mark)));
            return 0;
        }

        private static String word(Mark mark) {
            return mark.name().toLowerCase(Locale.ROOT);
        }
    }

    @Command(name = "sales", description = "List what ran on your own computers, newest first.")
    static final class SalesCommand extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Sales sales = coordinator().sales();
            print("sparegrid.sales/1", sales, () -> show(sales));
            return 0;
        }

        private void show(Sales sales) {
            Table table =
                    Table.of("machine", "on~", "buyer", "rating>", "state", "billed>", "earned>");
            for (Sales.Sale sale : sales.sales()) {
                table.row(
                        sale.lease().value(),
                        sale.sellerName(),
                        sale.buyer().value(),
                        String.format(Locale.ROOT, "%.2f", sale.buyerRating() / 1000.0),
                        (sale.ended().isEmpty() ? sale.state().name() : sale.ended())
                                .toLowerCase(Locale.ROOT),
                        Plain.span(Duration.ofSeconds(sale.billedSeconds())),
                        Plain.amount(sale.earned()));
            }
            terminal().print(table);
            sales.sales().stream()
                    .filter(sale -> sale.traffic().savedBytes() > 0)
                    .forEach(sale ->
                            terminal().note(sale.lease() + " " + Words.saved(sale.traffic())));
            sales.sales().stream()
                    .filter(sale -> sale.traffic().isCharged())
                    .forEach(sale ->
                            terminal()
                                    .print(
                                            sale.lease()
                                                    + " traffic: "
                                                    + Words.traffic(sale.traffic())));
            if (sales.sales().isEmpty()) {
                terminal().note("Nothing ran on your computers yet");
            }
        }
    }
}
