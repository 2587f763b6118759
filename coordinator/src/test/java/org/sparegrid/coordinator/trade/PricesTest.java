// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.market.formula.Presence;
import org.sparegrid.coordinator.market.formula.PriceCurve;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.ReferencePrice;
import org.sparegrid.protocol.market.ReferencePrice.Source;
import org.sparegrid.protocol.market.WeekHours;

/// What machines cost, and what a quote says besides its price. Each slot has two reference cores.
class PricesTest {
    private static final long HOUR_MILLIS = 3_600_000;

    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId owner;
    private ImageId image;
    private int orders;

    @BeforeEach
    void open() throws IOException {
        fixture = open(folder);
        buyer = fixture.register("buyer@example.org");
        owner = fixture.register("owner@example.org");
        image = fixture.image(buyer, "bytes");
        fixture.give(buyer, "100");
    }

    MarketFixture open(Path of) throws IOException {
        return new MarketFixture(of);
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    @Test
    void takesTheMedianOfTwentyLeasesForTheReferencePrice() {
        sell(1, "0.2", 10);
        sell(2, "0.4", 20);
        assertThat(quote(2).reference())
                .isEqualTo(new ReferencePrice(Source.NONE, Credits.ZERO, 0));
        place(19);
        fixture.pass(60_000);
        assertThat(quote(2).reference())
                .isEqualTo(new ReferencePrice(Source.NONE, Credits.ZERO, 19));
        place(1);
        fixture.pass(60_000);
        ReferencePrice reference = quote(2).reference();
        assertThat(reference)
                .isEqualTo(new ReferencePrice(Source.LEASES, Credits.parse("0.4"), 20));
        assertThat(fixture.market().explain(new Caller.Agent(seller(2)), seller(2)).reference())
                .isEqualTo(new ReferencePrice(Source.LEASES, Credits.parse("0.2"), 20));
        fixture.pass(Duration.ofDays(8).toMillis());
        assertThat(quote(2).reference().source()).isEqualTo(Source.NONE);
    }

    @Test
    void takesTheOperatorsFormulaInstead() {
        Prices prices =
                fixture.decide(tx -> PriceDesk.prices(tx, PriceCurve.PATENT, 24, fixture.now()));
        assertThat(prices.reference())
                .isEqualTo(new ReferencePrice(Source.SETTINGS, Credits.parse("4.796"), 0));
    }

    @Test
    void notesEachHourOnceWhenItIsOver() throws IOException {
        sell(1, "0.1", 1);
        sell(2, "0.2", 1);
        sell(3, "0.4", 1);
        place(3);
        fixture.market().tick();
        assertThat(hours()).isEmpty();
        fixture.pass(HOUR_MILLIS);
        fixture.market().tick();
        Prices.Hour first =
                new Prices.Hour(
                        Instant.parse("2026-01-01T00:00:00Z"),
                        3,
                        Credits.parse("0.1"),
                        Credits.parse("0.2"),
                        Credits.parse("0.4"),
                        Credits.parse("0.1"));
        assertThat(hours()).containsExactly(first);
        fixture.pass(5 * HOUR_MILLIS);
        fixture.restart();
        sell(4, "0.3", 1);
        place(1);
        fixture.pass(HOUR_MILLIS);
        fixture.market().tick();
        fixture.market().tick();
        assertThat(hours()).hasSize(2).startsWith(first);
        assertThat(hours().getLast().at()).isEqualTo("2026-01-01T06:00:00Z");
        assertThat(hours().getLast().median()).isEqualTo(Credits.parse("0.3"));
    }

    @Test
    void forgetsHoursOfMoreThanAYearAgo() {
        sell(1, "0.1", 1);
        place(1);
        fixture.pass(HOUR_MILLIS);
        fixture.market().tick();
        assertThat(kept()).hasSize(1);
        fixture.pass(Duration.ofDays(401).toMillis());
        fixture.market().tick();
        place(1);
        fixture.pass(HOUR_MILLIS);
        fixture.market().tick();
        assertThat(kept()).singleElement().matches(hour -> hour.at().isAfter(year(2027)));
    }

    @Test
    void saysWhenWorkIsDoneByTheHoursOfTheMachine() {
        sell(1, "0.1", 1);
        assertThat(quote(1).completionSeconds()).isZero();
        SellerId half = fixture.enrol(owner, 2);
        Presence presence = Presence.UNSEEN;
        for (int hour = 0; hour < WeekHours.COUNT; hour++) {
            presence = presence.after(hour, 0.5);
        }
        Presence seen = presence;
        fixture.decide(tx -> {
            tx.presences().put(half, seen);
            return true;
        });
        new FakeAgent(half, "0.05", 1).connect(fixture.market());
        Quote quote = quote(1);
        assertThat(quote.completionSeconds()).isCloseTo(7200, within(60L));
        // Whoever is unknown is believed to last an hour with 0.1.
        assertThat(quote.lasting()).isCloseTo(0.1, within(1e-6));
        assertThat(quote(2).lasting()).isCloseTo(0.01, within(1e-6));
        assertThat(quote(2).completionSeconds()).isZero();
    }

    private static Instant year(int year) {
        return Instant.parse(year + "-01-01T00:00:00Z");
    }

    private List<Prices.Hour> hours() {
        return fixture.market().deals().prices(24).hours();
    }

    private List<Prices.Hour> kept() {
        return fixture.decide(tx -> tx.prices().since(Instant.EPOCH));
    }

    private static SellerId seller(int number) {
        return new SellerId("%040x".formatted(number));
    }

    private void sell(int number, String price, int slots) {
        new FakeAgent(fixture.enrol(owner, number), price, slots).connect(fixture.market());
    }

    private void place(int machines) {
        fixture.market()
                .order(
                        new Caller.Person(buyer),
                        MarketFixture.request("n" + orders++, image, machines, 3600),
                        "");
    }

    private Quote quote(int machines) {
        return fixture.market()
                .quote(buyer, MarketFixture.request("q", image, machines, 3600).spec());
    }
}
