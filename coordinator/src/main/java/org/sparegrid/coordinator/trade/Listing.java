// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.history.Slots;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Ask;

/// One seller's offer on the floor and which of its slots are sold. It belongs to the thread of
/// [Asks].
final class Listing {
    /// The number of an offer that is not in the book.
    static final int UNLISTED = -1;

    private final SellerId seller;
    private final BitSet sold = new BitSet();
    private @Nullable Ask ask;
    private @Nullable AskAttributes attributes;
    private Knowledge known = Knowledge.NONE;
    private int attestation;
    private boolean selling;
    private boolean connected;
    private boolean suspended;

    /// Where it stands in the book.
    int number = UNLISTED;

    Listing(SellerId seller) {
        this.seller = seller;
    }

    SellerId seller() {
        return seller;
    }

    void say(Ask next, String owner, Knowledge knowledge, boolean sells) {
        ask = next;
        known = knowledge;
        attributes = Attributes.of(next, owner, knowledge).attested(attestation);
        selling = sells;
    }

    /// Notes what was measured.
    void learn(Knowledge knowledge) {
        known = knowledge;
        AskAttributes old = attributes;
        attributes = old == null ? null : old.knowing(knowledge);
    }

    Knowledge known() {
        return known;
    }

    /// Whether a slot can be had now.
    boolean isFree(int slot) {
        return free() > 0 && slot < view().ask().slots() && !sold.get(slot);
    }

    /// Whether a slot is sold or kept.
    boolean isSold(int slot) {
        return sold.get(slot);
    }

    /// Notes the level it offers to prove, if it said what it offers.
    boolean attest(int level) {
        attestation = level;
        AskAttributes said = attributes;
        attributes = said == null ? null : said.attested(level);
        return said != null;
    }

    void connect(boolean isConnected) {
        connected = isConnected;
    }

    void suspend(boolean isSuspended) {
        suspended = isSuspended;
    }

    void sell(int slot) {
        sold.set(slot);
    }

    void release(int slot) {
        sold.clear(slot);
    }

    /// Whether there is nothing to keep it for.
    boolean isEmpty() {
        return ask == null && sold.isEmpty();
    }

    /// Whether its slots are for sale now.
    boolean isOpen() {
        return ask != null && selling && connected && !suspended;
    }

    /// How many slots can be had now.
    int free() {
        Ask now = ask;
        return now == null || !isOpen() ? 0 : now.slots() - sold.get(0, now.slots()).cardinality();
    }

    /// Its slots, for the market's record.
    Slots slots() {
        long[] words = sold.toLongArray();
        return new Slots(
                ask == null ? 1 : ask.slots(),
                isOpen(),
                words.length > 0 ? words[0] : 0,
                words.length > 1 ? words[1] : 0);
    }

    /// The first free slots, at most `count`.
    List<SlotId> firstFree(int count) {
        List<SlotId> slots = new ArrayList<>();
        int wanted = Math.min(count, free());
        for (int i = sold.nextClearBit(0); slots.size() < wanted; i = sold.nextClearBit(i + 1)) {
            slots.add(SlotId.of(seller, i));
        }
        return slots;
    }

    /// What is known of the offer, unless the seller said nothing since the market opened.
    Optional<AskAttributes> attributes() {
        return Optional.ofNullable(attributes);
    }

    /// The offer as it is now.
    SlotAsk view() {
        Ask now = ask;
        AskAttributes all = attributes;
        if (now == null || all == null) {
            throw new IllegalStateException("seller " + seller + " never said what it offers");
        }
        return new SlotAsk(seller, now, all, known, firstFree(now.slots()));
    }
}
