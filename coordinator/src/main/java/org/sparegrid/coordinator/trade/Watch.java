// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.coordinator.market.formula.Presence;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.WeekHours;

/// Watches when sellers' computers are there to be used, hour by hour. Only hours that were watched
/// from begin to end count, so that a coordinator that was stopped blames nobody.
final class Watch {
    private static final Duration HOUR = Duration.ofHours(1);

    /// Computers in one change of the database.
    private static final int PAGE = 500;

    private final Exchange exchange;
    private final Map<SellerId, Instant> there = new HashMap<>();
    private final Map<SellerId, Long> millis = new HashMap<>();
    private Instant begin;
    private boolean whole;

    Watch(Exchange exchange) {
        this.exchange = exchange;
        this.begin = exchange.now().truncatedTo(ChronoUnit.HOURS);
        this.whole = begin.equals(exchange.now());
    }

    /// A computer can be used from now on, or no longer.
    synchronized void seen(SellerId seller, boolean usable) {
        Instant now = exchange.now();
        Instant since = there.remove(seller);
        if (since != null) {
            millis.merge(seller, Duration.between(since, now).toMillis(), Long::sum);
        }
        if (usable) {
            there.put(seller, now);
        }
    }

    /// Notes the hour that is over, if one is.
    void tick() {
        Instant now = exchange.now();
        Instant hour = now.truncatedTo(ChronoUnit.HOURS);
        Map<SellerId, Long> seen;
        Instant ended;
        boolean complete;
        synchronized (this) {
            if (hour.equals(begin)) {
                return;
            }
            ended = begin;
            complete = whole && hour.equals(begin.plus(HOUR));
            there.replaceAll((seller, since) -> {
                millis.merge(seller, Duration.between(since, hour).toMillis(), Long::sum);
                return hour;
            });
            seen = Map.copyOf(millis);
            millis.clear();
            begin = hour;
            whole = true;
        }
        if (complete) {
            note(WeekHours.hourOf(ended), seen);
        }
    }

    private void note(int hour, Map<SellerId, Long> seen) {
        Optional<SellerId> last = Optional.empty();
        List<Map.Entry<SellerId, Presence>> page;
        do {
            Optional<SellerId> after = last;
            page =
                    exchange.change((tx, _, _) -> {
                        var part = tx.presences().page(after, PAGE);
                        part.forEach(each ->
                                tx.presences()
                                        .put(
                                                each.getKey(),
                                                each.getValue()
                                                        .after(hour, share(seen, each.getKey()))));
                        return part;
                    });
            page.forEach(each -> Records.refresh(exchange, each.getKey()));
            last = page.isEmpty() ? last : Optional.of(page.getLast().getKey());
        } while (page.size() == PAGE);
    }

    private static double share(Map<SellerId, Long> seen, SellerId seller) {
        return Math.min(1, seen.getOrDefault(seller, 0L) / (double) HOUR.toMillis());
    }
}
