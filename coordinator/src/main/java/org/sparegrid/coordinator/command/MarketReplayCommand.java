// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.history.Periods;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.coordinator.history.Replay;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Makes the market's choices again.
@Command(
        name = "replay",
        description = {
            "Rebuild the market's book from its record, make every choice again with the",
            "same engine and see that it comes out the same; show how offers, orders and",
            "prices went over time.",
            "With --order: what one order found, and why it got what it got."
        },
        footer = {
            "",
            "Exit code 1: a choice came out differently, or the record is damaged.",
            "Example: sparegrid-coordinator market replay --orders \\%n"
                    + "           --from 2026-11-22T08:00:00Z"
        })
final class MarketReplayCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--order",
            paramLabel = "ORDER",
            description = "Show each choice for this order, with the book at that moment.")
    String order = "";

    @Option(names = "--orders", description = "List what orders got: the last 1000.")
    boolean orders;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "From then on, such as 2026-11-22 or 2026-11-22T08:00:00Z.")
    String from = "";

    @Option(names = "--to", paramLabel = "TIME", description = "Up to then.")
    String to = "";

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        home.settings();
        Instant begin = time(spec, "--from", from, Instant.EPOCH);
        Instant end = time(spec, "--to", to, Instant.MAX);
        if (!begin.isBefore(end)) {
            throw new ParameterException(spec.commandLine(), "--from: expected a time before --to");
        }
        RecordFolder folder = RecordFolder.of(home.folder());
        Instant now = Instant.now();
        Duration whole =
                Duration.between(
                        begin.equals(Instant.EPOCH) ? folder.begun().orElse(now) : begin,
                        end.isAfter(now) ? now : end);
        MarketReplayReport report =
                new MarketReplayReport(wantedOrder(), orders, Periods.span(whole)) {
                    private final ReplayProgress progress = new ReplayProgress(spec);

                    @Override
                    public void read(double part, long events) {
                        progress.read(part, events);
                    }
                };
        Replay.Result result = Replay.run(folder, begin, end, report);
        report.finish(result);
        if (!order.isEmpty() && report.answers().isEmpty()) {
            throw new IOException(
                    "the record has no order "
                            + order
                            + (result.first().isEmpty()
                                    ? ""
                                    : " from " + result.first().get() + " to " + result.last())
                            + "; market replay --orders lists those that it has");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Format.JSON.writeWithSchema("sparegrid.market-replay/1", report.view()));
        } else {
            report.print(out, !order.isEmpty());
        }
        return report.isGood() ? 0 : 1;
    }

    private Optional<OrderId> wantedOrder() {
        try {
            return order.isEmpty() ? Optional.empty() : Optional.of(new OrderId(order));
        } catch (IllegalArgumentException strange) {
            throw new ParameterException(
                    spec.commandLine(), "--order: " + strange.getMessage(), strange);
        }
    }

    /// Reads a time, or a day.
    static Instant time(CommandSpec spec, String option, String text, Instant otherwise) {
        try {
            return text.isEmpty()
                    ? otherwise
                    : text.contains("T")
                            ? Instant.parse(text)
                            : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException strange) {
            throw new ParameterException(
                    spec.commandLine(),
                    option
                            + ": expected a time in UTC such as 2026-11-22 or 2026-11-22T08:00:00Z,"
                            + " got '"
                            + text
                            + "'",
                    strange);
        }
    }
}
