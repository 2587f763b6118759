// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.testsupport.Property;

class TrafficOrderTest {
    private static final MemberId PEER = new MemberId("mem-abcdefghijkl");

    private static OrderSpec order(long secondsMax, long megabytes, Placement placement) {
        return new OrderSpec(
                "job",
                new ImageId("0".repeat(64)),
                1,
                new MachineSize(1, 512, 0),
                Credits.parse("5"),
                secondsMax,
                true,
                List.of(),
                placement,
                Query.ANY,
                Checkpoints.NONE,
                VolumeUse.NONE,
                megabytes);
    }

    private static Ask ask(String price, String fee) {
        return new Ask(
                "machine",
                1,
                new MachineSize(1, 512, 0),
                Credits.parse(price),
                Acceleration.KVM,
                "",
                1000,
                "1",
                new AskTraits(
                        "",
                        "",
                        0,
                        0,
                        Credits.parse(fee),
                        false,
                        "",
                        WeekHours.ALL,
                        VolumeOffer.NONE));
    }

    @ParameterizedTest
    @CsvSource({
        "3600, -1, 'traffic: expected 0 to 4500000 MB, got -1'",
        "3600, 4500001, 'traffic: expected 0 to 4500000 MB, got 4500001'",
        "60, 75001, 'traffic: expected 0 to 75000 MB, got 75001'",
    })
    void refusesMoreThanALineCarries(long secondsMax, long megabytes, String why) {
        assertThatThrownBy(() -> order(secondsMax, megabytes, Placement.ANY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    @Test
    void takesSellersWithAFeeForNodesOfAReliability() {
        Placement sure = new Placement(0, 0, 0, false, false, false, 0, 0, 0.9);
        assertThat(order(3600, 0, sure).megabytesPerHour()).isZero();
        assertThat(order(3600, 1, sure).wanted().terms()).doesNotContain(OrderSpec.FREE_TRAFFIC);
    }

    @Test
    void wantsSellersWithoutAFeeUnlessItSaysHowMuch() {
        assertThat(order(3600, 0, Placement.ANY).wanted().terms()).contains(OrderSpec.FREE_TRAFFIC);
        assertThat(order(3600, 1, Placement.ANY).wanted().terms())
                .doesNotContain(OrderSpec.FREE_TRAFFIC);
    }

    @Test
    void reckonsTheFeeIntoTheHour() {
        OrderSpec order = order(7200, 10_001, Placement.ANY);
        assertThat(order.megabytesPerHour()).isEqualTo(5001);
        assertThat(order.pricePerHour(ask("0.1", "0.000000001")))
                .isEqualTo(Credits.parse("0.100000006"));
        assertThat(order.pricePerHour(ask("0.1", "0"))).isEqualTo(Credits.parse("0.1"));
    }

    @Test
    void coversTimeAndTrafficWithThePriceOfItsHours() {
        Property.holds(
                10_000,
                random -> {
                    long seconds = random.nextLong(60, 2_678_401);
                    long most = OrderSpec.MEGABYTES_PER_HOUR_MAX * seconds / 3600;
                    OrderSpec order = order(seconds, random.nextLong(most + 1), Placement.ANY);
                    Credits fee = new Credits(random.nextLong(1_000_000_000_000L + 1));
                    Credits price = new Credits(random.nextLong(1_000_000_000_000L + 1));
                    Credits held =
                            price.perHourFor(seconds)
                                    .plus(fee.perGigabyteFor(order.trafficMegabytes() * 1_000_000));
                    assertThat(held)
                            .isLessThanOrEqualTo(
                                    order.pricePerHour(ask(price.toString(), fee.toString()))
                                            .perHourFor(seconds));
                });
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, -1", "100000000000001, 0", "0, 100000000000001"})
    void refusesCountsThatCannotBe(long sent, long received) {
        assertThatThrownBy(() -> new PeerTraffic(PEER, sent, received, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("traffic: expected counts of 0 to 100000000000000 bytes");
    }

    @ParameterizedTest
    @CsvSource({"11, 0", "0, 21", "-1, 0", "0, -1"})
    void refusesMoreDirectBytesThanBytes(long sent, long received) {
        assertThatThrownBy(() -> new PeerTraffic(PEER, 10, 20, sent, received))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("traffic: expected no more direct bytes than bytes in all");
    }

    @Test
    void refusesReportsThatCannotBe() {
        assertThatThrownBy(() -> new TrafficReport(-1, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("traffic: expected a 'since' of 0 or more");
        assertThatThrownBy(() ->
                        new TrafficReport(
                                0, Collections.nCopies(513, new PeerTraffic(PEER, 0, 0, 0, 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("traffic: expected at most 512 peers, got 513");
    }
}
