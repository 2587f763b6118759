// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.sparegrid.coordinator.history.Event;
import org.sparegrid.coordinator.history.MarketRecord;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;

/// Tells the market's record what [Asks] sees and chooses. It belongs to the thread of [Asks].
final class Witness implements MarketRecord.Source {
    private final Book book;
    private final Map<SellerId, Listing> listings;
    private final List<Listing> byNumber;
    private MarketRecord record = MarketRecord.none();
    private long tickets;

    Witness(Book book, Map<SellerId, Listing> listings, List<Listing> byNumber) {
        this.book = book;
        this.listings = listings;
        this.byNumber = byNumber;
    }

    /// Tells that record from now on.
    void tell(MarketRecord told) {
        record = told;
    }

    /// See [MarketRecord#tick].
    boolean tick() {
        try {
            return record.tick(this);
        } catch (RuntimeException fault) {
            record.giveUp(fault);
            return false;
        }
    }

    /// Whatever is wrong with the record, no trade may fail with it.
    private void add(Supplier<Event> event) {
        if (record.isOn()) {
            try {
                record.add(event.get());
            } catch (RuntimeException fault) {
                record.giveUp(fault);
            }
        }
    }

    void flush() {
        record.flush();
    }

    @Override
    public int bound() {
        return byNumber.size();
    }

    @Override
    public Event.Asked say(int ask) {
        return asked(byNumber.get(ask), true);
    }

    /// What a listed seller offers, or what is known of it, changed.
    void changed(Listing listing) {
        add(() -> asked(listing, false));
    }

    private Event.Asked asked(Listing listing, boolean again) {
        return new Event.Asked(
                listing.number,
                again,
                listing.seller(),
                book.sequence(listing.number),
                listing.attributes().orElseThrow(),
                listing.slots());
    }

    /// The slots of a listed seller changed.
    void stocked(Listing listing) {
        add(() -> new Event.Stocked(listing.number, listing.slots()));
    }

    /// The round trip to a listed seller changed.
    void measured(Listing listing) {
        add(() -> new Event.Measured(listing.number, listing.known().latencyMicros()));
    }

    /// Offers were listed of which nodes may be made.
    ///
    /// @return a ticket by which the choice will refer to them
    long looked(Constraints wanted, int nodes, int megabytesPerHour, int[] except) {
        long ticket = ++tickets;
        add(() -> new Event.Looked(ticket, wanted, nodes, megabytesPerHour, list(except)));
        return ticket;
    }

    /// An order was answered.
    void chose(OrderId order, boolean replaces, Demand demand, int[] except, Match match) {
        add(() ->
                new Event.Chosen(
                        order, replaces, demand, list(except), taken(match), match.missing()));
    }

    /// An order was answered that only some computers will do for.
    void pinned(OrderId order, Demand demand, List<Listing> only, Match match) {
        add(() ->
                new Event.Pinned(
                        order,
                        demand,
                        only.stream().map(listing -> listing.number).toList(),
                        taken(match)));
    }

    /// An order of nodes was answered.
    void joined(OrderId order, Weighed weighed, Match match, boolean granted) {
        add(() ->
                new Event.Joined(
                        order,
                        weighed.ticket(),
                        weighed.reliability(),
                        weighed.pricePerHourMax(),
                        weighed.replicasMax(),
                        weighed.believed(),
                        taken(match),
                        match.missing(),
                        granted));
    }

    private static List<Integer> list(int[] numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }

    private List<Event.Taken> taken(Match match) {
        return match.slots().stream()
                .map(Match.Taken::slot)
                .map(slot -> new Event.Taken(number(slot.seller()), slot.number()))
                .toList();
    }

    private int number(SellerId seller) {
        Listing listing = listings.get(seller);
        return listing == null ? Listing.UNLISTED : listing.number;
    }
}
