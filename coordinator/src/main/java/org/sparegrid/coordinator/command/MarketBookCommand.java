// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.history.Event;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.coordinator.history.Replay;
import org.sparegrid.coordinator.history.ReplayedBook;
import org.sparegrid.coordinator.history.Verdict;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Shows the market's book.
@Command(
        name = "book",
        description = {
            "List the offers in the market's book, the cheapest first, as the record has them:"
                    + " now, but for the last second, or at another time."
        },
        footer = {"", "Example: sparegrid-coordinator market book --at 2026-11-22T08:00:00Z"})
final class MarketBookCommand implements Callable<Integer> {
    private static final int DECIMALS = 6;
    private static final int LIMIT_MAX = 1_000_000;

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(names = "--at", paramLabel = "TIME", description = "As it was then; default: now.")
    String at = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "List so many offers at most; default: 50.")
    int limit;

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    /// The book.
    ///
    /// @param asOf when the last event was that it knows of, or empty
    /// @param complete whether it has the offers from before the record begins, too
    /// @param count how many offers there are, listed or not
    record View(String asOf, boolean complete, int count, long freeSlots, List<Row> offers) {}

    /// An offer.
    ///
    /// @param memoryMebibytes of one slot, as processors and disk are
    record Row(
            String seller,
            Credits pricePerHour,
            int slots,
            int free,
            int cpus,
            int memoryMebibytes,
            int diskMebibytes,
            boolean kvm,
            String country) {}

    @Override
    public Integer call() throws Exception {
        home.settings();
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--limit: expected 1 to " + LIMIT_MAX + ", got " + limit);
        }
        Instant end = MarketReplayCommand.time(spec, "--at", at, Instant.MAX);
        Replay.Result result =
                Replay.run(RecordFolder.of(home.folder()), Instant.EPOCH, end, new Reader());
        View view = view(result);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Format.JSON.writeWithSchema("sparegrid.market-book/1", view));
        } else {
            print(out, view);
        }
        result.faults().forEach(fault -> spec.commandLine().getErr().println("fault: " + fault));
        return result.faults().isEmpty() ? 0 : 1;
    }

    private View view(Replay.Result result) {
        ReplayedBook book = result.book();
        return new View(
                result.first().isEmpty() ? "" : result.last().toString(),
                book.isComplete(),
                book.offers(),
                book.freeSlots(),
                book.listed().stream().limit(limit).map(MarketBookCommand::row).toList());
    }

    private static Row row(ReplayedBook.Offer offer) {
        return new Row(
                offer.seller().value(),
                offer.ask().pricePerHour(),
                offer.slots(),
                offer.free(),
                offer.ask().size().cpus(),
                offer.ask().size().memoryMebibytes(),
                offer.ask().size().diskMebibytes(),
                offer.ask().kvm(),
                offer.ask().country());
    }

    private static void print(PrintWriter out, View view) {
        out.printf(
                "%d offers, %d free slots%s%n",
                view.count, view.freeSlots, view.asOf.isEmpty() ? "" : ", as of " + view.asOf);
        if (!view.complete) {
            out.println("note: offers from before the record begins are missing");
        }
        if (!view.offers.isEmpty()) {
            out.println(
                    "seller    free    price/h       cpus  memory MiB  disk MiB  runs on   country");
        }
        for (Row row : view.offers) {
            out.printf(
                    "%.8s  %3d/%-3d %-12s  %4d  %10d  %8d  %-8s  %s%n",
                    row.seller,
                    row.free,
                    row.slots,
                    row.pricePerHour.rounded(DECIMALS),
                    row.cpus,
                    row.memoryMebibytes,
                    row.diskMebibytes,
                    row.kvm ? "KVM" : "emulated",
                    row.country.isEmpty() ? "?" : row.country);
        }
        if (view.offers.size() < view.count) {
            out.println(view.count - view.offers.size() + " more; --limit lists them");
        }
    }

    /// Waits for the end; choices are made again all the same.
    private final class Reader implements Replay.Watcher {
        private final ReplayProgress progress = new ReplayProgress(spec);

        @Override
        public void happens(Instant when, Event event, ReplayedBook book) {}

        @Override
        public void decided(
                Instant when, Event.Decision decision, Verdict verdict, ReplayedBook book) {}

        @Override
        public void read(double part, long events) {
            progress.read(part, events);
        }
    }
}
