// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;
import static org.sparegrid.endtoend.Deployment.field;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.sparegrid.protocol.Credits;
import org.sparegrid.testsupport.Command;

/// An office's pool on a network without the internet, set up as `docs/operations/coordinator.md`
/// says, step by step: two computers with one settings file, free outside of office hours.
@Tag("root")
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OfflinePoolIT {
    private static final List<String> COMPUTERS = List.of("seller", "seller2");

    private Deployment office;
    private final List<Process> agents = new ArrayList<>();

    @BeforeAll
    void build() throws Exception {
        office = new Deployment("", "seller2", "town");
    }

    @AfterAll
    void remove() throws Exception {
        office.close();
    }

    @Test
    @Order(1)
    void thereIsNoWayOutOfTheOffice() throws Exception {
        for (String party : List.of("coordinator", "seller", "seller2", "buyer", "town")) {
            assertThat(office.runOn(party, "ip", "route", "show", "default").orFail()).isBlank();
        }
    }

    @Test
    @Order(2)
    void theCoordinatorIsSetUpWithOneCommandAndTellsItsPart() throws Exception {
        office.startCoordinator().destroy();
        await(Duration.ofMinutes(1), "its end", () -> office.processes("Main serve").isEmpty());
        Path settings = office.home("coordinator").resolve("coordinator.toml");
        Files.writeString(
                settings,
                Files.readString(settings)
                        + "royalty = \"5 %\"\nroyalty-account = \"town@example.org\"\n");
        office.startCoordinator();
    }

    @Test
    @Order(3)
    void membersHaveAccountsAndCreditsThatTheOfficeMade() throws Exception {
        String authority = office.operator("fingerprint").orFail().lines().toList().getLast();
        String url = "https://" + office.address("coordinator") + ":7443";
        for (String party : List.of("seller", "buyer", "town")) {
            String[] words = {
                "register", url, "--authority-sha256", authority, "--email", party + "@example.org"
            };
            await(
                    Duration.ofMinutes(1),
                    "the coordinator",
                    () -> office.buyer(party, words).exitCode() == 0);
        }
        String[] credit = {"account", "credit", "buyer@example.org", "100", "--reason", "October"};
        office.operator(credit).orFail();
        assertThat(money("buyer", "balance")).isEqualTo(Credits.parse("100"));
    }

    @Test
    @Order(4)
    void oneSettingsFileMakesBothComputersRestInOfficeHours() throws Exception {
        office.seller("init").orFail();
        set(
                "sell-emulated=true",
                "memory=512 MiB",
                "pool=office",
                "price-per-hour=36",
                "meter-interval=1 s",
                "mode=schedule",
                "hours=" + day(3));
        for (String computer : COMPUTERS) {
            office.sellerOn(computer, "join", office.buyer("seller", "join-token").orFail())
                    .orFail();
        }
        start();
        for (String computer : COMPUTERS) {
            await(
                    Duration.ofMinutes(4),
                    computer + " to say why it does not sell",
                    () -> office.sellerOn(computer, "why").output().contains("hours"));
        }
        assertThat(offers()).isZero();
        stop();
    }

    @Test
    @Order(5)
    void bothSellToThePoolWhenTheOfficeIsEmpty() throws Exception {
        set("hours=[\"" + day(0) + "\", \"" + day(1) + "\"]");
        start();
        await(Duration.ofMinutes(6), "two offers", () -> offers() == 2);
        office.push(RandomKillsIT.guest(office), "job");
        assertThat(office.buyer("buyer", "offers", "pool=elsewhere", "--json").output())
                .doesNotContain("\"seller\"");
        List<String> run =
                new ArrayList<>(List.of("run", "job", "-n", "2", "--where", "pool=office"));
        run.addAll(List.of("--memory", "512MiB", "--for", "1h", "--allow-emulation"));
        run.addAll(List.of("--name", "work", "--yes", "--detach"));
        office.buyer("buyer", run.toArray(String[]::new)).orFail();
        await(
                Duration.ofMinutes(8),
                "two machines that are paid for",
                () ->
                        office.buyer("buyer", "vm", "ls", "--json")
                                        .output()
                                        .lines()
                                        .filter(line ->
                                                line.matches(".*\"billedSeconds\" ?: ?[1-9].*"))
                                        .count()
                                == 2);
        office.buyer("buyer", "order", "stop", "work", "--wait").orFail();
    }

    @Test
    @Order(6)
    void theBillIsTheSellersPayAndTheTownsPart() throws Exception {
        Credits[] spent = new Credits[1];
        await(
                Duration.ofMinutes(2),
                "the order to be closed",
                () -> {
                    spent[0] = Credits.parse("100").minus(money("buyer", "balance"));
                    return money("buyer", "escrow").equals(Credits.ZERO);
                });
        Credits earned = money("seller", "earnings");
        Credits part = money("town", "earnings");
        assertThat(earned.plus(part)).isEqualTo(spent[0]);
        // 5 % of each payment, rounded down to the billionth.
        assertThat(part.nanos()).isBetween(spent[0].nanos() / 20 - 100, spent[0].nanos() / 20);
        assertThat(part).isGreaterThan(Credits.ZERO);
        assertThat(office.operator("ledger", "verify").orFail()).contains("the books balance");
        office.operator("ledger", "audit").orFail();
    }

    @Test
    @Order(7)
    void whatWasEarnedCanBeSpentAndHandedOn() throws Exception {
        office.buyer("seller", "wallet", "use-earnings").orFail();
        assertThat(money("seller", "earnings")).isEqualTo(Credits.ZERO);
        Credits before = money("buyer", "balance");
        String account = field(office.buyer("buyer", "whoami", "--json").orFail(), "id");
        office.buyer("seller", "wallet", "give", account, "0.01").orFail();
        assertThat(money("buyer", "balance")).isEqualTo(before.plus(Credits.parse("0.01")));
        stop();
    }

    /// All hours of the day so many days from now, as the setting `hours` has them.
    private static String day(int days) {
        return LocalDate.now()
                        .plusDays(days)
                        .getDayOfWeek()
                        .getDisplayName(TextStyle.SHORT, Locale.ENGLISH)
                        .toLowerCase(Locale.ROOT)
                + " 00:00-24:00";
    }

    private void set(String... settings) throws Exception {
        List<String> words = new ArrayList<>(List.of("offer", "set"));
        words.addAll(List.of(settings));
        office.seller(words.toArray(String[]::new)).orFail();
        Path file = office.home("seller").resolve("agent.toml");
        Path copy = office.home("seller2").resolve("agent.toml");
        Command.run("cp", "--preserve=all", "" + file, "" + copy);
    }

    private void start() throws Exception {
        for (String computer : COMPUTERS) {
            agents.add(office.startAgent(computer));
        }
    }

    private void stop() throws Exception {
        agents.forEach(Process::destroy);
        for (Process agent : agents) {
            assertThat(agent.waitFor(2, TimeUnit.MINUTES)).as("the agent ends").isTrue();
        }
        agents.clear();
    }

    private long offers() throws Exception {
        return office.buyer("buyer", "offers", "pool=office", "--json")
                .output()
                .lines()
                .filter(line -> line.contains("\"seller\""))
                .count();
    }

    private Credits money(String party, String name) throws Exception {
        return Credits.parse(
                field(office.buyer(party, "wallet", "balance", "--json").orFail(), name));
    }
}
