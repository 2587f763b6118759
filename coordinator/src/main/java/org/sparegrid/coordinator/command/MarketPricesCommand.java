// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.trade.PriceDesk;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.market.ReferencePrice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Shows what machines cost, hour by hour.
@Command(
        name = "prices",
        description = {
            "Show what machines cost that were leased, hour by hour, and the reference price: an"
                    + " hour of a machine as fast as one reference core. An hour is noted when it"
                    + " is over, while a coordinator serves, and kept for 400 days."
        })
final class MarketPricesCommand implements Callable<Integer> {
    private static final long HOURS_MAX = 9_600;
    private static final int DECIMALS = 6;

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "24",
            description = "How many hours back, up to 9600 (default: ${DEFAULT-VALUE}).")
    long hours = 24;

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        if (hours < 1 || hours > HOURS_MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--hours: expected 1 to " + HOURS_MAX + ", got " + hours);
        }
        Settings settings = home.settings();
        Instant now = Instant.now();
        try (Database database = Database.open(settings.store(home.folder()), 1)) {
            Prices prices =
                    database.read(
                            tx -> PriceDesk.prices(tx, settings.referencePrice(), hours, now));
            var out = spec.commandLine().getOut();
            if (json) {
                out.println(Format.JSON.writeWithSchema("sparegrid.prices/1", prices));
            } else {
                print(out, prices);
            }
        }
        return 0;
    }

    private void print(PrintWriter out, Prices prices) {
        out.println("reference  " + words(prices.reference()));
        if (prices.hours().isEmpty()) {
            out.println("no machine was leased in the last " + hours + " hours that are over");
            return;
        }
        out.println("hour (UTC)           leases        low     median       high   per core");
        for (Prices.Hour hour : prices.hours()) {
            out.printf(
                    "%-19s  %7d  %9s  %9s  %9s  %9s%n",
                    hour.at().toString().substring(0, 16).replace('T', ' '),
                    hour.leases(),
                    hour.low().rounded(DECIMALS),
                    hour.median().rounded(DECIMALS),
                    hour.high().rounded(DECIMALS),
                    hour.medianPerCore().nanos() == 0
                            ? "-"
                            : hour.medianPerCore().rounded(DECIMALS));
        }
    }

    /// The reference price of one core, and where it comes from.
    static String words(ReferencePrice reference) {
        String price = reference.pricePerHour().rounded(DECIMALS) + " an hour of one core, ";
        return switch (reference.source()) {
            case SETTINGS -> price + "by the formula in the settings";
            case LEASES -> price + "the median of " + reference.leases() + " leases in 7 days";
            case NONE ->
                    "unknown: %d leases in 7 days, 20 are needed, or reference-price in the settings"
                            .formatted(reference.leases());
        };
    }
}
