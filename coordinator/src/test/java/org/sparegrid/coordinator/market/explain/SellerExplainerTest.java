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
    private record Slot(SellerId seller, long price, long fee, int cpus, int age, String country) {
        AskAttributes ask() {
            return SellerExplainerTest.ask(price, fee, cpus, country);
        }

        /// What an hour costs with the fee, rounded up.
        long carrying(int megabytes) {
            return price + (fee * megabytes + 999) / 1000;
        }
    }

    @Test
    void namesTheTermsThatExcludeAnOffer() throws Exception {
        PastOrder order =
                new PastOrder(
                        AT, 2, Query.parse("cpu>=4 price<=0.1"), 0, Diversity.NONE, List.of());
        Outcome outcome = SellerExplainer.explain(seller(1), ask(200_000_000, 2, "SE"), order);
        assertThat(outcome.result()).isEqualTo(Result.EXCLUDED);
        assertThat(outcome.failed()).hasToString("[cpu>=4, price<=0.1]");
        assertThat(outcome.winningPrice()).isEqualTo(Credits.ZERO);
    }

    @Test
    void namesTheLimitOfAnOrderThatFoundTooLittle() throws Exception {
        PastOrder order =
                new PastOrder(AT, 2, Query.parse("price<=0.1"), 0, Diversity.NONE, List.of());
        Outcome outcome = SellerExplainer.explain(seller(1), ask(200_000_000, 2, "SE"), order);
        assertThat(outcome.result()).isEqualTo(Result.TOO_DEAR);
        assertThat(outcome.winningPrice()).isEqualTo(Credits.parse("0.1"));
    }

    @Test
    void aLowerBoundOfThePriceExcludesToo() throws Exception {
        PastOrder order =
                new PastOrder(AT, 1, Query.parse("price>5"), 0, Diversity.NONE, List.of());
        assertThat(SellerExplainer.explain(seller(1), ask(3, 2, "SE"), order).result())
                .isEqualTo(Result.EXCLUDED);
    }

    @Test
    void namesTheFeeThatExcludedAnOffer() throws Exception {
        PastOrder free =
                new PastOrder(AT, 1, Query.parse("fee<=0 cpu>=2"), 0, Diversity.NONE, List.of());
        Outcome outcome = SellerExplainer.explain(seller(1), fee(10, 500), free);
        assertThat(outcome.result()).isEqualTo(Result.FEE_TOO_HIGH);
        assertThat(outcome.failed()).hasToString("[fee<=0]");
        assertThat(outcome.winningFee()).isEqualTo(Credits.ZERO);
        assertThat(outcome.winningPrice()).isEqualTo(Credits.ZERO);

        // 2 GB an hour, and another's hour cost 1000 with its fee.
        PastOrder paid =
                new PastOrder(
                        AT,
                        1,
                        Query.ANY,
                        2000,
                        Diversity.NONE,
                        List.of(new PastOrder.Taken(seller(2), ask(1000, 2, "SE"))));
        outcome = SellerExplainer.explain(seller(1), fee(100, 490), paid);
        assertThat(outcome.result()).isEqualTo(Result.FEE_TOO_HIGH);
        assertThat(outcome.winningFee()).isEqualTo(new Credits(449));
        assertThat(outcome.winningPrice()).isEqualTo(new Credits(19));
        assertThat(SellerExplainer.explain(seller(1), fee(2000, 1), paid).result())
                .isEqualTo(Result.TOO_DEAR);
        assertThat(SellerExplainer.explain(seller(1), fee(2000, 1), paid).winningPrice())
                .isEqualTo(new Credits(997));
        assertThat(SellerExplainer.explain(seller(1), fee(2000, 900), paid).result())
                .isEqualTo(Result.EXCLUDED);
    }

    /// At the price or the fee that is told the offer is taken, and at a billionth more it isn't.
    @Test
    void theWinningPriceWinsAndAHigherOneDoesNot() {
        Set<Result> seen = EnumSet.noneOf(Result.class);
        Property.holds(
                5000,
                random -> {
                    List<Slot> book = new ArrayList<>();
                    for (int i = 0; i < 1 + random.nextInt(8); i++) {
                        book.add(slot(random, i));
                    }
                    int megabytes = random.nextBoolean() ? 0 : random.nextInt(3000);
                    PastOrder wish =
                            new PastOrder(
                                    AT,
                                    1 + random.nextInt(4),
                                    wanted(random),
                                    megabytes,
                                    new Diversity(
                                            1 + random.nextInt(3), Diversity.ANY, Diversity.ANY),
                                    List.of());
                    seen.add(explained(book, placed(book, wish)));
                });
        if (Long.getLong("test.seed") == null) {
            assertThat(seen)
                    .containsExactlyInAnyOrder(
                            Result.TAKEN,
                            Result.TOO_DEAR,
                            Result.FEE_TOO_HIGH,
                            Result.GIVEN_AWAY,
                            Result.EXCLUDED);
        }
    }

    private static Result explained(List<Slot> book, PastOrder order) {
        Slot self = book.getFirst();
        Outcome outcome = SellerExplainer.explain(self.seller, self.ask(), order);
        long winning = outcome.winningPrice().nanos();
        switch (outcome.result()) {
            case TAKEN -> assertThat(got(order, self.seller)).isTrue();
            case TOO_DEAR -> {
                assertThat(winning).isLessThan(self.price);
                assertThat(wins(book, winning, self.fee, order)).isTrue();
                assertThat(wins(book, winning + 1, self.fee, order)).isFalse();
                assertThat(wins(book, self.price, 0, order)).isFalse();
            }
            case FEE_TOO_HIGH -> {
                long fee = outcome.winningFee().nanos();
                assertThat(fee).isLessThan(self.fee);
                assertThat(wins(book, self.price, fee, order)).isTrue();
                assertThat(wins(book, self.price, fee + 1, order)).isFalse();
                assertThat(wins(book, winning + 1, self.fee, order)).isFalse();
                assertThat(winning == 0 || wins(book, winning, self.fee, order)).isTrue();
            }
            case GIVEN_AWAY, EXCLUDED -> {
                for (long price = 0; price <= self.price; price++) {
                    assertThat(wins(book, price, self.fee, order)).isFalse();
                }
                assertThat(wins(book, self.price, 0, order)).isFalse();
            }
            case NOT_THERE -> throw new AssertionError("it was there");
        }
        return outcome.result();
    }

    private static boolean wins(List<Slot> book, long price, long fee, PastOrder order) {
        List<Slot> other = new ArrayList<>(book);
        Slot self = other.removeFirst();
        other.add(new Slot(self.seller, price, fee, self.cpus, Integer.MAX_VALUE, self.country));
        return got(placed(other, order), self.seller);
    }

    private static boolean got(PastOrder order, SellerId seller) {
        return order.taken().stream().anyMatch(taken -> taken.seller().equals(seller));
    }

    private static PastOrder placed(List<Slot> book, PastOrder wish) {
        Map<String, Integer> perCountry = new HashMap<>();
        List<PastOrder.Taken> taken = new ArrayList<>();
        for (Slot slot :
                book.stream()
                        .filter(slot -> fits(slot, wish))
                        .sorted(
                                Comparator.comparingLong((Slot slot) ->
                                                slot.carrying(wish.megabytesPerHour()))
                                        .thenComparing(Slot::age))
                        .toList()) {
            if (taken.size() < wish.machines()
                    && perCountry.merge(slot.country, 1, Integer::sum)
                            <= wish.spread().perCountry()) {
                long price = slot.carrying(wish.megabytesPerHour());
                taken.add(new PastOrder.Taken(slot.seller, slot.ask().at(new Credits(price))));
            }
        }
        return new PastOrder(
                AT, wish.machines(), wish.wanted(), wish.megabytesPerHour(), wish.spread(), taken);
    }

    private static boolean fits(Slot slot, PastOrder wish) {
        for (Term term : wish.wanted().terms()) {
            if (term instanceof Term.Bound(var attribute, _, var value)
                    && (attribute == Attribute.PRICE
                            ? slot.carrying(wish.megabytesPerHour()) > value
                            : attribute == Attribute.NETWORK_FEE
                                    ? slot.fee > value
                                    : slot.cpus < value)) {
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
        if (random.nextInt(3) == 0) {
            terms.add(
                    new Term.Bound(
                            Attribute.NETWORK_FEE, Term.Relation.AT_MOST, random.nextInt(5)));
        }
        return new Query(terms);
    }

    private static Slot slot(RandomGenerator random, int number) {
        return new Slot(
                seller(number),
                random.nextInt(12),
                random.nextBoolean() ? 0 : random.nextInt(8),
                1 + random.nextInt(3),
                random.nextInt(3),
                random.nextBoolean() ? "SE" : "FI");
    }

    private static SellerId seller(int number) {
        return new SellerId("%040x".formatted(number));
    }

    private static AskAttributes fee(long price, long fee) {
        return ask(price, fee, 2, "SE");
    }

    private static AskAttributes ask(long price, int cpus, String country) {
        return ask(price, 0, cpus, country);
    }

    private static AskAttributes ask(long price, long fee, int cpus, String country) {
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
                new Credits(fee),
                false,
                true,
                country,
                "",
                "",
                "",
                WeekHours.ALL);
    }
}
