// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.Wallet;

/// How an operator looks at the books and corrects them, beside a coordinator that serves.
class LedgerCommandTest {
    @TempDir private Path folder;
    private Operator operator;
    private Trial trial;
    private Trial.Person alice;

    @BeforeEach
    void open() throws Exception {
        operator = new Operator(folder);
        trial = new Trial(folder);
        alice = trial.person("alice");
    }

    @AfterEach
    void close() throws Exception {
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    @Test
    void correctsTheBooks() throws Exception {
        String account = alice.session().account().value();
        assertThat(adjust("5", "psp_losses", "wallet:alice@grid.example", "goodwill, case 7"))
                .startsWith("0 5 booked as adj-")
                .endsWith(": psp_losses holds -5 now, wallet:" + account + " holds 5\n");
        assertThat(balance()).isEqualTo(Credits.parse("5"));
        assertThat(alice.get("/v1/wallet/ledger").as(LedgerPage.class, 200).entries())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.kind()).isEqualTo("adjust");
                    assertThat(entry.amount()).isEqualTo(Credits.parse("5"));
                    assertThat(entry.reference()).startsWith("adj-");
                });
        assertThat(trial.audit())
                .containsPattern(
                        "ledger-adjusted adj-[a-z2-7]{12} 5 from psp_losses to wallet:"
                                + account
                                + ": goodwill, case 7");
        assertThat(adjust("1.5", "wallet:" + account, "revenue_commission", "fee"))
                .contains("wallet:" + account + " holds 3.5 now, revenue_commission holds 1.5");
        assertThat(adjust("1.5", "revenue_commission", "earnings:" + account, "a prize"))
                .startsWith("0 ");
        assertThat(operator.run("ledger", "balance", "alice@grid.example"))
                .containsPattern("earnings:" + account + " +1[.]5\n")
                .containsPattern("wallet:" + account + " +3[.]5\n")
                .containsPattern("sum +5\n");
        assertThat(operator.run("ledger", "balance"))
                .containsPattern("psp_losses +-5\n")
                .containsPattern("revenue_commission +0\n")
                .containsPattern("sum +0\n");
        assertThat(operator.run("ledger", "balance", "--json"))
                .contains("\"schema\" : \"sparegrid.ledger-balance/1\"")
                .contains("\"sum\" : \"0\"");
        assertThat(operator.run("ledger", "audit")).startsWith("0 3 transfers");
        assertThat(operator.run("ledger", "verify")).startsWith("0 the books balance");
    }

    @Test
    void takesNothingThatIsNotThere() throws Exception {
        String account = alice.session().account().value();
        adjust("5", "psp_losses", "wallet:alice@grid.example", "goodwill");
        assertThat(adjust("5.000000001", "wallet:alice@grid.example", "psp_clearing", "x"))
                .isEqualTo(
                        "1 error: wallet:"
                                + account
                                + " holds 5; 5.000000001 can't be taken from it\n");
        assertThat(adjust("1", "revenue_commission", "psp_clearing", "x"))
                .isEqualTo("1 error: revenue_commission holds 0; 1 can't be taken from it\n");
        assertThat(balance()).isEqualTo(Credits.parse("5"));
        assertThat(trial.audit()).containsOnlyOnce("ledger-adjusted");
    }

    @Test
    void saysWhatIsWrongWithTheCommand() {
        assertThat(adjust("5", "escrow:ord-aaaaaaaaaaaa", "psp_clearing", "x"))
                .startsWith("2 error: --from: expected wallet:ACCOUNT, earnings:ACCOUNT, revenue");
        assertThat(adjust("5", "psp_losses", "dispute_reserve", "x"))
                .startsWith("2 error: --to: expected wallet:ACCOUNT");
        assertThat(adjust("5", "psp_losses", "psp_losses", "x"))
                .startsWith("2 error: --to: expected another book than --from");
        assertThat(adjust("5", "psp_losses", "wallet:eve@grid.example", "x"))
                .startsWith("1 error: eve@grid.example: no such account");
        assertThat(adjust("0", "psp_losses", "psp_clearing", "x"))
                .startsWith("2 error: AMOUNT: expected more than 0, got 0");
        assertThat(adjust("five", "psp_losses", "psp_clearing", "x"))
                .startsWith("2 error: AMOUNT: ");
        assertThat(adjust("5", "psp_losses", "psp_clearing", " "))
                .startsWith("2 error: --reason: ");
    }

    @Test
    void listsPaymentsAndComparesThemWithTheProvider() throws Exception {
        assertThat(operator.run("deposit", "ls")).isEqualTo("0 no such payment\n");
        Deposit deposit = alice.pay("20");
        trial.person("bob").pay("7");
        assertThat(operator.run("deposit", "ls", "--of", "alice@grid.example").lines().skip(1))
                .singleElement()
                .asString()
                .startsWith(deposit.id().value())
                .contains("POSTED", "20", "test", "alice@grid.example");
        assertThat(operator.run("deposit", "ls", "--open")).isEqualTo("0 no such payment\n");
        assertThat(operator.run("deposit", "ls", "--json", "--limit", "1"))
                .contains("\"schema\" : \"sparegrid.deposits/1\"")
                .contains("bob@grid.example")
                .doesNotContain("alice");
        assertThat(operator.run("deposit", "look", deposit.id().value()))
                .isEqualTo("0 " + deposit.id() + " is POSTED\n");
        assertThat(operator.run("deposit", "look", "dep-aaaaaaaaaaaa"))
                .isEqualTo("1 error: there is no deposit dep-aaaaaaaaaaaa\n");
        assertThat(operator.run("ledger", "reconcile"))
                .isEqualTo(
                        "0 test was asked about 2 payments: by the books it received 27, of which"
                                + " 0 went back\ntest says the same\n");
        assertThat(operator.run("ledger", "reconcile", "--json", "--since", "2100-01-01"))
                .contains("\"schema\" : \"sparegrid.ledger-reconciliation/1\"")
                .contains("\"asked\" : 0");
    }

    private String adjust(String amount, String from, String to, String reason) {
        return operator.run(
                "ledger", "adjust", amount, "--from", from, "--to", to, "--reason", reason);
    }

    private Credits balance() throws Exception {
        return alice.get("/v1/wallet").as(Wallet.class, 200).balance();
    }
}
