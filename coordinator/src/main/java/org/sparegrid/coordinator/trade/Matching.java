// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static java.util.stream.Collectors.toUnmodifiableSet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.book.Picks;
import org.sparegrid.coordinator.market.book.Shortlist;
import org.sparegrid.coordinator.market.explain.Standing;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;

/// Chooses among what is offered, and keeps the book's count of free slots. It belongs to the
/// thread of [Asks], whose methods of the same names say what each does.
final class Matching {
    private final Book book;
    private final Map<SellerId, Listing> listings;
    private final List<Listing> byNumber;
    private final Witness witness;
    private final Hopes hopes;
    private final Lending lending;
    private final BookedSlots booked = new BookedSlots();

    Matching(
            Book book,
            Map<SellerId, Listing> listings,
            List<Listing> byNumber,
            Witness witness,
            Hopes hopes) {
        this.book = book;
        this.listings = listings;
        this.byNumber = byNumber;
        this.witness = witness;
        this.hopes = hopes;
        this.lending = new Lending(book, listings);
    }

    Shortlisted candidates(Constraints wanted, int nodes, int megabytesPerHour, Access access) {
        List<SlotId> hidden = hide(access);
        int[] unwanted = numbers(access.except());
        Set<Integer> numbers = Shortlist.of(book, wanted, nodes, megabytesPerHour, unwanted);
        Shortlisted listed =
                new Shortlisted(
                        witness.looked(wanted, nodes, megabytesPerHour, unwanted),
                        numbers.stream().map(number -> byNumber.get(number).view()).toList());
        hidden.forEach(this::free);
        return listed;
    }

    /// Offers of which nodes can be made.
    ///
    /// @param ticket by which the record knows them
    record Shortlisted(long ticket, List<SlotAsk> offers) {}

    boolean take(OrderId order, Match match, Weighed weighed, Access access) {
        List<SlotId> hidden = hide(access);
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
        hidden.forEach(this::free);
        return free;
    }

    List<Standing> standings(Access access) {
        return lending.without(
                hidden(access),
                () -> {
                    List<Standing> standings = new ArrayList<>();
                    for (Listing listing : listings.values()) {
                        boolean counts =
                                listing.number != Listing.UNLISTED
                                        && !access.except().contains(listing.seller());
                        int free = counts ? listing.free() : 0;
                        if (free > 0) {
                            AskAttributes ask = listing.attributes().orElseThrow();
                            standings.add(new Standing(ask, free, book.sequence(listing.number)));
                        }
                    }
                    return standings;
                });
    }

    Match match(Demand demand, Access access) {
        return lending.with(
                access.kept(),
                () ->
                        lending.without(
                                hidden(access), () -> search(demand, numbers(access.except()))));
    }

    Map<SlotId, AskAttributes> offersIn(Collection<SlotId> slots, Access access) {
        Map<SlotId, AskAttributes> offers = lending.offersIn(slots, access.except());
        booked.hidden(access.reach()).forEach(offers::remove);
        return offers;
    }

    Match take(OrderId order, Demand demand, Access access) {
        access.kept().forEach(this::free);
        Match match = choose(order, false, demand, access);
        access.kept().forEach(this::sell);
        return match;
    }

    Match takeAnother(OrderId order, Demand demand, Access access, List<SellerId> beside) {
        return choose(order, true, beside(demand, beside), access);
    }

    Match book(OrderId order, Demand demand, Access access) {
        List<SlotId> lent = access.kept().stream().filter(this::isSold).toList();
        lent.forEach(this::free);
        List<SlotId> hidden = hide(access);
        int[] unwanted = numbers(access.except());
        Match match = search(demand, unwanted);
        witness.chose(order, false, demand, unwanted, match);
        hidden.forEach(this::free);
        lent.forEach(this::sell);
        if (match.missing() == 0) {
            Reach reach = access.reach();
            match.slots()
                    .forEach(taken ->
                            booked.add(
                                    new BookedSlots.Span(
                                            taken.slot(), order, reach.from(), reach.to())));
        }
        return match;
    }

    boolean bind(Collection<BookedSlots.Span> spans) {
        spans.forEach(booked::add);
        return true;
    }

