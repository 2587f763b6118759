// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.Neighbours;
import org.sparegrid.protocol.control.Neighbour;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Usage;

class ImageCirclesTest {
    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId owner;
    private ImageId image;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
        buyer = fixture.register("buyer@example.org");
        fixture.give(buyer, "1000");
        image = fixture.image(buyer, "bytes");
        owner = fixture.register("owner@example.org");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private static final class Seller {
        private final SellerId id;
        private final FakeAgent agent;

        Seller(SellerId id, FakeAgent agent) {
            this.id = id;
            this.agent = agent;
        }
    }

    private Seller seller(int number, String address) {
        SellerId id = fixture.enrol(owner, number);
        return new Seller(id, new FakeAgent(id, "0.1", 1).at(address).connect(fixture.market()));
    }

    private void order(int machines) {
        fixture.market()
                .order(
                        new Caller.Person(buyer),
                        MarketFixture.request("grid", image, machines, 3600),
                        "");
    }

    private static String certificate(Seller seller) {
        return seller.id.value().substring(0, 16).replace('0', 'a')
                + seller.id.value()
                + "00000000";
    }

    private void share(Seller seller, boolean whole, long gotBytes, String... endpoints) {
        share(seller, image, whole, gotBytes, endpoints);
    }

    private void share(
            Seller seller, ImageId what, boolean whole, long gotBytes, String... endpoints) {
        fixture.market()
                .received(
                        seller.id,
                        new AgentMessage.ImageShared(
                                what,
                                new Neighbour(certificate(seller), List.of(endpoints), whole),
                                "",
                                gotBytes));
    }

    private List<String> named(Seller seller) {
        List<Neighbours> told = seller.agent.told(Neighbours.class);
        return told.isEmpty()
                ? List.of("nothing was told")
                : told.getLast().neighbours().stream().map(Neighbour::certificate).toList();
    }

    @Test
    void namesToEachTheOthersOfItsSiteThatRunTheImage() {
        Seller one = seller(1, "192.0.2.1");
        Seller two = seller(2, "192.0.2.1");
        Seller elsewhere = seller(3, "192.0.2.2");
        order(3);
        share(one, false, 0, "10.0.0.1:41778", "[fd00::1]:41778");
        share(two, true, 0, "10.0.0.2:41778");
        share(elsewhere, false, 0, "10.0.0.3:41778");
        fixture.market().tick();
        assertThat(named(one)).containsExactly(certificate(two));
        assertThat(named(two)).containsExactly(certificate(one));
        assertThat(named(elsewhere)).isEmpty();
        Neighbour seen = one.agent.told(Neighbours.class).getLast().neighbours().getFirst();
        assertThat(seen.whole()).isTrue();
        assertThat(seen.endpoints()).containsExactly("10.0.0.2:41778");
        assertThat(two.agent.told(Neighbours.class).getLast().neighbours().getFirst().endpoints())
                .containsExactly("10.0.0.1:41778", "[fd00::1]:41778");
    }

    @Test
    void namesNobodyToWhoHasNoLeaseOfTheImage() {
        Seller one = seller(1, "192.0.2.1");
        order(1);
        Seller curious = seller(2, "192.0.2.1");
        share(one, false, 0, "10.0.0.1:41778");
        share(curious, true, 0, "10.0.0.2:41778");
        share(one, fixture.image(buyer, "another"), false, 0, "10.0.0.1:41778");
        fixture.market().tick();
        assertThat(curious.agent.told(Neighbours.class)).isEmpty();
        assertThat(named(one)).isEmpty();
    }

    @Test
    void forgetsWhoseLeaseIsOverAndWhoSaysSo() {
        Seller one = seller(1, "192.0.2.1");
        Seller two = seller(2, "192.0.2.1");
        Seller three = seller(3, "192.0.2.1");
        order(3);
        share(one, false, 0, "10.0.0.1:41778");
        share(two, false, 0, "10.0.0.2:41778");
        share(three, false, 0, "10.0.0.3:41778");
        fixture.market().received(three.id, new AgentMessage.ImageUnshared(image, 0));
        fixture.market().tick();
        assertThat(named(one)).containsExactly(certificate(two));
        LeaseId lease = two.agent.told(LeaseOffered.class).getFirst().lease();
        fixture.market()
                .received(
                        two.id, new AgentMessage.Ended(lease, EndReason.SELLER, "off", Usage.NONE));
        fixture.pass(51_000);
        fixture.market().tick();
        assertThat(named(one)).isEmpty();
    }

