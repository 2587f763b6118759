// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.AdjustmentId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.testsupport.Property;

class TransfersTest {
    private static final AccountId BUYER = new AccountId("acc-aaaaaaaaaaaa");
    private static final AccountId SELLER = new AccountId("acc-bbbbbbbbbbbb");
    private static final OrderId ORDER = new OrderId("ord-aaaaaaaaaaaa");
    private static final LeaseId LEASE = new LeaseId("vm-aaaaaaaaaaaa");
    private static final DepositId DEPOSIT = new DepositId("dep-aaaaaaaaaaaa");

    @Test
    void booksTheCommissionWithTheDeposit() {
        var transfers = Transfers.deposit(DEPOSIT, BUYER, Credits.parse("10"), Credits.parse("1"));
        assertThat(transfers)
                .extracting(Transfer::from, Transfer::to, Transfer::amount)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                Book.CLEARING, Book.wallet(BUYER), Credits.parse("10")),
                        org.assertj.core.groups.Tuple.tuple(
                                Book.wallet(BUYER), Book.COMMISSION, Credits.parse("1")));
        assertThat(transfers.get(0).id()).isNotEqualTo(transfers.get(1).id());
    }

    @Test
    void hasOneIdentifierForOneEventWhateverTheAmount() {
        Transfer first = settle(60, 5);
        assertThat(first.id()).hasSize(32).isEqualTo(settle(60, 7).id());
        assertThat(first.id()).isNotEqualTo(settle(61, 5).id());
    }

    @Test
    void makesNoTransferOfNothing() {
        assertThat(Transfers.release(ORDER, BUYER, Credits.ZERO)).isEmpty();
        assertThatThrownBy(() ->
                        new Transfer(
                                Transfer.Kind.HOLD,
                                "k",
                                "r",
                                Book.wallet(BUYER),
                                Book.COMMISSION,
                                new Credits(-1)))
                .hasMessageStartingWith("transfer: expected an amount above 0");
    }

    @Test
    void sumsManySettlementsToTheWholeChargeExactly() {
        Property.holds(
                2000,
                random -> {
                    Credits price = new Credits(random.nextLong(1_000_000_000_000L));
                    Credits paid = Credits.ZERO;
                    long seconds = 0;
                    for (int i = 0; i < 100; i++) {
                        seconds += random.nextInt(100);
                        Credits due = price.perHourFor(seconds).minus(paid);
                        assertThat(due.isNegative()).isFalse();
                        paid = paid.plus(due);
                    }
                    assertThat(paid).isEqualTo(price.perHourFor(seconds));
                });
    }

    private static Transfer settle(long seconds, long nanos) {
        return Transfers.settle(LEASE, seconds, ORDER, BUYER, SELLER, new Credits(nanos))
                .orElseThrow();
    }

    @Test
    void adjustsNoMoneyOfOrdersPayoutsAndDisputes() {
        AdjustmentId id = new AdjustmentId("adj-aaaaaaaaaaaa");
        for (Book book :
                List.of(
                        Book.PAYOUTS,
                        Book.DISPUTES,
                        Book.escrow(
                                new OrderId("ord-aaaaaaaaaaaa"),
                                new AccountId("acc-aaaaaaaaaaaa")))) {
            assertThatThrownBy(() -> Transfers.adjust(id, Book.LOSSES, book, Credits.parse("1")))
                    .hasMessage("adjustment: " + book.id() + " is not adjusted");
            assertThatThrownBy(() -> Transfers.adjust(id, book, Book.LOSSES, Credits.parse("1")))
                    .hasMessage("adjustment: " + book.id() + " is not adjusted");
        }
    }
}