    boolean unbind(Collection<BookedSlots.Bound> slots) {
        slots.forEach(bound -> booked.remove(bound.order(), bound.slot()));
        return true;
    }

    Set<SlotId> there(Collection<SlotId> slots, Collection<SlotId> kept) {
        return lending.with(
                kept, () -> slots.stream().filter(this::isFree).collect(toUnmodifiableSet()));
    }

    Match takeBooked(OrderId order, List<SlotId> slots, int more, Demand demand, Access access) {
        access.kept().forEach(this::free);
        List<Match.Taken> taken = new ArrayList<>();
        int missing = more;
        if (slots.stream().allMatch(this::isFree)) {
            slots.forEach(
                    slot -> taken.add(new Match.Taken(slot, listing(slot).orElseThrow().view())));
            slots.forEach(this::sell);
            Match rest =
                    more == 0
                            ? new Match(List.of(), 0)
                            : choose(
                                    order,
                                    true,
                                    beside(demand, slots.stream().map(SlotId::seller).toList()),
                                    access);
            missing = rest.missing();
            taken.addAll(rest.slots());
            if (missing > 0) {
                slots.forEach(this::free);
            }
        } else {
            missing += slots.size();
        }
        access.kept().forEach(this::sell);
        return new Match(taken, missing);
    }

    private Match choose(OrderId order, boolean replaces, Demand demand, Access access) {
        List<SlotId> hidden = hide(access);
        int[] unwanted = numbers(access.except());
        Match match = search(demand, unwanted);
        witness.chose(order, replaces, demand, unwanted, match);
        if (match.missing() == 0) {
            match.slots().forEach(taken -> sell(taken.slot()));
        }
        hidden.forEach(this::free);
        return match;
    }

    private Demand beside(Demand demand, List<SellerId> beside) {
        List<AskAttributes> others =
                beside.stream()
                        .map(listings::get)
                        .filter(Objects::nonNull)
                        .flatMap(listing -> listing.attributes().stream())
                        .toList();
        return demand.and(demand.diversity().beside(others));
    }

    Match matchOnly(Demand demand, Access access) {
        return lending.without(hidden(access), () -> search(demand, listed(access.only())));
    }

    Match takeOnly(OrderId order, Demand demand, Access access) {
        List<SlotId> hidden = hide(access);
        List<Listing> listed = listed(access.only());
        Match match = search(demand, listed);
        witness.pinned(order, demand, listed, match);
        match.slots().forEach(taken -> sell(taken.slot()));
        hidden.forEach(this::free);
        return match;
    }

    /// Free slots that are bound to others in the time that matters.
    private List<SlotId> hidden(Access access) {
        return booked.hidden(access.reach()).stream()
                .filter(slot -> listings.containsKey(slot.seller()) && !isSold(slot))
                .toList();
    }

    private List<SlotId> hide(Access access) {
        List<SlotId> hidden = hidden(access);
        hidden.forEach(this::sell);
        return hidden;
    }

    private Optional<Listing> listing(SlotId slot) {
        return Optional.ofNullable(listings.get(slot.seller()));
    }

    private boolean isSold(SlotId slot) {
        return listing(slot).filter(listing -> listing.isSold(slot.number())).isPresent();
    }

    private boolean isFree(SlotId slot) {
        return listing(slot).filter(listing -> listing.isFree(slot.number())).isPresent();
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

    int[] numbers(Set<SellerId> sellers) {
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

    void free(SlotId slot) {
        Listing listing = listings.get(slot.seller());
        if (listing != null) {
            listing.release(slot.number());
            refresh(listing);
        }
    }

    void sell(SlotId slot) {
        Listing listing = listings.computeIfAbsent(slot.seller(), Listing::new);
        listing.sell(slot.number());
        refresh(listing);
    }

    void refresh(Listing listing) {
        restock(listing);
        if (listing.number != Listing.UNLISTED) {
            witness.stocked(listing);
        }
    }

    void restock(Listing listing) {
        if (listing.number != Listing.UNLISTED) {
            int free = listing.free();
            book.setFree(listing.number, free);
            if (free > 0 && hopes.isAwaited()) {
                hopes.look(listing.view().attributes());
            }
        }
    }
}
