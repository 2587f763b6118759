// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.fake.FakeCoordinator.Reply;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.api.SshKey;

/// Keys for the SSH gateway.
class SshKeyCommandTest {
    private static final String FINGERPRINT = "SHA256:" + "a+/".repeat(14) + "b";

    @TempDir private Path home;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private FakeCoordinator fake;

    @BeforeEach
    void open() throws Exception {
        fake = FakeCoordinator.open();
    }

    @AfterEach
    void close() {
        fake.close();
    }

    private static SshKey key() {
        return new SshKey(FINGERPRINT, "ssh-ed25519", "laptop", Instant.EPOCH);
    }

    private Path file(String text) throws Exception {
        return Files.writeString(home.resolve("id.pub"), text);
    }

    @Test
    void addsTheLineOfAFile() throws Exception {
        byte[] blob = new byte[51];
        byte[] type = "ssh-ed25519".getBytes(StandardCharsets.US_ASCII);
        blob[3] = (byte) type.length;
        System.arraycopy(type, 0, blob, 4, type.length);
        String line = "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob) + " laptop";
        fake.on("POST /v1/ssh-keys", _ -> Reply.of(201, key()));
        assertThat(run("ssh-key", "add", file(line + "\n").toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("Added " + FINGERPRINT + " laptop\n");
        assertThat(fake.requests().getLast().as(SshKey.Request.class))
                .isEqualTo(new SshKey.Request(line));
    }

    @Test
    void refusesWhatIsNoPublicKey() throws Exception {
        long before = fake.count("POST /v1/ssh-keys");
        assertThat(run("ssh-key", "add", file("-----BEGIN OPENSSH PRIVATE KEY-----").toString()))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("give the file that ends in");
        assertThat(run("ssh-key", "add", file("ssh-ed25519 AAAA").toString())).isEqualTo(2);
        assertThat(run("ssh-key", "add", home.resolve("absent").toString())).isEqualTo(3);
        assertThat(run("ssh-key", "rm", "laptop")).isEqualTo(2);
        assertThat(fake.count("POST /v1/ssh-keys")).isEqualTo(before);
    }

    @Test
    void listsKeysAndSaysWhereTheyAreGood() throws Exception {
        fake.on(
                "GET /v1/ssh-keys",
                new SshKey.Page(List.of(key()), "grid.example:2222", FINGERPRINT));
        assertThat(run("ssh-key", "ls")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(FINGERPRINT + "  ssh-ed25519  laptop  1970-01-01");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("ssh -p 2222 node1.ORDER@grid.example", "host key is " + FINGERPRINT);

        String path = "/v1/ssh-keys/" + "a-_".repeat(14) + "b";
        fake.on("DELETE " + path, _ -> new Reply(204, new byte[0]));
        fake.on("GET /v1/ssh-keys", new SshKey.Page(List.of(), "", ""));
        assertThat(run("ssh-key", "rm", FINGERPRINT)).isZero();
        assertThat(fake.count("DELETE " + path)).isEqualTo(1);
        assertThat(run("ssh-key", "ls")).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("runs no SSH gateway");
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
