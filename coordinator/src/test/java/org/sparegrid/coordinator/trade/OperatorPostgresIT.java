// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.store.DepositTable;
import org.sparegrid.coordinator.store.LedgerTable;
import org.sparegrid.coordinator.store.PostgresCluster;
import org.sparegrid.coordinator.store.StopTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.AdjustmentId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;

/// What the operator's commands ask and change, with the tables in PostgreSQL.
class OperatorPostgresIT {
    @TempDir private Path folder;

    @Test
    void looksAtMoneyAndCorrectsIt() throws Exception {
        try (MarketFixture fixture = new MarketFixture(folder, PostgresCluster.newDatabase())) {
            AccountId alice = fixture.register("alice@grid.example");
            fixture.deposit(alice, "20");
            fixture.deposit(alice, "7");
            fixture.decide(tx -> {
                Decisions.adjust(
                        tx,
                        "operator",
                        new AdjustmentId("adj-aaaaaaaaaaaa"),
                        Book.LOSSES,
                        Book.wallet(alice),
                        Credits.parse("5"),
                        "goodwill",
                        fixture.now());
                return true;
            });
            List<LedgerTable.Total> all = fixture.decide(tx -> tx.ledger().totals());
            assertThat(all)
                    .contains(
                            new LedgerTable.Total("psp_losses", 1, Credits.parse("-5")),
                            new LedgerTable.Total("wallet", 1, Credits.parse("29.3")));
            assertThat(fixture.<List<LedgerTable.Total>>decide(tx -> tx.ledger().totals(alice)))
                    .containsExactly(
                            new LedgerTable.Total(
                                    Book.wallet(alice).id(), 1, Credits.parse("29.3")));
            assertThat(
                            fixture.<List<DepositTable.Row>>decide(
                                    tx -> tx.deposits().newest(Optional.of(alice), false, 9)))
                    .hasSize(2);
            assertThat(
                            fixture.<List<DepositTable.Row>>decide(
                                    tx -> tx.deposits().newest(Optional.empty(), true, 9)))
                    .isEmpty();
            List<DepositTable.Row> first =
                    fixture.decide(tx -> tx.deposits().since(Instant.EPOCH, Optional.empty(), 1));
            Optional<Deposit> last = first.stream().map(DepositTable.Row::deposit).findFirst();
            assertThat(
                            fixture.<List<DepositTable.Row>>decide(tx ->
                                    tx.deposits().since(Instant.EPOCH, last.map(Deposit::id), 9)))
                    .hasSize(1)
                    .doesNotContainAnyElementsOf(first);
            assertThat(
                            fixture.<Credits>decide(tx ->
                                    tx.ledger().royalty(new LeaseId("vm-aaaaaaaaaaaa"), alice)))
                    .isEqualTo(Credits.ZERO);
            assertThat(fixture.<List<?>>decide(tx -> tx.payouts().newest(9))).isEmpty();
            assertThat(fixture.<List<?>>decide(tx -> tx.disputes().newest(9))).isEmpty();
            assertThat(fixture.faults()).isEmpty();
        }
    }

    @Test
    void endsAMachine() throws Exception {
        try (MarketFixture fixture = new MarketFixture(folder, PostgresCluster.newDatabase())) {
            AccountId buyer = fixture.register("buyer@grid.example");
            fixture.give(buyer, "100");
            SellerId seller = fixture.enrol(fixture.register("owner@grid.example"), 1);
            FakeAgent agent = new FakeAgent(seller, "0.36", 1).connect(fixture.market());
            Order order =
                    fixture.market()
                            .order(
                                    new org.sparegrid.coordinator.operation.Caller.Person(buyer),
                                    MarketFixture.request(
                                            "blue", fixture.image(buyer, "image"), 1, 3600),
                                    "");
            LeaseId lease = order.leases().getFirst().id();
            agent.run(fixture.market(), lease, 1);
            fixture.decide(tx -> {
                Decisions.terminate(tx, "operator", lease, "why", fixture.now());
                return true;
            });
            fixture.market().tick();
            assertThat(fixture.<List<StopTable.Row>>decide(tx -> tx.stops().all())).isEmpty();
            Lease stopped = fixture.market().lease(buyer, lease);
            assertThat(stopped.state()).isEqualTo(LeaseState.STOPPING);
            assertThat(stopped.events().getLast().detail()).isEqualTo("ended by the operator: why");
            assertThat(fixture.faults()).isEmpty();
        }
    }
}
