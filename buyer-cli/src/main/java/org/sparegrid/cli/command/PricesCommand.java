// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.market.ReferencePrice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prices`.
@Command(
        name = "prices",
        description = {
            "Show what machines cost that were leased, hour by hour.",
            "Hours in which none was leased are left out."
        },
        footer = "per core: for the speed of one reference core, as the reference price.")
final class PricesCommand extends DataCommand {
    private static final long HOURS_MAX = 9_600;

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "24",
            description = "How many hours back, up to 9600 (default: ${DEFAULT-VALUE}).")
    private long hours = 24;

    @Override
    int run() throws IOException, RefusedException, Failure, InterruptedException {
        if (hours < 1 || hours > HOURS_MAX) {
            throw new Failure(
                    ExitCode.USAGE, "--hours: expected 1 to " + HOURS_MAX + ", got " + hours);
        }
        Prices prices = coordinator().prices(hours);
        print("sparegrid.prices/1", prices, () -> show(prices));
        return 0;
    }

    private void show(Prices prices) {
        ReferencePrice reference = prices.reference();
        terminal()
                .print(
                        "Reference price: "
                                + (reference.source() == ReferencePrice.Source.NONE
                                        ? words(reference)
                                        : Plain.amount(reference.pricePerHour())
                                                + " an hour of one core, "
                                                + words(reference)));
        if (prices.hours().isEmpty()) {
            terminal().note("No machine was leased in the last " + hours + " hours that are over");
            return;
        }
        terminal().print("");
        Table table = Table.of("hour", "leases>", "low>", "median>", "high>", "per core>");
        for (Prices.Hour hour : prices.hours()) {
            table.row(
                    Plain.time(hour.at(), shell().clock().getZone()).substring(0, 16),
                    Long.toString(hour.leases()),
                    Plain.amount(hour.low()),
                    Plain.amount(hour.median()),
                    Plain.amount(hour.high()),
                    hour.medianPerCore().equals(Credits.ZERO)
                            ? "-"
                            : Plain.amount(hour.medianPerCore()));
        }
        terminal().print(table);
    }

    /// Where a reference price comes from.
    static String words(ReferencePrice reference) {
        return switch (reference.source()) {
            case SETTINGS -> "by the operator's formula";
            case LEASES ->
                    "the median of " + Words.plural(reference.leases(), "lease") + " in 7 days";
            case NONE ->
                    "unknown, as there were only "
                            + Words.plural(reference.leases(), "lease")
                            + " in 7 days";
        };
    }

    /// How a price compares.
    static String beside(Credits price, ReferencePrice reference) {
        return reference.source() == ReferencePrice.Source.NONE
                ? "Reference price " + words(reference)
                : "Reference price of machines as fast: "
                        + Plain.amount(reference.pricePerHour())
                        + " an hour, "
                        + words(reference)
                        + (reference.pricePerHour().nanos() == 0
                                ? ""
                                : "; this is "
                                        + Math.round(
                                                100.0
                                                        * price.nanos()
                                                        / reference.pricePerHour().nanos())
                                        + " % of it");
    }
}
