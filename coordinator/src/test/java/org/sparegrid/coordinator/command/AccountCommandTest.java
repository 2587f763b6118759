// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Session;
import org.sparegrid.protocol.api.Wallet;

/// What the operator does with accounts, beside a coordinator that serves.
class AccountCommandTest {
    private static final String ALICE = "alice@grid.example";

    @TempDir private Path folder;
    private Trial trial;

    @BeforeEach
    void open() throws Exception {
        Files.writeString(folder.resolve(Settings.FILE), "public-addresses = [\"127.0.0.1\"]\n");
        trial = new Trial(folder);
    }

    @AfterEach
    void close() throws Exception {
        assertThat(trial.faults()).isEmpty();
        trial.close();
    }

    @Test
    void creditsWhatWasPaidByOtherMeans() throws Exception {
        Trial.Person alice = trial.person("alice");
        trial.person("bob");
        assertThat(operator("account", "credit", ALICE, "12.5", "--reason", "cash"))
                .startsWith("0 12.5 for acc-");
        assertThat(alice.get("/v1/wallet").as(Wallet.class, 200).balance())
                .isEqualTo(Credits.parse("12.5"));
        assertThat(operator("account", "ls", "alice"))
                .contains("12.5000")
                .contains(ALICE)
                .doesNotContain("bob");
        assertThat(operator("account", "ls", "%")).startsWith("0 no such account");
        assertThat(operator("audit", "ls")).contains("account-credited").contains("12.5 cash");
    }

    @Test
    void refusesAmountsAndAccountsThatAreNone() throws Exception {
        trial.person("alice");
        for (String amount : new String[] {"0", "much", "-1"}) {
            assertThat(operator("account", "credit", "--reason", "x", "--", ALICE, amount))
                    .startsWith("1 ");
        }
        assertThat(operator("account", "freeze", "eve@grid.example", "--reason", "x"))
                .startsWith("1 ");
        assertThat(operator("account", "freeze", ALICE, "--reason", " ")).startsWith("1 ");
    }

    @Test
    void freezesAnAccountAndLetsItInAgain() throws Exception {
        Trial.Person buyer = trial.person("alice");
        Trial.Person seller = trial.person("bob");
        try (FakeAgent agent = FakeAgent.join(trial, seller, "1")) {
            awaitOffers(buyer, 1);
            assertThat(operator("lease", "ls")).startsWith("0 no lease is live");
            assertThat(operator("account", "freeze", "BOB@grid.example", "--reason", "he cheats"))
                    .startsWith("0 frozen acc-");
            awaitOffers(buyer, 0);
            seller.get("/v1/wallet").problem("unauthenticated", 401);
            assertThat(logIn().problem("unauthenticated", 401).detail())
                    .isEqualTo("the operator froze this account: he cheats");
            assertThat(operator("account", "ls")).contains("frozen: he cheats");
            assertThat(operator("account", "thaw", "bob@grid.example")).contains("is let in again");
            awaitOffers(buyer, 1);
            assertThat(buyer.get("/v1/offers").as(Offers.class, 200).offers())
                    .singleElement()
                    .satisfies(offer -> assertThat(offer.seller()).isEqualTo(agent.seller()));
            assertThat(seller.get("/v1/wallet").status()).isEqualTo(200);
            assertThat(logIn().as(Session.class, 201).account())
                    .isEqualTo(seller.session().account());
            assertThat(operator("account", "thaw", "bob@grid.example")).contains("was not frozen");
        }
    }

    private Trial.Reply logIn() throws Exception {
        return trial.anonymous(
                "/v1/sessions", new Registration("bob@grid.example", "long enough bob"));
    }

    private void awaitOffers(Trial.Person buyer, int expected) throws Exception {
        Trial.await(
                () -> buyer.get("/v1/offers").as(Offers.class, 200).offers().size(),
                size -> size == expected);
    }

    /// The exit code and what was printed, also to the error output.
    private String operator(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            String[] home = {"--home", folder.toString()};
            String[] all =
                    words.length > 3 && "--".equals(words[words.length - 3])
                            ? Stream.concat(
                                            Stream.of(words).limit(words.length - 3L),
                                            Stream.concat(
                                                    Stream.of(home),
                                                    Stream.of(words).skip(words.length - 3L)))
                                    .toArray(String[]::new)
                            : Stream.concat(Stream.of(words), Stream.of(home))
                                    .toArray(String[]::new);
            int code = CoordinatorCommand.run(all);
            return code + " " + bytes.toString(StandardCharsets.UTF_8);
        } finally {
            System.setOut(before);
        }
    }
}
