// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.coordinator.history.Replay;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.coordinator.trade.PriceDesk;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.market.OrderState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Shows the market in figures.
@Command(
        name = "stats",
        description = {
            "Show the market in figures: what is on offer and for how much, what runs and waits,"
                    + " what orders got in the last hour and day. Offers are those of the record,"
                    + " but for its last second."
        })
final class MarketStatsCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        Settings settings = home.settings();
        Instant now = Instant.now();
        MarketStatsReport report =
                new MarketStatsReport(now) {
                    private final ReplayProgress progress = new ReplayProgress(spec);

                    @Override
                    public void read(double part, long events) {
                        progress.read(part, events);
                    }
                };
        Replay.Result result =
                Replay.run(
                        RecordFolder.of(home.folder()),
                        now.minus(MarketStatsReport.DAY),
                        Instant.MAX,
                        report);
        try (Database database = Database.open(settings.store(home.folder()), 1)) {
            MarketStatsReport.View view =
                    report.view(result, database.read(tx -> trade(tx, settings, now)));
            var out = spec.commandLine().getOut();
            if (json) {
                out.println(Format.JSON.writeWithSchema("sparegrid.market-stats/1", view));
            } else {
                MarketStatsReport.print(out, view);
            }
        }
        result.faults().forEach(fault -> spec.commandLine().getErr().println("fault: " + fault));
        return result.faults().isEmpty() ? 0 : 1;
    }

    private static MarketStatsReport.Trade trade(Transaction tx, Settings settings, Instant now) {
        List<LeaseTable.Row> live = tx.leases().live();
        List<OrderTable.Row> waiting = tx.orders().inState(OrderState.OPEN);
        return new MarketStatsReport.Trade(
                live.size(),
                live.stream().map(LeaseTable.Row::pricePerHour).reduce(Credits.ZERO, Credits::plus),
                waiting.size(),
                waiting.stream().mapToLong(row -> row.spec().machines()).sum(),
                PriceDesk.prices(tx, settings.referencePrice(), 1, now).reference());
    }
}
