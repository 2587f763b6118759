// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.command.SshClientTrial.Talk;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.SshKey;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorMessage.ConsoleInput;
import org.sparegrid.protocol.control.CoordinatorMessage.StreamWanted;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Order;

/// Consoles of machines by SSH, between a real client and the whole coordinator.
class SshGatewayTest {
    private static final SshdSocketAddress HERE = new SshdSocketAddress("127.0.0.1", 0);

    @TempDir private Path folder;
    private Trial trial;
    private Trial.Person buyer;
    private FakeAgent agent;
    private LeaseId lease;

    @BeforeEach
    void open() throws Exception {
        // The agent of this test says nothing unasked, and must not count as gone.
        trial = new Trial(folder, "ssh-port = 0\nheartbeat = \"300 s\"");
        buyer = trial.person("buyer");
        buyer.pay("100");
        agent = FakeAgent.join(trial, trial.person("seller"), "3.6");
        Order _ = buyer.order(Trial.spec(buyer.image("image").id(), "alpha", 1, 7200));
        lease = agent.run();
    }

    @AfterEach
    void close() throws Exception {
        agent.close();
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    private void add(Trial.Person person, SshClientTrial client) throws Exception {
        SshKey added = person.post("/v1/ssh-keys", client.line("laptop")).as(SshKey.class, 201);
        assertThat(added.fingerprint()).isEqualTo(client.fingerprint());
        assertThat(added.name()).isEqualTo("laptop");
    }

    private void writes(long offset, String text) throws Exception {
        agent.tell(
                new AgentMessage.ConsoleOutput(
                        lease, offset, new Blob(text.getBytes(StandardCharsets.UTF_8))));
    }

    private String typed() throws Exception {
        return new String(
                agent.expect(ConsoleInput.class).bytes().toBytes(), StandardCharsets.UTF_8);
    }

    private void awaitAudit(String... expected) throws Exception {
        long deadline = System.nanoTime() + Trial.PATIENCE.toNanos();
        String log = trial.audit();
        while (System.nanoTime() < deadline
                && !List.of(expected).stream().allMatch(log::contains)) {
            Thread.sleep(50);
            log = trial.audit();
        }
        assertThat(log).contains(expected);
    }

    @Test
    void carriesAConsoleBothWays() throws Exception {
        writes(0, "login: ");
        for (String type : List.of("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")) {
            int bits = type.equals("ssh-rsa") ? 2048 : 256;
            try (SshClientTrial client = new SshClientTrial(type, bits)) {
                add(buyer, client);
                ClientSession session = client.logIn("node1.alpha", trial.sshPort());
                try (Talk talk = new Talk(session.createShellChannel())) {
                    talk.awaitOut(out -> out.contains("login: "));
                    talk.type("root\r");
                    assertThat(typed()).isEqualTo("root\r");
                    talk.type("x\u001dnever");
                    assertThat(talk.status()).isZero();
                    assertThat(typed()).isEqualTo("x");
                    assertThat(talk.err())
                            .contains("console of node1.alpha of acc-", "; Ctrl-] leaves it");
                }
                SshKey.Page page = buyer.get("/v1/ssh-keys").as(SshKey.Page.class, 200);
                assertThat(page.gateway()).isEqualTo("127.0.0.1:" + trial.sshPort());
                assertThat(page.hostKey()).isEqualTo(client.hostKey());
                awaitAudit("console-opened " + lease, "by " + client.fingerprint());
            }
        }
        awaitAudit("console-closed " + lease);
        Path hostKey = folder.resolve("identity/ssh-host-key.pem");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(hostKey)))
                .isEqualTo("rw-------");
    }

    @Test
    void servesOpenSsh() throws Exception {
        assumeThat(Path.of("/usr/bin/ssh")).isExecutable();
        writes(0, "login: ");
        Path key = folder.resolve("id");
        assertThat(ssh("", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()))
                .isEqualTo("0 ");
        SshKey.Request line = new SshKey.Request(Files.readString(key.resolveSibling("id.pub")));
        SshKey added = buyer.post("/v1/ssh-keys", line).as(SshKey.class, 201);
        assertThat(ssh("", "ssh-keygen", "-l", "-f", key + ".pub")).contains(added.fingerprint());

        assertThat(openSsh(key, "root\r\u001d", "-tt", "node1.alpha@127.0.0.1"))
                .startsWith("0 ")
                .contains("console of node1.alpha of acc-")
                .contains("login: ");
        assertThat(typed()).isEqualTo("root\r");
        assertThat(openSsh(key, "", "-W", "node1:23", "node1@127.0.0.1"))
                .startsWith("255 ")
                .contains("machines are reached at port 22 only, not at 23");
        assertThat(openSsh(key, "", "node1@127.0.0.1", "id"))
                .startsWith("1 ")
                .contains("no commands are run here");
        assertThat(openSsh(key, "", "-s", "node1@127.0.0.1", "sftp")).startsWith("255 ");
        String must = "ExitOnForwardFailure=yes";
        String back = "-R0:127.0.0.1:1";
        assertThat(openSsh(key, "", "-N", "-o", must, back, "node1@127.0.0.1"))
                .startsWith("255 ")
                .contains("remote port forwarding failed");
    }

    private String openSsh(Path key, String input, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("ssh", "-F", "none", "-i", key.toString()));
        for (String option :
                List.of(
                        "IdentitiesOnly=yes",
                        "StrictHostKeyChecking=no",
                        "UserKnownHostsFile=/dev/null",
                        "BatchMode=yes")) {
            words.addAll(List.of("-o", option));
        }
        words.addAll(List.of("-p", "" + trial.sshPort()));
        words.addAll(List.of(more));
        return ssh(input, words.toArray(String[]::new));
    }

    /// Runs a program of OpenSSH, and types once it shows a login.
    ///
    /// @return its exit code, a space, and what it said
    private String ssh(String input, String... words) throws Exception {
        Path said = Files.createTempFile(folder, "said", "");
        Process process =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        try (OutputStream in = process.getOutputStream()) {
            if (!input.isEmpty()) {
                Trial.await(() -> read(said), shown -> shown.contains("login: "));
            }
            in.write(input.getBytes(StandardCharsets.UTF_8));
            in.flush();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(() -> read(said)).isTrue();
        } catch (IOException over) {
            process.waitFor(60, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
        return process.waitFor() + " " + read(said);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException lost) {
            throw new UncheckedIOException(lost);
        }
    }

    @Test
    void endsWithTheKeyAndWithTheMachine() throws Exception {
        writes(0, "at work");
        try (SshClientTrial client = new SshClientTrial("ssh-ed25519", 256)) {
            add(buyer, client);
            ClientSession session = client.logIn(lease.value(), trial.sshPort());
            try (Talk talk = new Talk(session.createShellChannel())) {
                talk.awaitOut("at work"::equals);
                String path = "/v1/ssh-keys/" + SshKey.toPath(client.fingerprint());
                assertThat(buyer.delete(path).status()).isEqualTo(204);
                buyer.delete(path).problem("not-found", 404);
                assertThat(talk.status()).isEqualTo(1);
                assertThat(talk.err()).contains("the key was removed");
            }
            add(buyer, client);
            ClientSession again = client.logIn("node1", trial.sshPort());
            try (Talk talk = new Talk(again.createShellChannel())) {
                talk.awaitOut("at work"::equals);
                agent.tell(
                        new AgentMessage.Ended(
                                lease, EndReason.FAILED, "broken", FakeAgent.usage(0)));
                assertThat(talk.status()).isZero();
                assertThat(talk.err()).contains("the machine has ended");
            }
            try (Talk talk = new Talk(again.createShellChannel())) {
                assertThat(talk.status()).isEqualTo(1);
                assertThat(talk.err()).contains("there is no such machine of yours that lives");
            }
        }
    }

    @Test
    void refusesAllButConsolesOfOnesOwnMachines() throws Exception {
        try (SshClientTrial own = new SshClientTrial("ecdsa-sha2-nistp256", 256);
                SshClientTrial other = new SshClientTrial("ecdsa-sha2-nistp256", 256)) {
            assertThatThrownBy(() -> own.logIn("node1", trial.sshPort()))
                    .isInstanceOf(IOException.class);
            awaitAudit("ssh-login-refused " + own.fingerprint() + " for node1");
            add(buyer, own);
            ClientSession session = own.logIn("node1", trial.sshPort());
            try (Talk talk = new Talk(session.createExecChannel("id \u0007 now"))) {
                assertThat(talk.status()).isEqualTo(1);
                assertThat(talk.err()).contains("no commands are run here");
            }
            try (Talk _ = new Talk(session.createSubsystemChannel("sftp"))) {
                awaitAudit("ssh-refused node1 subsystem from");
            }
            SshdSocketAddress here = new SshdSocketAddress("127.0.0.1", 0);
            SshdSocketAddress there = new SshdSocketAddress("10.77.0.2", 22);
            assertThatThrownBy(
                            () -> {
                                try (var channel = session.createDirectTcpipChannel(here, there)) {
                                    channel.open().verify(Trial.PATIENCE);
                                }
                            })
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> session.startRemotePortForwarding(here, there))
                    .isInstanceOf(IOException.class);
            awaitAudit(
                    "ssh-refused node1 command id ? now from",
                    "ssh-refused node1 direct-tcpip 10.77.0.2: there is no such machine of yours",
                    "ssh-refused node1 tcpip-forward from");

            add(trial.person("mallory"), other);
            for (String name : List.of("node1", "node1.alpha", lease.value(), "../\u001b[2J")) {
                ClientSession stranger = other.logIn(name, trial.sshPort());
                try (Talk talk = new Talk(stranger.createShellChannel())) {
                    assertThat(talk.status()).isEqualTo(1);
                    assertThat(talk.out()).isEmpty();
                    assertThat(talk.err()).contains("there is no such machine of yours");
                }
            }
            assertThat(trial.audit()).doesNotContain("console-opened");
        }
    }

    /// The agent brings a machine whose port 22 gives back what it gets, and ends when it does.
    @Test
    void jumpsToPort22OfOnesOwnMachines() throws Exception {
        byte[] data = new byte[3_000_000];
        new Random(2).nextBytes(data);
        try (SshClientTrial client = new SshClientTrial("ecdsa-sha2-nistp256", 256)) {
            add(buyer, client);
            ClientSession session = client.logIn("anybody", trial.sshPort());
            for (String name : List.of("node1.alpha", "node1", lease.value())) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (var channel = session.createDirectTcpipChannel(HERE, port22(name))) {
                    channel.setIn(new ByteArrayInputStream(data));
                    channel.setOut(out);
                    var opening = channel.open();
                    StreamWanted wanted = agent.expect(StreamWanted.class);
                    assertThat(wanted.lease()).isEqualTo(lease);
                    FakeStream _ = agent.bring(wanted.stream());
                    opening.verify(Trial.PATIENCE);
                    Trial.await(out::size, size -> size == data.length);
                    assertThat(channel.waitFor(EnumSet.of(ClientChannelEvent.EOF), Trial.PATIENCE))
                            .contains(ClientChannelEvent.EOF);
                }
                assertThat(out.toByteArray()).isEqualTo(data);
                awaitAudit("jump-opened " + lease, "jump-closed " + lease);
            }
        }
    }

    @Test
    void saysWhyAJumpFails() throws Exception {
        try (SshClientTrial own = new SshClientTrial("ecdsa-sha2-nistp256", 256);
                SshClientTrial other = new SshClientTrial("ecdsa-sha2-nistp256", 256);
                FakeAgent stranger = FakeAgent.join(trial, trial.person("thief"), "9")) {
            add(buyer, own);
            add(trial.person("mallory"), other);
            ClientSession session = own.logIn("me", trial.sshPort());
            assertThat(failure(session, new SshdSocketAddress("node1", 23), () -> {}))
                    .contains("machines are reached at port 22 only");
            assertThat(failure(session, port22("node2"), () -> {}))
                    .contains("there is no such machine of yours");
            assertThat(failure(other.logIn("me", trial.sshPort()), port22("node1"), () -> {}))
                    .contains("there is no such machine of yours");
            assertThat(
                            failure(
                                    session,
                                    port22("node1"),
                                    () -> {
                                        StreamWanted wanted = agent.expect(StreamWanted.class);
                                        assertThat(stranger.bring(wanted.stream()).awaitEnd())
                                                .isEqualTo(1008);
                                        stranger.tell(
                                                new AgentMessage.StreamRefused(
                                                        wanted.stream(), "mine"));
                                        agent.tell(
                                                new AgentMessage.StreamRefused(
                                                        wanted.stream(), "no\u001b[2J answer"));
                                        assertThat(agent.bring(wanted.stream()).awaitEnd())
                                                .isEqualTo(1008);
                                    }))
                    .contains("no [2J answer");
            awaitAudit(
                    "ssh-refused me direct-tcpip node1:23 from",
                    "ssh-refused me direct-tcpip node1: no [2J answer");
            assertThat(trial.audit()).doesNotContain("jump-opened");
        }
    }

    /// Jumps and does something meanwhile.
    private static String failure(ClientSession session, SshdSocketAddress to, Meanwhile work)
            throws Exception {
        try (var channel = session.createDirectTcpipChannel(HERE, to)) {
            var opening = channel.open();
            work.run();
            return String.valueOf(
                    catchThrowableOfType(IOException.class, () -> opening.verify(Trial.PATIENCE))
                            .getMessage());
        }
    }

    @FunctionalInterface
    private interface Meanwhile {
        void run() throws Exception;
    }

    private static SshdSocketAddress port22(String name) {
        return new SshdSocketAddress(name, 22);
    }

    @Test
    void endsAJumpWithTheKey() throws Exception {
        try (SshClientTrial client = new SshClientTrial("ecdsa-sha2-nistp256", 256)) {
            add(buyer, client);
            ClientSession session = client.logIn("me", trial.sshPort());
            try (var channel = session.createDirectTcpipChannel(HERE, port22("node1"))) {
                var opening = channel.open();
                FakeStream stream = agent.bring(agent.expect(StreamWanted.class).stream());
                opening.verify(Trial.PATIENCE);
                String path = "/v1/ssh-keys/" + SshKey.toPath(client.fingerprint());
                assertThat(buyer.delete(path).status()).isEqualTo(204);
                assertThat(channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), Trial.PATIENCE))
                        .contains(ClientChannelEvent.CLOSED);
                assertThat(stream.awaitEnd()).isNotZero();
            }
        }
    }

    @Test
    void keepsConsolesOfAnAccountFew() throws Exception {
        try (SshClientTrial client = new SshClientTrial("ecdsa-sha2-nistp256", 256)) {
            add(buyer, client);
            writes(0, "at work");
            for (int i = 0; i < 8; i++) {
                ClientSession session = client.logIn("node1", trial.sshPort());
                new Talk(session.createShellChannel()).awaitOut("at work"::equals);
            }
            ClientSession session = client.logIn("node1", trial.sshPort());
            try (Talk talk = new Talk(session.createShellChannel())) {
                assertThat(talk.status()).isEqualTo(1);
                assertThat(talk.err()).contains("an account has at most 8 consoles open");
            }
        }
    }

    /// What comes from the network is anything; each round is from another address, as one alone
    /// would soon be refused.
    @Test
    void outlivesAnyBytes() throws Exception {
        Random random = new Random(1);
        for (int round = 2; round < 60; round++) {
            byte[] bytes = new byte[random.nextInt(40_000)];
            random.nextBytes(bytes);
            InetAddress from = InetAddress.getByName("127.0.0." + round);
            try (Socket socket = new Socket("127.0.0.1", trial.sshPort(), from, 0)) {
                socket.setSoTimeout(100);
                if (round % 3 > 0) {
                    socket.getOutputStream()
                            .write("SSH-2.0-fuzz\r\n".getBytes(StandardCharsets.US_ASCII));
                }
                if (round % 3 > 1) {
                    // A plausible length, and the type of a key exchange.
                    socket.getOutputStream().write(new byte[] {0, 0, 1, 0, 4, 20});
                }
                socket.getOutputStream().write(bytes);
            } catch (SocketException cut) {
                // As it should be.
            }
        }
        for (int i = 0; i < 60; i++) {
            try (Socket one = new Socket("127.0.0.1", trial.sshPort())) {
                one.setSoTimeout(100);
            }
        }
        try (SshClientTrial client = new SshClientTrial("ecdsa-sha2-nistp256", 256)) {
            add(buyer, client);
            assertThatThrownBy(() -> client.logIn("node1", trial.sshPort()))
                    .isInstanceOf(IOException.class);
        }
        assertThat(buyer.get("/v1/ssh-keys").as(SshKey.Page.class, 200).keys()).hasSize(1);
    }

    @Test
    void keepsItsHostKeyAndTakesNoOddKeys() throws Exception {
        String before = buyer.get("/v1/ssh-keys").as(SshKey.Page.class, 200).hostKey();
        trial.stop();
        trial.open();
        assertThat(buyer.get("/v1/ssh-keys").as(SshKey.Page.class, 200).hostKey())
                .isEqualTo(before)
                .matches("SHA256:[A-Za-z0-9+/]{43}");
        for (String line :
                List.of(
                        "ssh-dss AAAA",
                        "no-pty ssh-ed25519 AAAA",
                        "ssh-ed25519 !!!",
                        "ssh-ed25519 AAAAC3NzaC1yc2E=",
                        "ssh-ed25519")) {
            assertThatThrownBy(() -> new SshKey.Request(line))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("key: expected");
        }
    }
}
