// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.sparegrid.coordinator.market.Demand;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.MatchingEngine;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.session.Sessions;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Ask;

/// What the connected sellers offer now. It lives in memory, as agents say it again when they
/// connect; which slots are sold stands in the database alone.
final class Asks {
    private record Listing(Ask ask, boolean selling, Instant since) {}

    private final Map<SellerId, Listing> listings = new ConcurrentHashMap<>();
    private final Sessions sessions;
    private final MatchingEngine engine;

    Asks(Sessions sessions, MatchingEngine engine) {
        this.sessions = sessions;
        this.engine = engine;
    }

    /// Notes an offer; it keeps its age unless the price changed.
    void put(SellerId seller, Ask ask, boolean selling, Instant now) {
        listings.compute(
                seller,
                (_, old) ->
                        new Listing(
                                ask,
                                selling,
                                old != null && old.ask.pricePerHour().equals(ask.pricePerHour())
                                        ? old.since
                                        : now));
    }

    /// Forgets an offer until the agent says it again.
    void remove(SellerId seller) {
        listings.remove(seller);
    }

    /// All offers that count, with the slots that are free.
    List<SlotAsk> list(Set<SlotId> taken) {
        return listings.entrySet().stream()
                .filter(entry -> entry.getValue().selling && sessions.isConnected(entry.getKey()))
                .map(entry -> slots(entry.getKey(), entry.getValue(), taken))
                .toList();
    }

    Match match(Set<SlotId> taken, Demand demand) {
        return engine.match(list(taken), demand);
    }

    private static SlotAsk slots(SellerId seller, Listing listing, Set<SlotId> taken) {
        return new SlotAsk(
                seller,
                listing.ask,
                listing.since,
                IntStream.range(0, listing.ask.slots())
                        .mapToObj(number -> SlotId.of(seller, number))
                        .filter(slot -> !taken.contains(slot))
                        .toList());
    }
}
