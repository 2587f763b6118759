// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Volume;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.market.Query;
import picocli.CommandLine;

/// What holds for every command of the operator.
class OperatorCommandsTest {
    /// Commands that do something and show nothing, or whose answer is for programs already.
    private static final Set<String> WITHOUT_JSON =
            Set.of(
                    "init",
                    "serve",
                    "dev",
                    "fingerprint",
                    "health",
                    "completion",
                    "version",
                    "help",
                    "account credit",
                    "account freeze",
                    "account thaw",
                    "seller suspend",
                    "seller resume",
                    "deposit refund",
                    "deposit look",
                    "payout send",
                    "payout paid",
                    "payout failed",
                    "dispute resolve",
                    "db backup",
                    "db restore");

    private static final Path PAGE = Path.of("../docs/operations/coordinator.md");

    @TempDir private Path folder;

    private static List<CommandLine> leaves(CommandLine line) {
        List<CommandLine> found = new ArrayList<>();
        for (CommandLine each : line.getSubcommands().values()) {
            found.addAll(each.getSubcommands().isEmpty() ? List.of(each) : leaves(each));
        }
        return found;
    }

    private static String name(CommandLine line) {
        return line.getCommandSpec().qualifiedName().substring("sparegrid-coordinator ".length());
    }

    private static List<CommandLine> all() {
        return leaves(CoordinatorCommand.line());
    }

    @Test
    void explainEachAndPrintWhatTheyShowAsJson() {
        for (CommandLine line : all()) {
            assertThat(line.getCommandSpec().usageMessage().description())
                    .as(name(line))
                    .isNotEmpty();
            assertThat(line.getUsageMessage().lines())
                    .as(name(line))
                    .allSatisfy(text -> assertThat(text.length()).isLessThanOrEqualTo(80));
            assertThat(line.getCommandSpec().optionsMap().containsKey("--json"))
                    .as(name(line))
                    .isEqualTo(!WITHOUT_JSON.contains(name(line)));
        }
    }

    @Test
    void standOnTheOperatorsPage() throws Exception {
        String page = Files.readString(PAGE);
        for (CommandLine line : all()) {
            String name = name(line);
            String last = name.substring(name.lastIndexOf(' ') + 1);
            assertThat(page).as(name).containsPattern("`(" + name + "|" + last + ")[ `]");
        }
    }

    @Test
    void completeEachInAShell() throws Exception {
        String script = new Operator(folder).run("completion");
        assertThat(script).startsWith("0 #!/usr/bin/env bash").contains("sparegrid-coordinator");
        for (CommandLine line : all()) {
            assertThat(script).contains(name(line).replace(' ', '_'));
        }
    }

    @Test
    void listNothingAsJsonToo() throws Exception {
        try (Trial trial = new Trial(folder)) {
            trial.person("alice");
            Operator operator = new Operator(folder);
            assertThat(operator.run("account", "ls", "--json"))
                    .contains("\"schema\" : \"sparegrid.accounts/1\"")
                    .contains("\"email\" : \"alice@grid.example\"");
            assertThat(operator.run("audit", "ls", "--json"))
                    .contains("\"schema\" : \"sparegrid.audit/1\"")
                    .contains("\"actor\" : \"acc-");
            assertThat(operator.run("seller", "ls", "--json")).contains("\"suspended\" : [ ]");
            assertThat(operator.run("payout", "ls", "--all", "--json"))
                    .contains("\"payouts\" : [ ]");
            assertThat(operator.run("dispute", "ls", "--all", "--json"))
                    .contains("\"disputes\" : [ ]");
            assertThat(operator.run("volume", "ls")).isEqualTo("0 nobody keeps a volume\n");
            assertThat(operator.run("volume", "ls", "--json")).contains("\"volumes\" : [ ]");
            assertThat(operator.run("lease", "ls", "--json")).contains("\"leases\" : [ ]");
            assertThat(operator.run("order", "ls", "--json")).contains("\"orders\" : [ ]");
        }
    }

