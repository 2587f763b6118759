// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.sparegrid.coordinator.market.book.Shortlist;
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

    /// What one machine of each open order must be like, and the orders for which one has come.
    private final Map<OrderId, Demand> awaited = new LinkedHashMap<>();

    private Set<SellerId> suspended = Set.of();

    private final Set<OrderId> hopeful = new LinkedHashSet<>();
    private final Witness witness = new Witness(book, listings, byNumber);

    private final Lending lending = new Lending(book, listings);

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
            restock(listing);
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
                restock(listing);
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
                refresh(listing);
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
                    refresh(listing);
                }
            }
            return true;
        });
    }

    /// Notes slots that are sold.
    void sell(Collection<SlotId> slots) {
        run(() -> {
            slots.forEach(this::sell);
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
                free(slot);
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

    /// Offers of which nodes can be made: of each degree of reliability the cheapest, as many as
    /// the nodes could need.
    Shortlisted candidates(
            Constraints wanted, int nodes, int megabytesPerHour, Set<SellerId> except) {
        return run(() -> {
            int[] unwanted = numbers(except);
            Set<Integer> numbers = Shortlist.of(book, wanted, nodes, megabytesPerHour, unwanted);
            return new Shortlisted(
                    witness.looked(wanted, nodes, megabytesPerHour, unwanted),
                    numbers.stream().map(number -> byNumber.get(number).view()).toList());
        });
    }

    /// Offers of which nodes can be made.
    ///
    /// @param ticket by which the record knows them
    record Shortlisted(long ticket, List<SlotAsk> offers) {}

    /// Takes these slots, if none is missing and all of them can be had still.
    ///
    /// @param weighed what they were chosen by
    boolean take(OrderId order, Match match, Weighed weighed) {
        return run(() -> {
            List<Match.Taken> slots = match.slots();
            boolean free =
                    match.missing() == 0
                            && slots.stream()
                                    .map(Match.Taken::slot)
                                    .allMatch(slot -> {
                                        Listing listing = listings.get(slot.seller());
                                        return listing != null && listing.isFree(slot.number());
                                    });
            witness.joined(order, weighed, match, free);
            if (free) {
                slots.forEach(taken -> sell(taken.slot()));
            }
            return free;
        });
    }

    /// What a seller offers now, or nothing if it doesn't sell.
    Optional<AskAttributes> find(SellerId seller) {
        return run(() ->
                Optional.ofNullable(listings.get(seller))
                        .filter(Listing::isOpen)
                        .flatMap(Listing::attributes));
    }

    /// All asks of which slots are free but those of some sellers, in no order.
    List<Standing> standings(Set<SellerId> except) {
        return run(() -> {
            List<Standing> standings = new ArrayList<>();
            for (Listing listing : listings.values()) {
                boolean counts =
                        listing.number != Listing.UNLISTED && !except.contains(listing.seller());
                int free = counts ? listing.free() : 0;
                if (free > 0) {
                    AskAttributes ask = listing.attributes().orElseThrow();
                    standings.add(new Standing(ask, free, book.sequence(listing.number)));
                }
            }
            return standings;
        });
    }

    /// How many sellers offer something.
    long offers() {
        return run(() -> listings.values().stream().filter(Listing::isOpen).count());
    }

    /// How many orders wait.
    long waitingOrders() {
        return run(() -> (long) awaited.size());
    }

    /// What an order would get if some slots could be had that are sold.
    Match match(Demand demand, Set<SellerId> except, Collection<SlotId> besides) {
        return run(() -> lending.with(besides, () -> search(demand, numbers(except))));
    }

    /// What is offered in slots that are sold, by those whose sellers would sell them again.
    Map<SlotId, AskAttributes> offersIn(Collection<SlotId> slots, Set<SellerId> except) {
        return run(() -> lending.offersIn(slots, except));
    }

    /// What an order gets, some slots that are kept for it included: unless machines are missing,
    /// its slots are sold from now on. Those that are kept stay so.
    Match take(OrderId order, Demand demand, Set<SellerId> except, Collection<SlotId> kept) {
        return run(() -> {
            kept.forEach(this::free);
            int[] unwanted = numbers(except);
            Match match = search(demand, unwanted);
            witness.chose(order, false, demand, unwanted, match);
            if (match.missing() == 0) {
                match.slots().forEach(taken -> sell(taken.slot()));
            }
            kept.forEach(this::sell);
            return match;
        });
    }

    /// What an order gets in place of a machine that is gone: its slot is sold from now on.
    ///
    /// @param beside the sellers of the order's other machines, which count for its diversity
    Match takeAnother(OrderId order, Demand demand, Set<SellerId> except, List<SellerId> beside) {
        return run(() -> {
            List<AskAttributes> others =
                    beside.stream()
                            .map(listings::get)
                            .filter(Objects::nonNull)
                            .flatMap(listing -> listing.attributes().stream())
                            .toList();
            Demand rest = demand.and(demand.diversity().beside(others));
            int[] unwanted = numbers(except);
            Match match = search(rest, unwanted);
            witness.chose(order, true, rest, unwanted, match);
            if (match.missing() == 0) {
                match.slots().forEach(taken -> sell(taken.slot()));
            }
            return match;
        });
    }

    /// What an order of one machine would get of the computers that alone will do.
    Match match(Demand demand, List<SellerId> only) {
        return run(() -> search(demand, listed(only)));
    }

    /// What an order of one machine gets of the computers that alone will do: its slot is sold from
    /// now on.
    Match take(OrderId order, Demand demand, List<SellerId> only) {
        return run(() -> {
            List<Listing> listed = listed(only);
            Match match = search(demand, listed);
            witness.pinned(order, demand, listed, match);
            match.slots().forEach(taken -> sell(taken.slot()));
            return match;
        });
    }

    private List<Listing> listed(List<SellerId> sellers) {
        return sellers.stream()
                .map(listings::get)
                .filter(listing -> listing != null && listing.number != Listing.UNLISTED)
                .toList();
    }

    private static Match search(Demand demand, List<Listing> only) {
        List<Match.Taken> slots =
                only.stream()
                        .filter(listing -> listing.free() > 0)
                        .map(Listing::view)
                        .filter(view -> demand.test(view.attributes()))
                        .map(view -> new Match.Taken(view.free().getFirst(), view))
                        .limit(1)
                        .toList();
        return new Match(slots, 1 - slots.size());
    }

    /// An order waits for machines like this one.
    void await(OrderId order, Demand forOne) {
        run(() -> {
            awaited.put(order, forOne);
            return hopeful.add(order);
        });
    }

    /// An order waits no longer.
    void forget(OrderId order) {
        run(() -> {
            hopeful.remove(order);
            return awaited.remove(order);
        });
    }

    /// Whether any order waits.
    boolean isAwaited() {
        return run(() -> !awaited.isEmpty());
    }

    /// The orders for which a machine has come, or become cheaper or better, since this was asked.
    Set<OrderId> hopeful() {
        return run(() -> {
            Set<OrderId> found = Set.copyOf(hopeful);
            hopeful.clear();
            return found;
        });
    }

    /// Whether it is in the book.
    private boolean learn(Listing listing, Knowledge known) {
        listing.learn(known);
        if (listing.number == Listing.UNLISTED) {
            return false;
        }
        book.update(listing.number, listing.attributes().orElseThrow());
        restock(listing);
        return true;
    }

    private int[] numbers(Set<SellerId> sellers) {
        return sellers.stream()
                .map(listings::get)
                .filter(listing -> listing != null && listing.number != Listing.UNLISTED)
                .mapToInt(listing -> listing.number)
                .toArray();
    }

    private Match search(Demand demand, int[] except) {
        Picks picks = book.match(demand, except);
        List<Match.Taken> taken = new ArrayList<>();
        for (int i = 0; i < picks.size(); i++) {
            Listing listing = byNumber.get(picks.ask(i));
            SlotAsk view = listing.view();
            listing.firstFree(picks.machines(i))
                    .forEach(slot -> taken.add(new Match.Taken(slot, view)));
        }
        return new Match(taken, picks.missing());
    }

    private void free(SlotId slot) {
        Listing listing = listings.get(slot.seller());
        if (listing != null) {
            listing.release(slot.number());
            refresh(listing);
        }
    }

    private void sell(SlotId slot) {
        Listing listing = listings.computeIfAbsent(slot.seller(), Listing::new);
        listing.sell(slot.number());
        refresh(listing);
    }

    private void refresh(Listing listing) {
        restock(listing);
        if (listing.number != Listing.UNLISTED) {
            witness.stocked(listing);
        }
    }

    private void restock(Listing listing) {
        if (listing.number != Listing.UNLISTED) {
            int free = listing.free();
            book.setFree(listing.number, free);
            if (free > 0 && !awaited.isEmpty()) {
                awaited.forEach((order, demand) -> {
                    if (demand.test(listing.view().attributes())) {
                        hopeful.add(order);
                    }
                });
            }
        }
    }

    private <T> T run(Supplier<T> work) {
        return thread.run(work);
    }
}
