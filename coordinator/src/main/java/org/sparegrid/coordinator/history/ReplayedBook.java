// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.market.Nodes;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.book.Picks;
import org.sparegrid.coordinator.market.book.Shortlist;
import org.sparegrid.coordinator.market.explain.Standing;
import org.sparegrid.coordinator.market.formula.Reliability;
import org.sparegrid.coordinator.market.formula.VirtualNode;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.Attribute;

/// The book as it was, rebuilt from a record, with the market's own engine.
public final class ReplayedBook {
    /// Lists of offers for nodes that are remembered until the nodes are made of them, which is
    /// right afterwards.
    private static final int LOOKS_MAX = 256;

    private final Book book = new Book(Event.ASKS_MAX);

    /// By the asks' numbers in the record.
    private final Map<Integer, Seat> seats = new HashMap<>();

    /// By the asks' numbers in this book.
    private final List<Seat> places = new ArrayList<>();

    private final Map<Long, Look> looks =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Look> eldest) {
                    return size() > LOOKS_MAX;
                }
            };

    private boolean saying;
    private boolean complete;

    /// An ask.
    private static final class Seat {
        final int ask;
        final int place;
        SellerId seller;
        Slots slots;

        Seat(int ask, int place, SellerId seller, Slots slots) {
            this.ask = ask;
            this.place = place;
            this.seller = seller;
            this.slots = slots;
        }
    }

    /// Offers of which nodes may be made, as they were listed.
    private record Look(Event.Looked what, List<SlotAsk> offers, Map<SellerId, Integer> numbers) {}

    /// What was chosen.
    private record Answer(List<Event.Taken> taken, int missing) {
        @Override
        public String toString() {
            return taken.size() + " slots " + taken + ", " + missing + " missing";
        }
    }

    /// @param complete whether no ask is missing yet
    ReplayedBook(boolean complete) {
        this.complete = complete;
    }

    /// Whether all asks are known.
    public boolean isComplete() {
        return complete;
    }

    /// How many asks there are.
    public int offers() {
        return seats.size();
    }

    /// How many of them have a slot that can be had.
    public long open() {
        return seats.values().stream().filter(seat -> seat.slots.free() > 0).count();
    }

    /// How many slots can be had.
    public long freeSlots() {
        return book.count(Constraints.NONE);
    }

    /// The least that a slot costs an hour, if one can be had.
    public Optional<Credits> cheapest() {
        Picks picks = book.match(Demand.of(1, Constraints.NONE, Credits.MAX));
        return picks.size() == 0
                ? Optional.empty()
                : Optional.of(book.get(picks.ask(0)).pricePerHour());
    }

    /// All asks of which slots can be had but some.
    ///
    /// @param except their numbers in the record
    public List<Standing> standings(Collection<Integer> except) {
        Set<Integer> unwanted = Set.copyOf(except);
        return seats.values().stream()
                .filter(seat -> !unwanted.contains(seat.ask) && seat.slots.free() > 0)
                .map(seat ->
                        new Standing(
                                book.get(seat.place), seat.slots.free(), book.sequence(seat.place)))
                .toList();
    }

    /// An ask as it stands in the book.
    ///
    /// @param slots how many it has
    /// @param free how many of them can be had
    public record Offer(SellerId seller, AskAttributes ask, int slots, int free) {}

    /// All asks, the cheapest first.
    public List<Offer> listed() {
        return seats.values().stream()
                .map(seat ->
                        new Offer(
                                seat.seller,
                                book.get(seat.place),
                                seat.slots.count(),
                                seat.slots.free()))
                .sorted(
                        Comparator.<Offer, Credits>comparing(offer -> offer.ask.pricePerHour())
                                .thenComparing(offer -> offer.seller.value()))
                .toList();
    }

    /// What is known of an ask.
    ///
    /// @param ask its number in the record
    public Optional<AskAttributes> attributes(int ask) {
        return Optional.ofNullable(seats.get(ask)).map(seat -> book.get(seat.place));
    }

    /// Whose ask it is.
    ///
    /// @param ask its number in the record
    public Optional<SellerId> seller(int ask) {
        return Optional.ofNullable(seats.get(ask)).map(seat -> seat.seller);
    }

    /// When the offers were listed that nodes are made of, and what they had to be like.
    public Optional<Event.Looked> look(long ticket) {
        return Optional.ofNullable(looks.get(ticket)).map(Look::what);
    }

    /// Lets an event happen.
    ///
    /// @return what is wrong if the book isn't what the record says it is
    Optional<String> apply(Event event) {
        switch (event) {
            case Event.Asked asked -> {
                return apply(asked);
            }
            case Event.Stocked(var ask, var slots) ->
                    Optional.ofNullable(seats.get(ask)).ifPresent(seat -> stock(seat, slots));
            case Event.Measured(var ask, var latency) ->
                    Optional.ofNullable(seats.get(ask))
                            .ifPresent(
                                    seat -> book.setNumber(seat.place, Attribute.LATENCY, latency));
            case Event.Began _ -> saying = true;
            case Event.Ended(var asks) -> {
                complete |= saying;
                saying = false;
                if (complete && asks != seats.size()) {
                    return Optional.of(
                            "the record has %d offers, the book has %d"
                                    .formatted(asks, seats.size()));
                }
            }
            case Event.Looked looked -> look(looked);
            case Event.Decision _ -> {}
        }
        return Optional.empty();
    }

    private Optional<String> apply(Event.Asked asked) {
        Seat seat = seats.get(asked.ask());
        if (seat == null) {
            int free = asked.slots().free();
            int place = book.add(asked.attributes(), free, asked.sequence());
            Seat added = new Seat(asked.ask(), place, asked.seller(), asked.slots());
            seats.put(asked.ask(), added);
            places.add(added);
            return complete && asked.again()
                    ? Optional.of("offer " + asked.ask() + " was not in the book")
                    : Optional.empty();
        }
        if (asked.again()) {
            boolean same =
                    seat.seller.equals(asked.seller())
                            && seat.slots.equals(asked.slots())
                            && book.sequence(seat.place) == asked.sequence()
                            && book.get(seat.place).equals(asked.attributes());
            return same
                    ? Optional.empty()
                    : Optional.of("offer " + asked.ask() + " differs from the book's");
        }
        seat.seller = asked.seller();
        book.update(seat.place, asked.attributes(), asked.sequence());
        stock(seat, asked.slots());
        return Optional.empty();
    }

    private void stock(Seat seat, Slots slots) {
        seat.slots = slots;
        book.setFree(seat.place, slots.free());
    }

    private int[] places(List<Integer> asks) {
        return asks.stream()
                .map(seats::get)
                .filter(seat -> seat != null)
                .mapToInt(seat -> seat.place)
                .toArray();
    }

    private void look(Event.Looked looked) {
        Set<Integer> listed =
                Shortlist.of(
                        book,
                        looked.wanted(),
                        looked.nodes(),
                        looked.megabytesPerHour(),
                        places(looked.except()));
        Map<SellerId, Integer> numbers = new HashMap<>();
        List<SlotAsk> offers = new ArrayList<>();
        for (int place : listed) {
            Seat seat = places.get(place);
            numbers.put(seat.seller, seat.ask);
            offers.add(view(seat));
        }
        looks.put(looked.ticket(), new Look(looked, offers, numbers));
    }

    private SlotAsk view(Seat seat) {
        AskAttributes ask = book.get(seat.place);
        return new SlotAsk(
                seat.seller,
                new Ask(
                        "offer",
                        seat.slots.count(),
                        ask.size(),
                        ask.pricePerHour(),
                        ask.kvm() ? Acceleration.KVM : Acceleration.EMULATION,
                        "",
                        ask.score(),
                        "",
                        AskTraits.UNKNOWN),
                ask,
                Knowledge.NONE,
                seat.slots.firstFree(seat.slots.count()).stream()
                        .map(slot -> SlotId.of(seat.seller, slot))
                        .toList());
    }

    /// Makes a choice again. What it takes is told by the events that follow it.
    Verdict check(Event.Decision decision) {
        if (!complete) {
            return new Verdict.Unchecked("not all offers are known yet at this place");
        }
        return switch (decision) {
            case Event.Chosen chosen -> compare(chosen, choose(chosen));
            case Event.Pinned pinned -> compare(pinned, choose(pinned));
            case Event.Joined joined -> check(joined);
        };
    }

    private static Verdict compare(Event.Decision decision, Answer again) {
        boolean same = decision.taken().equals(again.taken) && decision.missing() == again.missing;
        return same ? new Verdict.Same() : new Verdict.Different(again.toString());
    }

    private Answer choose(Event.Chosen chosen) {
        Picks picks = book.match(chosen.demand(), places(chosen.except()));
        List<Event.Taken> taken = new ArrayList<>();
        for (int i = 0; i < picks.size(); i++) {
            Seat seat = places.get(picks.ask(i));
            seat.slots
                    .firstFree(picks.machines(i))
                    .forEach(slot -> taken.add(new Event.Taken(seat.ask, slot)));
        }
        return new Answer(taken, picks.missing());
    }

    private Answer choose(Event.Pinned pinned) {
        List<Event.Taken> taken =
                pinned.only().stream()
                        .map(seats::get)
                        .filter(seat -> seat != null && seat.slots.free() > 0)
                        .filter(seat -> pinned.demand().test(book.get(seat.place)))
                        .map(seat -> new Event.Taken(seat.ask, seat.slots.firstFree(1).getFirst()))
                        .limit(1)
                        .toList();
        return new Answer(taken, 1 - taken.size());
    }

    private Verdict check(Event.Joined joined) {
        Look look = looks.get(joined.ticket());
        if (look == null) {
            return new Verdict.Unchecked("the list of its offers is not in the record");
        }
        if (look.offers.size() != joined.believed().size()) {
            return new Verdict.Different(
                    look.offers.size()
                            + " offers to choose from, where there were "
                            + joined.believed().size());
        }
        Verdict verdict = compare(joined, choose(joined, look));
        boolean granted =
                joined.missing() == 0
                        && joined.taken().stream()
                                .allMatch(each -> {
                                    Seat seat = seats.get(each.ask());
                                    return seat != null && seat.slots.isFree(each.slot());
                                });
        return verdict instanceof Verdict.Same && granted != joined.granted()
                ? new Verdict.Different(granted ? "its slots are free" : "a slot is sold already")
                : verdict;
    }

    private static Answer choose(Event.Joined joined, Look look) {
        List<Nodes.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < look.offers.size(); i++) {
            SlotAsk offer = look.offers.get(i);
            candidates.add(
                    new Nodes.Candidate(
                            offer,
                            new Reliability(joined.believed().get(i)),
                            Demand.carrying(offer.attributes(), look.what.megabytesPerHour())
                                    .pricePerHour()));
        }
        int nodes = look.what.nodes();
        List<VirtualNode<Nodes.Candidate>> chosen =
                Nodes.choose(
                        candidates,
                        nodes,
                        new Reliability(joined.reliability()),
                        joined.pricePerHourMax(),
                        joined.replicasMax());
        List<Event.Taken> taken =
                Nodes.slots(chosen).stream()
                        .map(slot ->
                                new Event.Taken(
                                        look.numbers.getOrDefault(slot.slot().seller(), 0),
                                        slot.slot().number()))
                        .toList();
        return new Answer(taken, nodes - chosen.size());
    }
}
