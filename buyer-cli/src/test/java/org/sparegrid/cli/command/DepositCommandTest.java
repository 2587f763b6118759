// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.Wallet;

/// Payments as the buyer sees them.
class DepositCommandTest {
    private static final String WHERE = "https://pay.example/cs_1";

    @TempDir Path home;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private FakeCoordinator fake;

    @BeforeEach
    void open() throws Exception {
        fake = FakeCoordinator.open();
        fake.on("GET /v1/wallet", new Wallet(Credits.parse("1"), Credits.ZERO, Credits.ZERO));
    }

    @AfterEach
    void close() {
        fake.close();
    }

    @Test
    void showsWhatIsStillToBePaid() throws Exception {
        fake.on(
                "GET /v1/wallet/deposits",
                new Deposit.Page(
                        List.of(
                                deposit(Deposit.State.PENDING, WHERE),
                                deposit(Deposit.State.POSTED, ""))));
        assertThat(run("wallet", "balance")).isZero();
        assertThat(out()).containsOnlyOnce("dep-abcdefghijkl").contains("to be paid");
        assertThat(run("wallet", "deposits")).isZero();
        assertThat(out()).contains("18.0000  to be paid", "18.0000  in the wallet");
        assertThat(err()).contains("Pay dep-abcdefghijkl at " + WHERE);
    }

    @Test
    void beginsAPaymentAndDoesNotWaitIfTold() throws Exception {
        fake.on("POST /v1/wallet/deposits", deposit(Deposit.State.PENDING, WHERE));
        assertThat(run("wallet", "deposit", "20", "--no-wait")).isZero();
        assertThat(err()).contains("Pay at " + WHERE);
        assertThat(out()).contains("to be credited").doesNotContain("\npaid");
    }

    @Test
    void waitsUntilItIsPaidOrComesToNothing() throws Exception {
        fake.on("POST /v1/wallet/deposits", deposit(Deposit.State.PENDING, WHERE));
        fake.on("GET /v1/wallet/deposits/dep-abcdefghijkl", deposit(Deposit.State.POSTED, ""));
        assertThat(run("wallet", "deposit", "20")).isZero();
        assertThat(out()).contains("paid").contains("credited").doesNotContain("to be credited");
        fake.on("GET /v1/wallet/deposits/dep-abcdefghijkl", deposit(Deposit.State.FAILED, ""));
        assertThat(run("wallet", "deposit", "20")).isEqualTo(1);
        assertThat(err()).contains("nothing was credited");
    }

    private static Deposit deposit(Deposit.State state, String payAt) {
        return new Deposit(
                new DepositId("dep-abcdefghijkl"),
                "stripe",
                state,
                Credits.parse("20"),
                Credits.parse("2"),
                Credits.parse("18"),
                payAt,
                Samples.START);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private int run(String... words) throws Exception {
        out.reset();
        err.reset();
        Context context = Context.of(Map.of("SPAREGRID_HOME", home.toString()));
        if (context.settings().isEmpty()) {
            context.save(fake.settings(), "secret");
        }
        Terminal terminal =
                new Terminal(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false,
                        false,
                        80);
        Shell shell =
                new Shell(
                        terminal,
                        Map.of(),
                        context,
                        Clock.fixed(Instant.parse("2026-11-21T10:05:00Z"), ZoneOffset.UTC));
        return Sparegrid.commandLine(shell, List.of(words)).execute(words);
    }
}
