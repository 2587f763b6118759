// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.LedgerPage;

/// Invoices of payments: from the books, once, without gaps.
class InvoicesTest {
    private static final Invoice.Request TO = new Invoice.Request(List.of("ACME", "2 Side Street"));

    @TempDir Path folder;
    private MarketFixture fixture;
    private AccountId buyer;

    /// The market that is tried.
    MarketFixture open(Path empty) throws IOException {
        return new MarketFixture(empty);
    }

    @BeforeEach
    void open() throws IOException {
        fixture = open(folder);
        buyer = fixture.register("buyer@example.org");
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    private Invoice issue(AccountId account, DepositId deposit, Invoice.Request request) {
        return fixture.market().deals().invoice(account, deposit, request);
    }

    /// The payments of an account, newest first.
    private List<DepositId> paid(AccountId account) {
        return fixture.market().ledger(account, 100, 0).entries().stream()
                .filter(entry -> entry.kind().equals("deposit"))
                .map(LedgerPage.Entry::reference)
                .map(DepositId::new)
                .toList();
    }

    @Test
    void saysWhatTheBooksSayAndNeverChanges() throws IOException {
        fixture.deposit(buyer, "12.34");
        fixture.pass(Duration.ofDays(3).toMillis());
        Invoice invoice = issue(buyer, paid(buyer).getFirst(), TO);
        assertThat(invoice)
                .isEqualTo(
                        new Invoice(
                                1,
                                paid(buyer).getFirst(),
                                buyer,
                                fixture.now(),
                                fixture.now().minus(Duration.ofDays(3)),
                                List.of("Grid Ltd", "1 Main Street"),
                                List.of("ACME", "2 Side Street"),
                                Credits.parse("12.34"),
                                Credits.parse("1.234"),
                                Credits.parse("11.106")));
        fixture.pass(1000);
        Invoice.Request other = new Invoice.Request(List.of("Somebody else"));
        assertThat(issue(buyer, invoice.deposit(), other)).isEqualTo(invoice);
        fixture.restart();
        assertThat(fixture.market().deals().invoices(buyer).invoices()).containsExactly(invoice);
    }

    @Test
    void numbersAllAccountsInvoicesWithoutGaps() {
        AccountId other = fixture.register("other@example.org");
        for (int i = 0; i < 3; i++) {
            fixture.give(buyer, "1");
            fixture.give(other, "2");
        }
        for (int i = 0; i < 3; i++) {
            assertThat(issue(buyer, paid(buyer).get(i), TO).number()).isEqualTo(2 * i + 1);
            // What is refused takes no number.
            DepositId others = paid(other).get(i);
            assertThatThrownBy(() -> issue(buyer, others, TO)).hasMessageContaining("of yours");
            Invoice invoice = issue(other, others, TO);
            assertThat(invoice.number()).isEqualTo(2 * i + 2);
            assertThat(invoice.commission()).isEqualTo(Credits.ZERO);
        }
        assertThat(fixture.market().deals().invoices(buyer).invoices())
                .extracting(Invoice::number)
                .containsExactly(5L, 3L, 1L);
    }

    @Test
    void invoicesNothingThatTheBooksDoNotHold() {
        DepositId unknown = new DepositId("dep-aaaaaaaaaaaa");
        assertThatThrownBy(() -> issue(buyer, unknown, TO))
                .isInstanceOf(RefusedException.class)
                .hasMessage("there is no paid deposit dep-aaaaaaaaaaaa of yours");
    }

    @Test
    void takesOnlyNamesAndAddresses() {
        for (List<String> wrong :
                List.of(
                        List.<String>of(),
                        List.of(" "),
                        List.of("a\nb"),
                        List.of("x".repeat(81)),
                        java.util.Collections.nCopies(9, "line"))) {
            assertThatThrownBy(() -> new Invoice.Request(wrong))
                    .hasMessage("recipient: expected 1 to 8 lines of 1 to 80 characters");
        }
    }
}
