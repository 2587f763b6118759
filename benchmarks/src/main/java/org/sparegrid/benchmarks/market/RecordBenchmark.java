// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.market;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.sparegrid.coordinator.history.Event;
import org.sparegrid.coordinator.history.MarketRecord;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.coordinator.history.Replay;
import org.sparegrid.coordinator.history.ReplayedBook;
import org.sparegrid.coordinator.history.Slots;
import org.sparegrid.coordinator.history.Verdict;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.book.Picks;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;

/// What the record of a market costs the thread that owns the book, and how fast it is gone through
/// again. The one argument is a folder.
public final class RecordBenchmark {
    private static final int ASKS = 100_000;
    private static final int ORDERS = 4000;
    private static final int ROUNDS = 5;
    private static final int CHANGES_PER_PAUSE = 10_000;
    private static final Slots SLOTS = new Slots(4, true, 0, 0);
    private static final OrderId ORDER = new OrderId("ord-aaaaaaaaaaaa");

    private final Book book = new Book(ASKS);
    private final SampleMarket sample = new SampleMarket(1);
    private final List<AskAttributes> changed = new ArrayList<>();
    private final List<Demand> demands = new ArrayList<>();

    private RecordBenchmark() {
        for (int i = 0; i < ASKS; i++) {
            book.add(sample.ask(), SLOTS.free());
            changed.add(sample.ask());
        }
        for (int i = 0; i < ORDERS; i++) {
            demands.add(sample.demand());
        }
    }

    /// Runs it.
    public static void main(String[] args) throws IOException, InterruptedException {
        new RecordBenchmark().run(RecordFolder.of(Path.of(args[0])));
    }

    private void run(RecordFolder folder) throws IOException, InterruptedException {
        double[][] without = new double[ROUNDS][];
        double[][] with = new double[ROUNDS][];
        try (MarketRecord record = MarketRecord.open(folder, 4L << 30, InstantSource.system())) {
            for (int i = 0; i < ASKS; i++) {
                record.add(asked(i));
            }
            for (int i = 0; i < ROUNDS; i++) {
                without[i] = measure(MarketRecord.none());
                with[i] = measure(record);
                if (!record.isOn()) {
                    throw new IllegalStateException("the record has a gap");
                }
            }
            record.flush();
        }
        report("change of an offer", median(without, 0), median(with, 0));
        report("order", median(without, 1), median(with, 1));
        replay(folder);
    }

    private static void report(String what, double without, double with) {
        System.out.printf(
                Locale.ROOT,
                "%s among %d offers: %.2f us of CPU without a record, %.2f us with it%n",
                what,
                ASKS,
                without / 1000,
                with / 1000);
    }

    private static double median(double[][] nanos, int which) {
        double[] sorted = Arrays.stream(nanos).mapToDouble(each -> each[which]).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /// The CPU time of this thread for one change and for one order.
    private double[] measure(MarketRecord record) throws InterruptedException {
        long changes = 0;
        for (int from = 0; from < ASKS; from += CHANGES_PER_PAUSE) {
            long start = Times.cpuNanos();
            for (int ask = from; ask < from + CHANGES_PER_PAUSE; ask++) {
                book.update(ask, changed.set(ask, book.get(ask)));
                if (record.isOn()) {
                    record.add(asked(ask));
                }
            }
            changes += Times.cpuNanos() - start;
            Thread.sleep(20); // The disk's turn: real changes don't come all at once.
        }
        long start = Times.cpuNanos();
        for (Demand demand : demands) {
            Picks picks = book.match(demand);
            if (record.isOn()) {
                record.add(chosen(demand, picks));
            }
        }
        long orders = Times.cpuNanos() - start;
        return new double[] {changes / (double) ASKS, orders / (double) ORDERS};
    }

    private Event.Asked asked(int ask) {
        SellerId seller = new SellerId("%040x".formatted(0));
        return new Event.Asked(ask, false, seller, book.sequence(ask), book.get(ask), SLOTS);
    }

    private static Event.Chosen chosen(Demand demand, Picks picks) {
        List<Event.Taken> taken = new ArrayList<>();
        for (int i = 0; i < picks.size(); i++) {
            for (int slot = 0; slot < picks.machines(i); slot++) {
                taken.add(new Event.Taken(picks.ask(i), slot));
            }
        }
        return new Event.Chosen(ORDER, false, demand, List.of(), taken, picks.missing());
    }

    private static void replay(RecordFolder folder) throws IOException {
        Checked checked = new Checked();
        long start = System.nanoTime();
        Replay.Result result = Replay.run(folder, Instant.EPOCH, Instant.MAX, checked);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "replay: %d events in %.1f s, %d choices the same, %d others%n",
                result.events(),
                seconds,
                checked.same,
                checked.others);
        boolean passed = checked.others == 0 && result.faults().isEmpty();
        System.out.printf(
                Locale.ROOT,
                "goal replay-same %d >=%d %s%n",
                checked.same,
                ORDERS * ROUNDS,
                passed && checked.same >= ORDERS * ROUNDS ? "pass" : "fail");
    }

    private static final class Checked implements Replay.Watcher {
        private long same;
        private long others;

        @Override
        public void happens(Instant at, Event event, ReplayedBook book) {
            // Only choices count.
        }

        @Override
        public void decided(
                Instant at, Event.Decision decision, Verdict verdict, ReplayedBook book) {
            if (verdict instanceof Verdict.Same) {
                same++;
            } else {
                others++;
            }
        }

        @Override
        public void read(double part, long events) {
            // It is over soon.
        }
    }
}
