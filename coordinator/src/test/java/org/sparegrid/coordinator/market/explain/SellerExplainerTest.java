// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.SellerExplanation.Outcome;
import org.sparegrid.protocol.market.SellerExplanation.Result;
import org.sparegrid.protocol.market.Term;
import org.sparegrid.protocol.market.WeekHours;
import org.sparegrid.testsupport.Property;

class SellerExplainerTest {
    private static final Instant AT = Instant.parse("2026-11-21T10:00:00Z");

    /// One slot of a seller; the lower the age, the older.
    private record Slot(SellerId seller, long price, int cpus, int age, String country) {}

    @Test
    void namesTheTermsThatExcludeAnOffer() throws Exception {
        PastOrder order =
                new PastOrder(AT, 2, Query.parse("cpu>=4 price<=0.1"), Diversity.NONE, List.of());
        Outcome outcome = SellerExplainer.explain(seller(1), ask(200_000_000, 2, "SE"), order);
        assertThat(outcome.result()).isEqualTo(Result.EXCLUDED);
        assertThat(outcome.failed()).hasToString("[cpu>=4, price<=0.1]");
        assertThat(outcome.winningPrice()).isEqualTo(Credits.ZERO);
    }

    @Test
    void namesTheLimitOfAnOrderThatFoundTooLittle() throws Exception {
        PastOrder order =
                new PastOrder(AT, 2, Query.parse("price<=0.1"), Diversity.NONE, List.of());
        Outcome outcome = SellerExplainer.explain(seller(1), ask(200_000_000, 2, "SE"), order);
        assertThat(outcome.result()).isEqualTo(Result.TOO_DEAR);
        assertThat(outcome.winningPrice()).isEqualTo(Credits.parse("0.1"));
    }

    @Test
    void aLowerBoundOfThePriceExcludesToo() throws Exception {
        PastOrder order = new PastOrder(AT, 1, Query.parse("price>5"), Diversity.NONE, List.of());
        assertThat(SellerExplainer.explain(seller(1), ask(3, 2, "SE"), order).result())
                .isEqualTo(Result.EXCLUDED);
    }

    /// At the price that is told the offer is taken, and at a billionth more it isn't.
    @Test
    void theWinningPriceWinsAndAHigherOneDoesNot() {
        Set<Result> seen = EnumSet.noneOf(Result.class);
        Property.holds(
                3000,
                random -> {
                    List<Slot> book = new ArrayList<>();
                    for (int i = 0; i < 1 + random.nextInt(8); i++) {
                        book.add(slot(random, i));
                    }
                    int machines = 1 + random.nextInt(4);
                    Query wanted = wanted(random);
                    Slot self = book.getFirst();
                    Diversity spread =
                            new Diversity(1 + random.nextInt(3), Diversity.ANY, Diversity.ANY);
                    PastOrder order = placed(book, machines, wanted, spread);
                    Outcome outcome =
                            SellerExplainer.explain(
                                    self.seller, ask(self.price, self.cpus, self.country), order);
                    seen.add(outcome.result());
                    long winning = outcome.winningPrice().nanos();
                    switch (outcome.result()) {
                        case TAKEN -> assertThat(got(order, self.seller)).isTrue();
                        case TOO_DEAR -> {
                            assertThat(winning).isLessThan(self.price);
                            assertThat(wins(book, winning, order)).isTrue();
                            assertThat(wins(book, winning + 1, order)).isFalse();
                        }
                        case GIVEN_AWAY, EXCLUDED -> {
                            for (long price = 0; price <= self.price; price++) {
                                assertThat(wins(book, price, order)).isFalse();
                            }
                        }
                        case NOT_THERE -> throw new AssertionError("it was there");
                    }
                });
        if (Long.getLong("test.seed") == null) {
            assertThat(seen)
                    .containsExactlyInAnyOrder(
                            Result.TAKEN, Result.TOO_DEAR, Result.GIVEN_AWAY, Result.EXCLUDED);
        }
    }

    private static boolean wins(List<Slot> book, long price, PastOrder order) {
        List<Slot> other = new ArrayList<>(book);
        Slot self = other.removeFirst();
        other.add(new Slot(self.seller, price, self.cpus, Integer.MAX_VALUE, self.country));
        return got(placed(other, order.machines(), order.wanted(), order.spread()), self.seller);
    }

    private static boolean got(PastOrder order, SellerId seller) {
        return order.taken().stream().anyMatch(taken -> taken.seller().equals(seller));
    }

    private static PastOrder placed(List<Slot> book, int machines, Query wanted, Diversity spread) {
        Map<String, Integer> perCountry = new HashMap<>();
        List<PastOrder.Taken> taken = new ArrayList<>();
        for (Slot slot :
                book.stream()
                        .filter(slot -> fits(slot, wanted))
                        .sorted(Comparator.comparingLong(Slot::price).thenComparing(Slot::age))
                        .toList()) {
            if (taken.size() < machines
                    && perCountry.merge(slot.country, 1, Integer::sum) <= spread.perCountry()) {
                taken.add(
                        new PastOrder.Taken(slot.seller, ask(slot.price, slot.cpus, slot.country)));
            }
        }
        return new PastOrder(AT, machines, wanted, spread, taken);
    }

    private static boolean fits(Slot slot, Query wanted) {
        for (Term term : wanted.terms()) {
            if (term instanceof Term.Bound(var attribute, _, var value)
                    && (attribute == Attribute.PRICE ? slot.price > value : slot.cpus < value)) {
                return false;
            }
        }
        return true;
    }

    private static Query wanted(RandomGenerator random) {
        List<Term> terms = new ArrayList<>();
        if (random.nextBoolean()) {
            terms.add(new Term.Bound(Attribute.CORES, Term.Relation.AT_LEAST, random.nextInt(3)));
        }
        if (random.nextBoolean()) {
            terms.add(new Term.Bound(Attribute.PRICE, Term.Relation.AT_MOST, random.nextInt(12)));
        }
        return new Query(terms);
    }

    private static Slot slot(RandomGenerator random, int number) {
        return new Slot(
                seller(number),
                random.nextInt(12),
                1 + random.nextInt(3),
                random.nextInt(3),
                random.nextBoolean() ? "SE" : "FI");
    }

    private static SellerId seller(int number) {
        return new SellerId("%040x".formatted(number));
    }

    private static AskAttributes ask(long price, int cpus, String country) {
        return new AskAttributes(
                new Credits(price),
                new MachineSize(cpus, 1024, 0),
                1000,
                0,
                0,
                AskAttributes.UNKNOWN_LATENCY,
                0,
                0,
                0,
                Credits.ZERO,
                false,
                true,
                country,
                "",
                "",
                "",
                WeekHours.ALL);
    }
}
