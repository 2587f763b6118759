// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Session;
import org.sparegrid.protocol.api.Wallet;

/// A copy of the database is put back.
class RestoreTest {
    @TempDir private Path folder;

    @BeforeEach
    void setUp() throws IOException {
        Files.writeString(folder.resolve(Settings.FILE), "public-addresses = [\"127.0.0.1\"]\n");
    }

    @Test
    void goesBackToTheCopyAndKeepsWhatWasThere() throws Exception {
        Path copy = folder.resolve("copy.db");
        try (Trial trial = new Trial(folder)) {
            trial.person("alice").pay("10");
            assertThat(operator("db", "backup", copy.toString())).isZero();
            trial.person("bob").pay("20");
            // Somebody serves the folder.
            assertThat(operator("db", "restore", copy.toString())).isEqualTo(1);
        }
        assertThat(operator("db", "restore", copy.toString())).isZero();
        try (Trial trial = new Trial(folder)) {
            Registration alice = new Registration("alice@grid.example", "long enough alice");
            Session session = trial.anonymous("/v1/sessions", alice).as(Session.class, 201);
            assertThat(
                            trial.send(
                                            trial.request("/v1/wallet")
                                                    .header(
                                                            "Authorization",
                                                            "Bearer " + session.token())
                                                    .GET())
                                    .as(Wallet.class, 200)
                                    .balance())
                    .isEqualTo(Credits.parse("9"));
            Registration bob = new Registration("bob@grid.example", "long enough bob");
            trial.anonymous("/v1/sessions", bob).problem("unauthenticated", 401);
            assertThat(trial.faults()).isEmpty();
        }
        assertThat(kept()).hasSize(1);
        assertThat(operator("ledger", "audit")).isZero();
        assertThat(operator("audit", "verify")).isZero();
        assertThat(operator("audit", "verify", "--known", "1:" + "0".repeat(64))).isEqualTo(1);
    }

    @Test
    void refusesWhatIsNoGoodCopy() throws Exception {
        new Trial(folder).close();
        byte[] before = Files.readAllBytes(folder.resolve("coordinator.db"));
        Path nonsense = Files.writeString(folder.resolve("nonsense"), "no database".repeat(500));
        assertThat(operator("db", "restore", nonsense.toString())).isEqualTo(1);
        assertThat(operator("db", "restore", folder + "/nothing")).isEqualTo(1);
        assertThat(Files.readAllBytes(folder.resolve("coordinator.db"))).isEqualTo(before);
        assertThat(kept()).isEmpty();
    }

    private List<Path> kept() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().matches(".*before-[0-9]+")).toList();
        }
    }

    private int operator(String... words) {
        return CoordinatorCommand.run(
                Stream.concat(Stream.of(words), Stream.of("--home", folder.toString()))
                        .toArray(String[]::new));
    }
}
