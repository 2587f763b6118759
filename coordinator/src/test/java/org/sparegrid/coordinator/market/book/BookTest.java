// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.testsupport.Property;

class BookTest {
    private static final int ORDERS = Boolean.getBoolean("sparegrid.full") ? 10_000 : 500;

    @Test
    void findsWhatEnumerationFinds() {
        int orders = 25;
        Property.holds(
                ORDERS / orders,
                random -> {
                    RandomMarket market = new RandomMarket(random);
                    Trial trial = new Trial(3000);
                    int asks = random.nextInt(3000);
                    for (int i = 0; i < asks; i++) {
                        trial.add(market.ask(), random.nextInt(5));
                    }
                    for (int i = 0; i < orders; i++) {
                        trial.check(market.demand());
                    }
                });
    }

    @Test
    void staysRightWhileAsksComeChangeAndGo() {
        Property.holds(
                Boolean.getBoolean("sparegrid.full") ? 200 : 12,
                random -> {
                    RandomMarket market = new RandomMarket(random);
                    Trial trial = new Trial(2500);
                    for (int i = 0; i < 9000; i++) {
                        change(trial, market, random, i < 4500);
                        if (i % 300 == 0) {
                            trial.check(market.demand());
                        }
                    }
                });
    }

    private static void change(
            Trial trial, RandomMarket market, RandomGenerator random, boolean growing) {
        boolean adds = random.nextInt(8) < (growing ? 5 : 1);
        if (trial.numbers.isEmpty() || (adds && !trial.book.isFull())) {
            trial.add(market.ask(), random.nextInt(4));
            return;
        }
        int place = random.nextInt(trial.numbers.size());
        int number = trial.numbers.get(place);
        AskAttributes old = trial.book.get(number);
        switch (random.nextInt(growing ? 4 : 7)) {
            case 0 -> trial.setFree(number, random.nextInt(3));
            case 1 -> trial.update(number, market.ask());
            case 2 -> trial.update(number, priced(old, market.price()));
            default -> trial.remove(place);
        }
    }

    @Test
    void cutsALeafOfOnePriceByAge() {
        Trial trial = new Trial(3000);
        RandomMarket market = new RandomMarket(RandomGenerator.getDefault());
        for (int i = 0; i < 3000; i++) {
            trial.add(priced(market.ask(), new Credits(50)), 1);
        }
        trial.check(Demand.of(1500, Constraints.NONE, new Credits(50)));
        trial.check(Demand.of(10, Constraints.NONE, new Credits(49)));
        while (!trial.numbers.isEmpty()) {
            trial.remove(trial.numbers.size() - 1);
            if (trial.numbers.size() % 100 == 0) {
                trial.check(Demand.of(1500, Constraints.NONE, new Credits(50)));
            }
        }
    }

    @Test
    void prefersTheCheaperWithItsNetworkFee() {
        Trial trial = new Trial(10);
        AskAttributes any = new RandomMarket(RandomGenerator.getDefault()).ask();
        int dearFee = trial.add(with(any, 100, 2_000), 1);
        int dearPrice = trial.add(with(any, 1000, 0), 1);
        assertThat(trial.book.match(demand(100)).ask(0)).isEqualTo(dearFee);
        assertThat(trial.book.match(demand(1000)).ask(0)).isEqualTo(dearPrice);
        assertThat(
                        trial.book
                                .match(
                                        new Demand(
                                                2,
                                                Constraints.NONE,
                                                new Credits(1000),
                                                450,
                                                Diversity.NONE))
                                .missing())
                .isZero();
        assertThat(
                        trial.book
                                .match(
                                        new Demand(
                                                2,
                                                Constraints.NONE,
                                                new Credits(1000),
                                                451,
                                                Diversity.NONE))
                                .missing())
                .isEqualTo(1);
    }

    private static Demand demand(int megabytesPerHour) {
        return new Demand(1, Constraints.NONE, Credits.MAX, megabytesPerHour, Diversity.NONE);
    }

    @Test
    void leavesOutWhatIsNotWanted() {
        Trial trial = new Trial(10);
        AskAttributes any = new RandomMarket(RandomGenerator.getDefault()).ask();
        int first = trial.add(any, 2);
        int second = trial.add(any, 1);
        Demand demand = Demand.of(1, Constraints.NONE, Credits.MAX);
        assertThat(trial.book.match(demand).ask(0)).isEqualTo(first);
        assertThat(trial.book.match(demand, first).ask(0)).isEqualTo(second);
        assertThat(trial.book.match(demand, first, second).missing()).isEqualTo(1);
    }

    @Test
    void readsEveryAskAsItWasPutIn() {
        Property.holds(
                200,
                random -> {
                    RandomMarket market = new RandomMarket(random);
                    Book book = new Book(4);
                    AskAttributes first = market.ask();
                    AskAttributes second = market.ask();
                    int number = book.add(first, 1);
                    assertThat(book.get(number)).isEqualTo(first);
                    book.update(number, second);
                    assertThat(book.get(number)).isEqualTo(second);
                });
    }

    @Test
    void refusesMoreAsksThanItMayHold() {
        Book book = new Book(1);
        AskAttributes any = new RandomMarket(RandomGenerator.getDefault()).ask();
        int number = book.add(any, 1);
        assertThatThrownBy(() -> book.add(any, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("book: expected at most 1 asks");
        book.remove(number);
        assertThatThrownBy(() -> book.get(number)).isInstanceOf(IllegalArgumentException.class);
        assertThat(book.add(any, 1)).isEqualTo(number);
    }

    @Test
    void costsTheLeastAndFindsAllUnderOneLimit() {
        Property.holds(
                1000,
                random -> {
                    RandomMarket market = new RandomMarket(random);
                    Book book = new Book(8);
                    List<AskAttributes> asks = new ArrayList<>();
                    for (int i = 0; i < 1 + random.nextInt(8); i++) {
                        asks.add(priced(market.ask(), new Credits(random.nextInt(9))));
                        book.add(asks.getLast(), 1);
                    }
                    int limit = 1 + random.nextInt(2);
                    Demand demand =
                            new Demand(
                                    1 + random.nextInt(5),
                                    Constraints.of(
                                            Constraint.Range.atLeast(
                                                    Attribute.CORES, 1 + random.nextInt(4))),
                                    Credits.MAX,
                                    0,
                                    new Diversity(Diversity.ANY, limit, Diversity.ANY));
                    Picks picks = book.match(demand);
                    long cost = 0;
                    for (int i = 0; i < picks.size(); i++) {
                        cost += book.get(picks.ask(i)).pricePerHour().nanos();
                    }
                    int found = demand.machines() - picks.missing();
                    assertThat(cost + 1000L * (100 - found)).isEqualTo(Choices.best(asks, demand));
                });
    }

    static AskAttributes priced(AskAttributes ask, Credits price) {
        return copy(ask, price, ask.networkFeePerGigabyte());
    }

    private static AskAttributes with(AskAttributes ask, long price, long fee) {
        return copy(ask, new Credits(price), new Credits(fee));
    }

    private static AskAttributes copy(AskAttributes ask, Credits price, Credits fee) {
        return new AskAttributes(
                price,
                ask.size(),
                ask.score(),
                ask.upKilobits(),
                ask.downKilobits(),
                ask.latencyMicros(),
                ask.rating(),
                ask.reliability(),
                ask.attestation(),
                fee,
                ask.openUdp(),
                ask.kvm(),
                ask.country(),
                ask.hardware(),
                ask.owner(),
                ask.pool(),
                ask.hours());
    }
}
