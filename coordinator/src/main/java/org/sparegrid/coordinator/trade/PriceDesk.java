// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.formula.PriceCurve;
import org.sparegrid.coordinator.market.formula.Speed;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.market.ReferencePrice;
import org.sparegrid.protocol.market.ReferencePrice.Source;

/// What machines usually cost. The reference price (F1) has the operator's constants; if he set
/// none, the price of the first unit of power is the median of the last leases and its exponent 1.
public final class PriceDesk {
    /// Leases of before say little of the price of today.
    private static final Duration RECENT = Duration.ofDays(7);

    /// A median of fewer is chance; `ReferencePrice` names the number.
    private static final long LEASES_MIN = 20;

    /// How long hourly medians are kept: a year and a month to compare with.
    private static final Duration KEPT = Duration.ofDays(400);

    /// How long a median of the last leases is believed, as it takes a look at all of them.
    private static final Duration FRESH = Duration.ofMinutes(1);

    /// Hours that are noted in one transaction, after a coordinator was stopped for long.
    private static final int HOURS_MAX = 100;

    private static final double THOUSAND = 1000;

    private final Exchange exchange;
    private Known known = new Known(Source.NONE, PriceCurve.NONE, 0);
    private Instant staleAt = Instant.MIN;

    /// What a price is computed with.
    private record Known(Source source, PriceCurve curve, long leases) {
        ReferencePrice of(double cores) {
            return new ReferencePrice(
                    source,
                    source == Source.NONE
                            ? Credits.ZERO
                            : curve.perHour(new Speed(Math.min(cores, Speed.MAX))),
                    leases);
        }
    }

    PriceDesk(Exchange exchange) {
        this.exchange = exchange;
    }

    /// Notes the hours that are over.
    void tick() {
        Instant now = exchange.now();
        if (exchange.read(tx -> due(tx, now)).isPresent()) {
            exchange.change((tx, _, _) -> {
                Optional<Instant> hour = due(tx, now);
                for (int i = 0; i < HOURS_MAX && hour.isPresent(); i++) {
                    tx.prices().note(hour.get());
                    hour = due(tx, now);
                }
                tx.prices().forget(now.minus(KEPT));
                return true;
            });
        }
    }

    private static Optional<Instant> due(Transaction tx, Instant now) {
        return tx.prices().next().filter(now.truncatedTo(ChronoUnit.HOURS)::isAfter);
    }

    /// The reference price of machines that are as fast together.
    ReferencePrice reference(double cores) {
        return known().of(cores);
    }

    /// The same of slots.
    ReferencePrice reference(Match match) {
        return reference(
                match.slots().stream()
                        .mapToDouble(taken -> taken.from().attributes().speed() / THOUSAND)
                        .sum());
    }

    /// What machines cost in the last hours.
    Prices prices(long hours) {
        ReferencePrice one = reference(1);
        Instant from = exchange.now().minus(Duration.ofHours(hours));
        return exchange.read(tx -> new Prices(one, tx.prices().since(from)));
    }

    /// The same by the tables alone.
    ///
    /// @param set the operator's constants
    public static Prices prices(Transaction tx, PriceCurve set, long hours, Instant now) {
        return new Prices(
                look(tx, set, now).of(1), tx.prices().since(now.minus(Duration.ofHours(hours))));
    }

    private synchronized Known known() {
        Instant now = exchange.now();
        if (!now.isBefore(staleAt)) {
            known = exchange.read(tx -> look(tx, exchange.settings().reference(), now));
            staleAt = now.plus(FRESH);
        }
        return known;
    }

    private static Known look(Transaction tx, PriceCurve set, Instant now) {
        Instant from = now.minus(RECENT);
        long leases = tx.prices().weighed(from, now);
        if (!set.equals(PriceCurve.NONE)) {
            return new Known(Source.SETTINGS, set, leases);
        }
        if (leases < LEASES_MIN) {
            return new Known(Source.NONE, set, leases);
        }
        Credits perCore = tx.prices().perCore(from, now, leases);
        return new Known(Source.LEASES, new PriceCurve(Credits.ZERO, perCore, 1), leases);
    }
}
