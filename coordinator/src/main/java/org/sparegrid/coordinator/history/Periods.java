// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.protocol.Credits;

/// Sums up by the hour, or by any other span, what happened in a market.
public final class Periods {
    /// Spans that people count in.
    private static final List<Duration> SPANS =
            List.of(
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(15),
                    Duration.ofHours(1),
                    Duration.ofHours(6),
                    Duration.ofDays(1),
                    Duration.ofDays(7),
                    Duration.ofDays(28));

    private static final int ROWS = 24;

    private final long spanMillis;
    private final List<Row> rows = new ArrayList<>();
    private Tally tally = new Tally();
    private Optional<Instant> begun = Optional.empty();

    /// One span of time.
    ///
    /// @param begins when
    /// @param offers known at its end
    /// @param open those of them with a slot that could be had
    /// @param freeSlots the slots that could be had
    /// @param cheapest the least that one of them cost an hour; 0 if there was none
    /// @param orders that asked; one that waited counts each time it was tried
    /// @param filled those of them that got all their machines
    /// @param replaced machines that took the place of failed ones
    /// @param irreplaceable failed machines that none was found for
    /// @param machines that were had, in all
    /// @param pricePerHour what one of them cost an hour on average; 0 if there was none
    public record Row(
            Instant begins,
            int offers,
            long open,
            long freeSlots,
            Credits cheapest,
            long orders,
            long filled,
            long replaced,
            long irreplaceable,
            long machines,
            Credits pricePerHour) {}

    private static final class Tally {
        private long orders;
        private long filled;
        private long replaced;
        private long irreplaceable;
        private long machines;
        private BigDecimal paidNanos = BigDecimal.ZERO;
    }

    /// @param span of one row, at least a second
    public Periods(Duration span) {
        this.spanMillis = span.toMillis();
    }

    /// The span by which so long a time makes some two dozen rows.
    public static Duration span(Duration whole) {
        return SPANS.stream()
                .filter(span -> span.multipliedBy(ROWS).compareTo(whole) >= 0)
                .findFirst()
                .orElse(SPANS.getLast());
    }

    /// Something happens: rows of the time before it are finished.
    public void happens(Instant at, ReplayedBook book) {
        Instant row =
                Instant.ofEpochMilli(Math.floorDiv(at.toEpochMilli(), spanMillis) * spanMillis);
        if (begun.isEmpty()) {
            begun = Optional.of(row);
        } else if (row.isAfter(begun.get())) {
            end(book);
            begun = Optional.of(row);
        }
    }

    /// Counts what an order got.
    public void count(Event.Decision decision, ReplayedBook book) {
        if (decision instanceof Event.Joined joined && !joined.granted() && joined.missing() == 0) {
            return; // Others took a slot in between; it was tried again at once.
        }
        boolean replaces = decision instanceof Event.Chosen chosen && chosen.replaces();
        boolean had = decision.missing() == 0;
        tally.orders += replaces ? 0 : 1;
        tally.filled += !replaces && had ? 1 : 0;
        tally.replaced += replaces && had ? 1 : 0;
        tally.irreplaceable += replaces && !had ? 1 : 0;
        for (Event.Taken taken : had ? decision.taken() : List.<Event.Taken>of()) {
            tally.machines++;
            book.attributes(taken.ask())
                    .ifPresent(ask ->
                            tally.paidNanos =
                                    tally.paidNanos.add(
                                            BigDecimal.valueOf(ask.pricePerHour().nanos())));
        }
    }

    /// All rows, the last of which ends now.
    public List<Row> finish(ReplayedBook book) {
        if (begun.isPresent()) {
            end(book);
            begun = Optional.empty();
        }
        return List.copyOf(rows);
    }

    private void end(ReplayedBook book) {
        BigDecimal machines = BigDecimal.valueOf(Math.max(1, tally.machines));
        long paid = tally.paidNanos.divide(machines, RoundingMode.HALF_UP).longValueExact();
        rows.add(
                new Row(
                        begun.orElseThrow(),
                        book.offers(),
                        book.open(),
                        book.freeSlots(),
                        book.cheapest().orElse(Credits.ZERO),
                        tally.orders,
                        tally.filled,
                        tally.replaced,
                        tally.irreplaceable,
                        tally.machines,
                        new Credits(paid)));
        tally = new Tally();
    }
}