    @Test
    void saysSoAgainOnlyWhileSomebodyLacksSomething() {
        Seller one = seller(1, "192.0.2.1");
        Seller two = seller(2, "192.0.2.1");
        order(2);
        share(one, false, 0, "10.0.0.1:41778");
        share(two, true, 0, "10.0.0.2:41778");
        fixture.market().tick();
        fixture.market().tick();
        assertThat(two.agent.told(Neighbours.class)).hasSize(1);
        fixture.pass(51_000);
        fixture.market().tick();
        assertThat(two.agent.told(Neighbours.class)).hasSize(2);
        share(one, true, 700, "10.0.0.1:41778");
        fixture.market().tick();
        fixture.pass(51_000);
        fixture.market().tick();
        assertThat(two.agent.told(Neighbours.class)).hasSize(3);
    }

    @Test
    void keepsASiteOfManyInCirclesOfThirtyTwo() {
        List<Seller> all = new ArrayList<>();
        for (int i = 1; i <= 41; i++) {
            all.add(seller(i, "192.0.2.1"));
        }
        order(41);
        all.forEach(each -> share(each, false, 0, "10.0.0.1:41778"));
        fixture.market().tick();
        assertThat(named(all.getFirst())).hasSize(31);
        assertThat(named(all.getLast())).hasSize(8);
    }

    @Test
    void countsWhatWasExchangedOnceAndNothingAbsurd() {
        Seller one = seller(1, "192.0.2.1");
        order(1);
        share(one, false, 100, "10.0.0.1:41778");
        share(one, false, 150, "10.0.0.1:41778");
        share(one, false, Long.MAX_VALUE, "10.0.0.1:41778");
        fixture.market().received(one.id, new AgentMessage.ImageUnshared(image, Long.MAX_VALUE));
        try (Metrics metrics = new Metrics()) {
            fixture.market().measure(metrics);
            assertThat(metrics.text()).contains("sparegrid_images_exchanged_bytes_total 150.0");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:41778, 192.0.2.1, true",
        "192.168.3.4:1024, 192.0.2.1, true",
        "100.64.0.9:41778, 192.0.2.1, true",
        "[fd00::2]:41778, 192.0.2.1, true",
        "192.0.2.1:41778, 192.0.2.1, true",
        "127.0.0.1:41778, 127.0.0.1, true",
        "192.0.2.9:41778, 192.0.2.1, false",
        "127.0.0.1:41778, 192.0.2.1, false",
        "127.0.0.1:41778, 10.0.0.1, false",
        "169.254.169.254:8080, 192.0.2.1, false",
        "[fe80::1]:41778, 192.0.2.1, false",
        "224.0.0.1:41778, 192.0.2.1, false",
        "0.0.0.0:41778, 0.0.0.1, false",
        "10.0.0.1:22, 192.0.2.1, false",
        "10.0.0.1:1023, 192.0.2.1, false",
        "10.0.0.1:70000, 192.0.2.1, false",
        "router.lan:41778, 192.0.2.1, false",
        "10.1:41778, 192.0.2.1, false",
        "10.0.0.1, 192.0.2.1, false",
    })
    void namesOnlyAddressesWhereANeighbourMayBe(String endpoint, String caller, boolean may) {
        assertThat(Sites.mayBeNamed(endpoint, caller)).isEqualTo(may);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, '', 192.0.2.1, '', true",
        "192.0.2.1, '', 192.0.2.2, '', false",
        "192.0.2.1, campus, 192.0.2.2, campus, true",
        "192.0.2.1, campus, 192.0.3.2, campus, false",
        "192.0.2.1, campus, 192.0.2.2, other, false",
        "10.0.0.1, '', 10.9.0.1, '', true",
        "10.0.0.1, '', 192.0.2.1, '', false",
        "2001:db8::1, '', 2001:db8::9, '', true",
        "2001:db8::1, '', 2001:db8:0:1::1, '', false",
        "2001:db8::1, campus, 2001:db8:0:1::1, campus, true",
        "192.0.2.1, Campus, 192.0.2.1, Campus, false",
    })
    void aSiteIsWhatTheCoordinatorSeesAtOneAddress(
            String one, String pool, String other, String otherPool, boolean same) {
        assertThat(
                        Sites.of(one, pool).isPresent()
                                && Sites.of(one, pool).equals(Sites.of(other, otherPool)))
                .isEqualTo(same);
    }
}
