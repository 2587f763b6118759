// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.sparegrid.coordinator.history.Event;
import org.sparegrid.coordinator.history.MarketRecord;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.book.Picks;
import org.sparegrid.coordinator.market.explain.Standing;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.session.Sessions;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Ask;

/// What sellers offer now. One thread owns the book: all changes and searches wait in its queue and
/// it waits for nothing itself, so the database's thread may ask it.
///
/// The book lives in memory, as agents say what they offer again when they connect. A slot counts
/// as sold from the moment an order takes it, before that is committed; whoever takes a slot
/// releases it when the commit fails. The database, which refuses a second live lease of a slot,
/// has the last word.
final class Asks implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Asks.class.getName());

    /// Sellers with an offer. A million are about 250 MB.
    private static final int ASKS_MAX = Event.ASKS_MAX;

    private final Sessions sessions;
    private final Book book = new Book(ASKS_MAX);
    private final Map<SellerId, Listing> listings = new HashMap<>();
    private final List<Listing> byNumber = new ArrayList<>();

    private Set<SellerId> suspended = Set.of();

    private final Hopes hopes = new Hopes();
    private final Witness witness = new Witness(book, listings, byNumber);

    private final Matching matching = new Matching(book, listings, byNumber, witness, hopes);

    private final BookThread thread = new BookThread();

    Asks(Sessions sessions) {
        this.sessions = sessions;
    }

    /// Lets a record know what is seen and chosen from now on. There must be no offer yet.
    void tell(MarketRecord record) {
        run(() -> {
            witness.tell(record);
            return true;
        });
    }

    /// Keeps the record going; called once a second.
    void tick() {
        thread.execute(this::keepRecord);
    }

    private void keepRecord() {
        if (witness.tick()) {
            thread.continueLater(this::keepRecord);
        }
    }

    @Override
    public void close() {
        if (!thread.isClosed()) {
            run(() -> {
                witness.flush();
                return true;
            });
        }
        thread.close();
    }

    /// Adds the figures of the book.
    void measure(Metrics metrics) {
        metrics.gauge("sparegrid.offers", "Sellers that offer.", this::offers);
        metrics.gauge("sparegrid.orders.waiting", "Orders that wait.", this::waitingOrders);
    }

    /// Notes what a seller offers; an offer keeps its age unless its price changed.
    void put(SellerId seller, Ask ask, String owner, Knowledge known, boolean selling) {
        run(() -> {
            Listing listing = listings.computeIfAbsent(seller, Listing::new);
            listing.say(ask, owner, known, selling);
            AskAttributes attributes = listing.attributes().orElseThrow();
            listing.connect(sessions.isConnected(seller));
            listing.suspend(suspended.contains(seller));
            if (listing.number != Listing.UNLISTED) {
                book.update(listing.number, attributes);
            } else if (book.isFull()) {
                LOGGER.log(
                        System.Logger.Level.ERROR,
                        () -> "the book is full, an offer is left out seller=" + seller);
                return false;
            } else {
                listing.number = book.add(attributes, 0);
                while (byNumber.size() <= listing.number) {
                    byNumber.add(listing);
                }
                byNumber.set(listing.number, listing);
            }
            matching.restock(listing);
            witness.changed(listing);
            return true;
        });
    }

    /// Notes what was measured of a seller.
    void learn(SellerId seller, Knowledge known) {
        run(() -> {
            Listing listing = listings.get(seller);
            if (listing == null) {
                return false;
            }
            if (learn(listing, known)) {
                witness.changed(listing);
            }
            return true;
        });
    }

    /// Notes the level that a seller offers to prove.
    void attest(SellerId seller, int level) {
        run(() -> {
            Listing listing = listings.get(seller);
            if (listing != null && listing.attest(level) && listing.number != Listing.UNLISTED) {
                book.update(listing.number, listing.attributes().orElseThrow());
                matching.restock(listing);
                witness.changed(listing);
            }
            return true;
        });
    }

    /// Notes the round trip to a seller's agent, without waiting for it.
    void learnLatency(SellerId seller, int micros) {
        thread.execute(() -> {
            Listing listing = listings.get(seller);
            if (listing != null && learn(listing, listing.known().withLatency(micros))) {
                witness.measured(listing);
            }
        });
    }

    /// Sees whether a seller's agent is connected now.
    void look(SellerId seller) {
        run(() -> {
            Listing listing = listings.get(seller);
            if (listing != null) {
                listing.connect(sessions.isConnected(seller));
                matching.refresh(listing);
            }
            return true;
        });
    }

    /// Takes these sellers off the market, and no others.
    void suspend(Set<SellerId> sellers) {
        run(() -> {
            Set<SellerId> changed = new LinkedHashSet<>(suspended);
            changed.addAll(sellers);
            suspended = Set.copyOf(sellers);
            for (SellerId seller : changed) {
                Listing listing = listings.get(seller);
                if (listing != null) {
                    listing.suspend(suspended.contains(seller));
                    matching.refresh(listing);
                }
            }
            return true;
        });
    }

    /// Notes slots that are sold.
    void sell(Collection<SlotId> slots) {
        run(() -> {
            slots.forEach(matching::sell);
            return true;
        });
    }

    /// Notes slots that can be had again.
    void release(Collection<SlotId> slots) {
        if (slots.isEmpty()) {
            return;
        }
        run(() -> {
            for (SlotId slot : slots) {
                matching.free(slot);
                Listing listing = listings.get(slot.seller());
                if (listing != null && listing.isEmpty()) {
                    listings.remove(slot.seller());
                }
            }
            return true;
        });
    }

    /// The cheapest offers that meet the constraints, cheapest first.
    List<SlotAsk> list(Constraints constraints) {
        return run(() -> {
            Picks picks = book.match(Demand.of(Demand.MACHINES_MAX, constraints, Credits.MAX));
            List<SlotAsk> offers = new ArrayList<>();
            for (int i = 0; i < picks.size(); i++) {
                offers.add(byNumber.get(picks.ask(i)).view());
            }
            return offers;
        });
    }

    /// What a seller offers now, or nothing if it doesn't sell.
    Optional<AskAttributes> find(SellerId seller) {
        return run(() ->
                Optional.ofNullable(listings.get(seller))
                        .filter(Listing::isOpen)
                        .flatMap(Listing::attributes));
    }

    /// How many sellers offer something.
    long offers() {
        return run(() -> listings.values().stream().filter(Listing::isOpen).count());
    }

    /// How many orders wait.
    long waitingOrders() {
        return run(hopes::size);
    }

    /// Offers of which nodes can be made: of each degree of reliability the cheapest, as many as
    /// the nodes could need.
    Matching.Shortlisted candidates(
            Constraints wanted, int nodes, int megabytesPerHour, Access access) {
        return run(() -> matching.candidates(wanted, nodes, megabytesPerHour, access));
    }

    /// Takes these slots, if none is missing and all of them can be had still.
    ///
    /// @param weighed what they were chosen by
    boolean take(OrderId order, Match match, Weighed weighed, Access access) {
        return run(() -> matching.take(order, match, weighed, access));
    }

    /// All asks of which slots are free but those of some sellers, in no order.
    List<Standing> standings(Access access) {
        return run(() -> matching.standings(access));
    }

    /// What an order would get, slots included that are kept for it.
    Match match(Demand demand, Access access) {
        return run(() -> matching.match(demand, access));
    }

    /// What is offered in slots that are sold, by those whose sellers would sell them again.
    Map<SlotId, AskAttributes> offersIn(Collection<SlotId> slots, Access access) {
        return run(() -> matching.offersIn(slots, access));
    }

    /// What an order gets, some slots that are kept for it included: unless machines are missing,
    /// its slots are sold from now on. Those that are kept stay so.
    Match take(OrderId order, Demand demand, Access access) {
        return run(() -> matching.take(order, demand, access));
    }

    /// What an order gets in place of a machine that is gone: its slot is sold from now on.
    ///
    /// @param beside the sellers of the order's other machines, which count for its diversity
    Match takeAnother(OrderId order, Demand demand, Access access, List<SellerId> beside) {
        return run(() -> matching.takeAnother(order, demand, access, beside));
    }

    /// What an order gets for a time to come: unless machines are missing, its slots are bound to
    /// it from now on. Slots that are kept are those that are sold now and can be had by then.
    Match book(OrderId order, Demand demand, Access access) {
        return run(() -> matching.book(order, demand, access));
    }

    /// Slots are bound.
    void bind(Collection<BookedSlots.Span> spans) {
        run(() -> matching.bind(spans));
    }

    /// Slots are bound no longer.
    void unbind(Collection<BookedSlots.Bound> slots) {
        if (!slots.isEmpty()) {
            run(() -> matching.unbind(slots));
        }
    }

    /// Which of these slots could be had now by an order for which some are kept.
    Set<SlotId> there(Collection<SlotId> slots, Collection<SlotId> kept) {
        return run(() -> matching.there(slots, kept));
    }

    /// What an order gets that has bookings: their slots and `more` machines besides, unless some
    /// are missing.
    Match takeBooked(OrderId order, List<SlotId> slots, int more, Demand demand, Access access) {
        return run(() -> matching.takeBooked(order, slots, more, demand, access));
    }

    /// What an order of one machine would get of the computers that alone will do.
    Match matchOnly(Demand demand, Access access) {
        return run(() -> matching.matchOnly(demand, access));
    }

    /// What an order of one machine gets of the computers that alone will do: its slot is sold from
    /// now on.
    Match takeOnly(OrderId order, Demand demand, Access access) {
        return run(() -> matching.takeOnly(order, demand, access));
    }

    /// An order waits for machines like this one.
    void await(OrderId order, Demand forOne) {
        run(() -> hopes.await(order, forOne));
    }

    /// An order waits no longer.
    void forget(OrderId order) {
        run(() -> hopes.forget(order));
    }

    /// Whether any order waits.
    boolean isAwaited() {
        return run(hopes::isAwaited);
    }

    /// The orders for which a machine has come, or become cheaper or better, since this was asked.
    Set<OrderId> hopeful() {
        return run(hopes::taken);
    }

    /// Whether it is in the book.
    private boolean learn(Listing listing, Knowledge known) {
        listing.learn(known);
        if (listing.number == Listing.UNLISTED) {
            return false;
        }
        book.update(listing.number, listing.attributes().orElseThrow());
        matching.restock(listing);
        return true;
    }

    private <T> T run(Supplier<T> work) {
        return thread.run(work);
    }
}
