// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.sparegrid.coordinator.history.Event;
import org.sparegrid.coordinator.history.Replay;
import org.sparegrid.coordinator.history.ReplayedBook;
import org.sparegrid.coordinator.history.Verdict;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.market.ReferencePrice;

/// Counts what a market offers now and what orders got of it lately.
class MarketStatsReport implements Replay.Watcher {
    /// What the longer of the two spans is.
    static final Duration DAY = Duration.ofDays(1);

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int DECIMALS = 6;
    private static final int HUNDRED = 100;

    private final Instant hourAgo;
    private final Tally hour = new Tally();
    private final Tally day = new Tally();

    /// What a market is like.
    ///
    /// @param asOf when the last event of the last day was, or empty
    /// @param complete whether the offers from before the record begins are known, too
    /// @param openOffers those with a slot that can be had
    /// @param freePrice of an hour of the slots that can be had
    /// @param runningMachines those that are being started or stopped included
    /// @param runningPricePerHour of all of them together
    /// @param unsoldPercent of the slots that run or can be had, those that can
    /// @param waitingOrders that wait for machines
    /// @param reference of one core
    record View(
            String asOf,
            boolean complete,
            int offers,
            long openOffers,
            long freeSlots,
            Prices freePrice,
            long runningMachines,
            Credits runningPricePerHour,
            double unsoldPercent,
            long waitingOrders,
            long waitingMachines,
            ReferencePrice reference,
            Span lastHour,
            Span lastDay) {}

    /// All 0 if there are none.
    record Prices(Credits low, Credits median, Credits high) {}

    /// What orders got within some time.
    ///
    /// @param orders that asked, each once however often it was tried
    /// @param filled those of them that got all their machines
    /// @param machines that were had, those in the place of failed ones included
    /// @param pricePerHour of one of them on average; 0 if there was none
    record Span(long orders, long filled, long machines, Credits pricePerHour) {}

    /// What the tables say.
    record Trade(
            long runningMachines,
            Credits runningPricePerHour,
            long waitingOrders,
            long waitingMachines,
            ReferencePrice reference) {}

    private static final class Tally {
        private final Set<OrderId> asked = new HashSet<>();
        private final Set<OrderId> filled = new HashSet<>();
        private long machines;
        private BigDecimal paidNanos = BigDecimal.ZERO;

        void count(Event.Decision decision, ReplayedBook book) {
            if (!(decision instanceof Event.Chosen chosen && chosen.replaces())) {
                asked.add(decision.order());
                if (decision.missing() == 0) {
                    filled.add(decision.order());
                }
            }
            for (Event.Taken taken :
                    decision.missing() == 0 ? decision.taken() : List.<Event.Taken>of()) {
                machines++;
                book.attributes(taken.ask())
                        .ifPresent(ask ->
                                paidNanos =
                                        paidNanos.add(
                                                BigDecimal.valueOf(ask.pricePerHour().nanos())));
            }
        }

        Span span() {
            BigDecimal each =
                    paidNanos.divide(
                            BigDecimal.valueOf(Math.max(1, machines)), RoundingMode.HALF_UP);
            return new Span(
                    asked.size(), filled.size(), machines, new Credits(each.longValueExact()));
        }
    }

    MarketStatsReport(Instant now) {
        this.hourAgo = now.minus(HOUR);
    }

    @Override
    public void happens(Instant at, Event event, ReplayedBook book) {
        // Only what orders got is counted.
    }

    @Override
    public void decided(Instant at, Event.Decision decision, Verdict verdict, ReplayedBook book) {
        if (decision instanceof Event.Joined joined && !joined.granted() && joined.missing() == 0) {
            return; // Others took a slot in between; it was tried again at once.
        }
        day.count(decision, book);
        if (!at.isBefore(hourAgo)) {
            hour.count(decision, book);
        }
    }

    @Override
    public void read(double part, long events) {
        // Whoever waits for it overrides this.
    }

    View view(Replay.Result result, Trade trade) {
        ReplayedBook book = result.book();
        List<ReplayedBook.Offer> free =
                book.listed().stream().filter(offer -> offer.free() > 0).toList();
        long slots = free.stream().mapToLong(ReplayedBook.Offer::free).sum();
        long all = slots + trade.runningMachines;
        return new View(
                result.first().isEmpty() ? "" : result.last().toString(),
                book.isComplete(),
                book.offers(),
                free.size(),
                slots,
                new Prices(price(free, 0), price(free, (slots - 1) / 2), price(free, slots - 1)),
                trade.runningMachines,
                trade.runningPricePerHour,
                all == 0 ? 0 : Math.round(10.0 * HUNDRED * slots / all) / 10.0,
                trade.waitingOrders,
                trade.waitingMachines,
                trade.reference,
                hour.span(),
                day.span());
    }

    /// The price of one of the free slots, the cheapest first.
    private static Credits price(List<ReplayedBook.Offer> free, long slot) {
        long before = 0;
        for (ReplayedBook.Offer offer : free) {
            before += offer.free();
            if (slot < before) {
                return offer.ask().pricePerHour();
            }
        }
        return Credits.ZERO;
    }

    static void print(PrintWriter out, View view) {
        out.printf(
                "offers    %d, %d of them with a free slot%s%n",
                view.offers,
                view.openOffers,
                view.asOf.isEmpty()
                        ? "; nothing happened in the last day"
                        : ", as of " + view.asOf);
        if (!view.complete) {
            out.println("note: offers from before the record begins are missing");
        }
        out.printf(
                "free      %d slots%s%n",
                view.freeSlots,
                view.freeSlots == 0
                        ? ""
                        : " for %s to %s an hour, half of them for at most %s"
                                .formatted(
                                        view.freePrice.low.rounded(DECIMALS),
                                        view.freePrice.high.rounded(DECIMALS),
                                        view.freePrice.median.rounded(DECIMALS)));
        out.printf(
                "running   %d machines for %s an hour in all%n",
                view.runningMachines, view.runningPricePerHour.rounded(DECIMALS));
        out.printf("unsold    %.1f %%%n", view.unsoldPercent);
        out.printf(
                "waiting   %d orders for %d machines%n", view.waitingOrders, view.waitingMachines);
        out.printf("reference %s%n", MarketPricesCommand.words(view.reference));
        print(out, "last hour", view.lastHour);
        print(out, "last day", view.lastDay);
    }

    private static void print(PrintWriter out, String when, Span span) {
        out.printf(
                "%-9s %d orders, %d of them filled; %d machines%s%n",
                when,
                span.orders,
                span.filled,
                span.machines,
                span.machines == 0
                        ? ""
                        : " for %s an hour on average"
                                .formatted(span.pricePerHour.rounded(DECIMALS)));
    }
}
