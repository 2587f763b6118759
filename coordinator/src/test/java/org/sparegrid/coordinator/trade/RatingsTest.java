// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.Opinion;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Sales;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Ranking;

/// Ratings and suspension in a whole market.
class RatingsTest {
    private static final Opinion GOOD = new Opinion(true);
    private static final Opinion BAD = new Opinion(false);

    @TempDir Path folder;
    private MarketFixture fixture;
    private final Map<SellerId, FakeAgent> agents = new HashMap<>();
    private final Map<AccountId, ImageId> images = new HashMap<>();
    private AccountId owner;
    private AccountId otherOwner;
    private SellerId seller;
    private SellerId other;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
        owner = fixture.register("owner@example.org");
        otherOwner = fixture.register("other@example.org");
        seller = enrol(owner, 1);
        other = enrol(otherOwner, 2);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void ratesAMachineOnceByItsPartiesOnly() {
        AccountId buyer = buyer("buyer");
        Lease lease = rent(buyer, seller);
        fixture.market().deals().rate(buyer, lease.id(), GOOD);
        assertThatThrownBy(() -> fixture.market().deals().rate(buyer, lease.id(), BAD))
                .isInstanceOf(RefusedException.class)
                .hasMessage("you have rated this machine already");
        assertThatThrownBy(() -> fixture.market().deals().rate(otherOwner, lease.id(), BAD))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("machine " + lease.id());
        fixture.market().deals().rate(owner, lease.id(), GOOD);
        Sales.Sale sale = fixture.market().deals().sales(owner).sales().getFirst();
        assertThat(sale.lease()).isEqualTo(lease.id());
        assertThat(sale.buyer()).isEqualTo(buyer);
        assertThat(sale.earned()).isEqualTo(Credits.parse("1"));
    }

    @Test
    void countsOnlyWhoDealtWithOthersToo() {
        AccountId buyer = buyer("buyer");
        fixture.market().deals().rate(buyer, rent(buyer, seller).id(), GOOD);
        assertThat(offered("rating>0")).isEmpty();
        rent(buyer, other);
        // One vote of one credit: 1 / (1 + 1.2816 squared).
        fixture.market().deals().rate(buyer, rent(buyer, seller).id(), GOOD);
        assertThat(offered("rating>=0.37 rating<0.39")).containsExactly(seller);
    }

    @Test
    void aCrowdOfAccountsWithGiftedMoneyLiftsNobody() {
        for (int i = 0; i < 4; i++) {
            AccountId honest = buyer("honest" + i);
            rent(honest, other);
            fixture.market().deals().rate(honest, rent(honest, seller).id(), BAD);
        }
        fixture.deposit(owner, "100");
        for (int i = 0; i < 12; i++) {
            AccountId fake = fixture.register("fake" + i + "@example.org");
            fixture.market()
                    .deals()
                    .give(
                            new Caller.Person(owner),
                            new Gift(fake, Credits.parse("2")),
                            "gift-no-" + i);
            rent(fake, other);
            fixture.market().deals().rate(fake, rent(fake, seller).id(), GOOD);
        }
        assertThat(offered("rating>0")).isEmpty();
    }

    @Test
    void forgetsWithTime() {
        for (int i = 0; i < 8; i++) {
            AccountId buyer = buyer("buyer" + i);
            rent(buyer, other);
            fixture.market().deals().rate(buyer, rent(buyer, seller).id(), GOOD);
        }
        assertThat(offered("rating>0.8")).containsExactly(seller);
        fixture.pass(180L * 86_400_000);
        agents.get(seller).connect(fixture.market());
        assertThat(offered("rating>0.5 rating<0.6")).containsExactly(seller);
    }

    @Test
    void sellsNothingOfASuspendedComputer() {
        fixture.decide(tx -> {
            tx.suspensions().put(seller, "cheats", fixture.now());
            return true;
        });
        fixture.market().tick();
        assertThat(offered("")).containsExactly(other);
        agents.get(seller).connect(fixture.market());
        assertThat(offered("")).containsExactly(other);
        fixture.decide(tx -> tx.suspensions().delete(seller));
        fixture.market().tick();
        assertThat(offered("")).containsExactlyInAnyOrder(seller, other);
    }

    private AccountId buyer(String name) {
        AccountId buyer = fixture.register(name + "@example.org");
        fixture.deposit(buyer, "5");
        return buyer;
    }

    private SellerId enrol(AccountId of, int number) {
        SellerId made = fixture.enrol(of, number);
        agents.put(made, new FakeAgent(made, "1", 1, AskTraits.UNKNOWN).connect(fixture.market()));
        return made;
    }

    /// An hour of a seller's machine, for one credit.
    private Lease rent(AccountId buyer, SellerId of) {
        ImageId image = images.computeIfAbsent(buyer, each -> fixture.image(each, "image"));
        AccountId not = of.equals(seller) ? otherOwner : owner;
        fixture.market()
                .deals()
                .putRule(buyer, new Rule(Rule.Side.BUYING, Rule.Kind.BLOCK, not.value()));
        Lease lease =
                fixture.market()
                        .order(
                                new Caller.Person(buyer),
                                MarketFixture.request("job", image, 1, 3600),
                                "")
                        .leases()
                        .getFirst();
        fixture.market().deals().removeRule(buyer, Rule.Side.BUYING, not.value());
        agents.get(of).run(fixture.market(), lease.id(), 1);
        fixture.pass(3_600_000);
        agents.get(of).end(fixture.market(), lease.id(), EndReason.POWERED_OFF, 3_600_000);
        return lease;
    }

    private List<SellerId> offered(String query) {
        try {
            return fixture.market().offers(Query.parse(query), Ranking.BY_PRICE).offers().stream()
                    .map(offer -> offer.seller())
                    .toList();
        } catch (org.sparegrid.protocol.market.QueryException malformed) {
            throw new AssertionError(malformed);
        }
    }
}
