// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;

/// Looks at the book as if some slots that are sold could be had. It belongs to the thread of
/// [Asks]; nobody else sees the book meanwhile, and the market's record is told nothing.
final class Lending {
    private final Book book;
    private final Map<SellerId, Listing> listings;

    Lending(Book book, Map<SellerId, Listing> listings) {
        this.book = book;
        this.listings = listings;
    }

    /// Does something as if these slots could be had.
    <T> T with(Collection<SlotId> slots, Supplier<T> work) {
        List<SlotId> lent =
                slots.stream()
                        .filter(slot -> listings.containsKey(slot.seller()))
                        .filter(slot -> listing(slot).isSold(slot.number()))
                        .distinct()
                        .toList();
        lent.forEach(slot -> {
            listing(slot).release(slot.number());
            restock(slot);
        });
        try {
            return work.get();
        } finally {
            lent.forEach(slot -> {
                listing(slot).sell(slot.number());
                restock(slot);
            });
        }
    }

    /// Does something as if these slots, which are free, could not be had.
    <T> T without(Collection<SlotId> slots, Supplier<T> work) {
        slots.forEach(slot -> {
            listing(slot).sell(slot.number());
            restock(slot);
        });
        try {
            return work.get();
        } finally {
            slots.forEach(slot -> {
                listing(slot).release(slot.number());
                restock(slot);
            });
        }
    }

    /// What is offered in slots by those sellers that would sell them again.
    Map<SlotId, AskAttributes> offersIn(Collection<SlotId> slots, Set<SellerId> except) {
        Map<SlotId, AskAttributes> offers = new HashMap<>();
        for (SlotId slot : slots) {
            Listing listing = listings.get(slot.seller());
            if (listing != null
                    && listing.number != Listing.UNLISTED
                    && !except.contains(slot.seller())
                    && listing.isOpen()
                    && slot.number() < listing.view().ask().slots()) {
                offers.put(slot, listing.attributes().orElseThrow());
            }
        }
        return offers;
    }

    private Listing listing(SlotId slot) {
        Listing listing = listings.get(slot.seller());
        if (listing == null) {
            throw new IllegalStateException("market: no seller of the slot " + slot);
        }
        return listing;
    }

    private void restock(SlotId slot) {
        Listing listing = listing(slot);
        if (listing.number != Listing.UNLISTED) {
            book.setFree(listing.number, listing.free());
        }
    }
}
