// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.control.AgentLink;
import org.sparegrid.agent.control.SessionListener;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.context.Settings;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Ranking;

/// A seller's agent, without guests, whose line to a coordinator in a process of its own cuts every
/// connection after some seconds: no WebSocket lives, and requests do.
class PollingIT {
    private static final long LIFE_MILLIS = 2_500;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int PRICES = 30;

    @TempDir Path work;
    private final List<Process> started = new ArrayList<>();
    private final ConcurrentLinkedQueue<CoordinatorMessage> handled = new ConcurrentLinkedQueue<>();

    @AfterEach
    void end() throws Exception {
        for (Process each : started) {
            each.destroyForcibly();
            each.waitFor();
        }
    }

    private Path start(String name, String... arguments) throws IOException {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "org.sparegrid.coordinator.Main"));
        words.addAll(List.of(arguments));
        Path log = work.resolve(name + ".log");
        started.add(
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start());
        return log;
    }

    private Coordinator coordinator(int port) throws Exception {
        String home = work.resolve("coordinator").toString();
        Path init =
                start(
                        "init",
                        "init",
                        "--home",
                        home,
                        "--public-address",
                        "127.0.0.1",
                        "--port",
                        "" + port);
        assertThat(started.getLast().waitFor()).isZero();
        String authority =
                Files.readAllLines(init).stream()
                        .map(String::strip)
                        .filter(each -> each.matches("[0-9a-f]{64}"))
                        .findFirst()
                        .orElseThrow();
        start("coordinator", "serve", "--home", home);
        Settings settings =
                new Settings("https://127.0.0.1:" + port, authority, "seller@example.org");
        List<Coordinator> account = new ArrayList<>();
        await(PATIENCE, "the coordinator", () -> account.add(account(settings)));
        return account.getFirst();
    }

    private static Coordinator account(Settings settings) throws Exception {
        String token =
                Coordinator.at(settings, Optional.empty())
                        .register(new Registration(settings.email(), "a long password"))
                        .token();
        return Coordinator.at(settings, Optional.of(token));
    }

    private static Ask ask(String price) {
        return new Ask(
                "behind a firewall",
                1,
                new MachineSize(1, 512, 0),
                Credits.parse(price),
                Acceleration.EMULATION,
                "a test",
                1000,
                "0",
                AskTraits.UNKNOWN);
    }

    private static Optional<Credits> offered(Coordinator seller) throws Exception {
        return seller.offers(Query.ANY, Ranking.BY_PRICE).offers().stream()
                .map(offer -> offer.ask().pricePerHour())
                .findFirst();
    }

    private final class Listener implements SessionListener {
        @Override
        public AgentMessage.Inventory inventory() {
            return new AgentMessage.Inventory(ask("1"), true, List.of(), List.of());
        }

        @Override
        public void begun() {}

        @Override
        public void handle(CoordinatorMessage message) {
            handled.add(message);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void anAgentWhoseConnectionsAreAllCutSellsByPolling() throws Exception {
        int port = freePort();
        Coordinator seller = coordinator(port);
        try (CuttingLine line = new CuttingLine(port, LIFE_MILLIS)) {
            Path folder = work.resolve("agent");
            ImageTaker.join(folder, seller.joinToken().token(), line.port());
            try (AgentLink link = new AgentLink(Identity.load(folder))) {
                link.start(new Listener());
                await(PATIENCE, "polling", () -> link.whyPolling().isPresent());
                assertThat(link.state()).startsWith("connected by polling: closed: ");
                int before = line.connections();
                for (int price = 2; price <= PRICES; price++) {
                    Credits next = Credits.parse("" + price);
                    link.send(new AgentMessage.AskChanged(ask("" + price), true));
                    await(
                            PATIENCE,
                            "price " + next,
                            () -> offered(seller).equals(Optional.of(next)));
                }
                assertThat(line.connections()).isGreaterThan(before + 2);
                assertThat(link.whyPolling()).isPresent();
            }
        }
    }
}