    @Test
    void showAComputer() throws Exception {
        try (Trial trial = new Trial(folder)) {
            Operator operator = new Operator(folder);
            Trial.Person bob = trial.person("bob");
            Trial.Person alice = trial.person("alice");
            alice.pay("100");
            try (FakeAgent agent = FakeAgent.join(trial, bob, "0.36")) {
                String digits = agent.seller().value().substring(0, 8);
                assertThat(operator.run("seller", "show", digits))
                        .startsWith("0 seller   " + agent.seller() + "\n")
                        .contains("owner    bob@grid.example (acc-")
                        .contains("record   machines ran for 0.0 hours and were lost 0 times")
                        .contains("runs     nothing");
                alice.order(Trial.spec(alice.image("image").id(), "alpha", 1, 3600));
                String lease = agent.run().value();
                operator.run("seller", "suspend", digits, "--reason", "he cheats");
                assertThat(operator.run("seller", "show", digits))
                        .contains("state    suspended: he cheats")
                        .contains("runs     " + lease + " of ord-");
                assertThat(operator.run("seller", "show", digits, "--json"))
                        .contains("\"schema\" : \"sparegrid.seller/1\"")
                        .contains("\"lease\" : \"" + lease + "\"");
            }
            assertThat(operator.run("seller", "show", "00000000"))
                    .startsWith("1 error: 00000000: expected 8 to 40 digits");
        }
    }

    @Test
    void listWhatSellersKeep() throws Exception {
        try (Trial trial = new Trial(folder)) {
            Operator operator = new Operator(folder);
            Trial.Person alice = trial.person("alice");
            alice.pay("100");
            try (FakeAgent agent = FakeAgent.join(trial, trial.person("bob"), "0.36")) {
                Volume.Request request =
                        new Volume.Request("data", 3, Credits.parse("1"), Query.ANY);
                Volume made = alice.once("/v1/volumes", request, Trial.key()).as(Volume.class, 201);
                agent.tell(new AgentMessage.VolumeKept(made.id()));
                assertThat(operator.run("volume", "ls").lines().skip(1))
                        .singleElement()
                        .asString()
                        .startsWith(made.id().value())
                        .contains("KEPT", "0.3000", "0.210000", "alice@grid.example");
                assertThat(operator.run("ledger", "balance", "alice@grid.example"))
                        .containsPattern("escrow:" + made.id() + " +0[.]21\n");
            }
        }
    }

    @Test
    void askHowTheCoordinatorIs() throws Exception {
        try (Trial trial = new Trial(folder)) {
            Operator operator = new Operator(folder, "port = " + trial.port());
            assertThat(operator.run("health"))
                    .isEqualTo("0 {\"status\":\"ready\",\"faults\":[]}\n");
            int port = trial.port();
            assertThat(operator.run("doctor"))
                    .startsWith("0 ok    settings\n")
                    .contains("ok    port " + port + ": this coordinator serves there\n")
                    .contains("ok    authority until 20")
                    .contains("ok    books\n");
            assertThat(operator.run("doctor", "--json"))
                    .contains("\"schema\" : \"sparegrid.coordinator-doctor/1\"")
                    .contains("\"good\" : true");
            trial.stop();
            assertThat(operator.run("doctor")).contains("ok    port " + port + "\n");
            try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                Thread.ofVirtual().start(() -> refuse(other));
                assertThat(operator.run("doctor"))
                        .startsWith("1 ")
                        .contains("FAULT port " + port + "\n      something else listens there");
            }
            assertThat(operator.run("health"))
                    .startsWith("1 error: no coordinator serves at ")
                    .contains("127.0.0.1:" + port);
            trial.open();
        }
    }

    /// What calls is hung up on.
    private static void refuse(ServerSocket other) {
        try {
            while (true) {
                other.accept().close();
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }
}
