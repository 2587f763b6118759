// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.sparegrid.endtoend.Deployment.await;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.testsupport.Command;

/// Orders with trust, between the programs as their users run them and a TPM emulator whose
/// computer "booted" as a real log says, with the agent's own program measured into the appliance's
/// register.
///
/// The guest is iPXE, which is on the network seconds after its start; with `--full` the base live
/// CD, which a secret can be given to.
@Tag("root")
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TrustIT {
    private static final Duration SOON = Duration.ofMinutes(10);
    private static final boolean FULL = Boolean.getBoolean("sparegrid.full");
    private static final Path GUEST =
            Path.of(FULL ? System.getenv("SPAREGRID_BASE_ISO") : "/usr/lib/ipxe/ipxe.iso");
    private static final String MEMORY = FULL ? "768 MiB" : "512 MiB";

    private Deployment deployment;
    private SharedTpm tpm;
    private Process agent;
    private Path program;
    private Path bootLog;
    private Path roots;
    private Path policy;
    private Path evidence;
    private Wallet paidIn;

    @BeforeAll
    void deploy() throws Exception {
        deployment = new Deployment();
        tpm = SharedTpm.start(deployment, Files.createDirectory(deployment.home("tpm")));
        program =
                deployment
                        .home("programs")
                        .resolve("seller-hypervisor-agent/target")
                        .resolve("sparegrid-seller-hypervisor-agent-0.1.0-SNAPSHOT.jar");
        bootLog = deployment.home("seller").resolve("boot-log");
        Files.write(bootLog, tpm.boot(program));
        believe();
        policy = deployment.home("buyer").resolve("policy.json");
        Files.writeString(policy, policy(Files.readAllBytes(bootLog)));
        deployment.startCoordinator();
        String authority = deployment.operator("fingerprint").orFail().lines().toList().getLast();
        for (String party : List.of("seller", "buyer")) {
            await(SOON, "the coordinator", () -> register(party, authority).exitCode() == 0);
        }
        deployment.seller("init").orFail();
        deployment
                .seller(
                        "offer",
                        "set",
                        "sell-emulated=true",
                        "price-per-hour=0.36",
                        "memory=" + MEMORY,
                        "mode=always",
                        "meter-interval=1 s",
                        "boot-log=" + bootLog,
                        "tpm=swtpm:" + tpm.socket())
                .orFail();
        deployment.seller("join", deployment.buyer("seller", "join-token").orFail()).orFail();
        agent = deployment.startAgent();
        deployment.buyer("buyer", "wallet", "deposit", "10").orFail();
        paidIn = wallet();
        Path iso = deployment.home("buyer").resolve("guest.iso");
        Files.copy(GUEST, iso);
        deployment.buyer("buyer", "image", "push", iso.toString(), "--name", "guest").orFail();
        awaitFreeSlot();
    }

    private void believe() throws IOException {
        Path believed = deployment.home("coordinator").resolve("development-tpm-roots");
        roots = Files.createDirectory(deployment.home("buyer").resolve("roots"));
        Files.createDirectories(believed);
        for (Path root : tpm.roots()) {
            Files.copy(root, believed.resolve(root.getFileName()));
            Files.copy(root, roots.resolve(root.getFileName()));
        }
    }

    /// What the buyer accepts: the boot loader and the appliance that he knows.
    private static String policy(byte[] log) throws Exception {
        PcrValues values = BootLog.parse(log).replay(HashAlgorithm.SHA256);
        return """
        {"version":1,"level":"measured","tpm":{"software":"allow"},
         "boot":{"secureBoot":"any","pcr":{"4":["%s"],"11":["%s"]}}}
        """
                .formatted(values.values().get(4), values.values().get(11));
    }

    private Command.Result register(String party, String authority) throws Exception {
        String url = "https://" + deployment.address("coordinator") + ":7443";
        String address = party + "@example.org";
        return deployment.buyer(
                party, "register", url, "--authority-sha256", authority, "--email", address);
    }

    @AfterAll
    void remove() throws Exception {
        try {
            tpm.close();
        } finally {
            deployment.close();
        }
    }

    private Command.Result run(String name, String... trust) throws Exception {
        List<String> words = new ArrayList<>(List.of("run", "guest", "--name", name));
        words.addAll(
                List.of("--memory", MEMORY.replace(" ", ""), "--for", "1h", "--allow-emulation"));
        words.addAll(List.of("--yes", "--detach"));
        words.addAll(List.of(trust));
        return deployment.buyer("buyer", words.toArray(String[]::new));
    }

    private void runTrusted(String name) throws Exception {
        run(
                        name,
                        "--trust",
                        policy.toString(),
                        "--development-roots",
                        roots.toString(),
                        "--quote-every",
                        "2s")
                .orFail();
    }

    private Lease machine(String name) throws Exception {
        return read(Lease.class, "vm", "show", "node1." + name);
    }

    private Wallet wallet() throws Exception {
        return read(Wallet.class, "wallet", "balance");
    }

    private <T> T read(Class<T> type, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--json");
        String text = deployment.buyer("buyer", all.toArray(String[]::new)).orFail();
        String value = text.replaceFirst("\\s*\"schema\"\\s*:\\s*\"[^\"]*\",", "");
        return Format.JSON.read(value.getBytes(StandardCharsets.UTF_8), type);
    }

    private Lease awaitEnd(String name) throws Exception {
        await(SOON, name + " to be shut out", () -> !machine(name).state().isLive());
        return machine(name);
    }

    private void awaitFreeSlot() throws Exception {
        await(
                SOON,
                "the offer of a computer that shows what it booted",
                () ->
                        deployment
                                .buyer("buyer", "offers", "attestation>=2", "--json")
                                .output()
                                .replace(" ", "")
                                .contains("\"slotsFree\":1"));
    }

    private List<Path> evidences() throws IOException {
        Path networks = deployment.home("buyer").resolve("buyer/networks");
        try (Stream<Path> files = Files.walk(networks)) {
            return files.filter(file -> file.getParent().endsWith("evidence")).toList();
        }
    }

    @Test
    @Order(1)
    void aMachineRunsOnceItsBuyerHasCheckedItAndIsAskedAgain() throws Exception {
        runTrusted("good");
        await(SOON, "the machine to run", () -> machine("good").state() == LeaseState.RUNNING);
        evidence = deployment.home("buyer").resolve("evidence.json");
        String first = Files.readString(evidences().getFirst());
        Files.writeString(evidence, first);
        await(
                SOON,
                "another quote, with another nonce",
                () -> !Files.readString(evidences().getFirst()).equals(first));
        assertThat(deployment.buyer("buyer", "attest", "show", "node1.good").orFail())
                .contains("TRUSTED as measured");
    }

    @Test
    @Order(2)
    void theEvidenceIsVerifiedWithoutANetwork() throws Exception {
        // An empty data folder knows no coordinator, and a namespace of its own reaches none.
        Command.Result offline =
                deployment.runOn(
                        "buyer",
                        "unshare",
                        "--net",
                        "env",
                        "JAVA_HOME=" + System.getProperty("java.home"),
                        "SPAREGRID_HOME=" + deployment.home("nothing"),
                        deployment.home("programs/bin/sparegrid").toString(),
                        "attest",
                        "verify",
                        evidence.toString(),
                        "--trust",
                        policy.toString(),
                        "--development-roots",
                        roots.toString());
        assertThat(offline.orFail()).contains("TRUSTED as measured");
        Command.Result strict = verify(evidence, "identified");
        assertThat(strict.exitCode()).as(strict.output()).isEqualTo(10);
        assertThat(strict.output()).contains("EK_SOFTWARE");
    }

    @Test
    @Order(3)
    void aSecretReachesAMachineThatHolds() throws Exception {
        assumeTrue(FULL, "bin/test --full boots a guest that takes secrets");
        Path secret = deployment.home("buyer").resolve("secret");
        Files.writeString(secret, "only for the trusted");
        await(
                SOON,
                "the secret to be given",
                () ->
                        deployment
                                .buyer("buyer", "secret", "put", "good", "licence=" + secret)
                                .orFail()
                                .contains("Given to node1"));
        String read =
                "stat -c %a /run/sparegrid/secrets/licence; cat /run/sparegrid/secrets/licence";
        Command.Result there =
                deployment.buyer("buyer", "vm", "exec", "node1.good", "--", "sh", "-c", read);
        assertThat(there.orFail()).containsPattern("[46]00\\s+only for the trusted");
    }

    @Test
    @Order(4)
    void alteredEvidenceIsRefused() throws Exception {
        refuses("nonce", "QUOTE_BINDING");
        refuses("secret", "AK_NOT_BOUND");
    }

    private Command.Result verify(Path file, String trust) throws Exception {
        return deployment.buyer(
                "buyer",
                "attest",
                "verify",
                file.toString(),
                "--trust",
                trust,
                "--development-roots",
                roots.toString());
    }

    /// Changes one character of a member of the evidence.
    private void refuses(String member, String code) throws Exception {
        String text = Files.readString(evidence);
        int value = text.indexOf('"', text.indexOf(':', text.indexOf("\"" + member + "\""))) + 8;
        char other = text.charAt(value) == 'A' ? 'B' : 'A';
        Path altered = deployment.home("buyer").resolve("altered-" + member + ".json");
        Files.writeString(altered, text.substring(0, value) + other + text.substring(value + 1));
        Command.Result result = verify(altered, policy.toString());
        assertThat(result.exitCode()).as(result.output()).isNotZero();
        assertThat(result.output()).contains(code);
    }

    @Test
    @Order(5)
    void aComputerWhoseStateChangesIsShutOutAndPaidUntilThen() throws Exception {
        await(SOON, "some seconds to be billed", () -> machine("good").billedSeconds() > 2);
        tpm.extend(7);
        Lease over = awaitEnd("good");
        assertThat(over.ended()).isEqualTo("BUYER");
        assertThat(over.events().toString()).contains("the buyer's check refused it: AK_POLICY");
        await(SOON, "the rest of the money", () -> wallet().escrow().equals(Credits.ZERO));
        Lease settled = machine("good");
        assertThat(settled.billedSeconds()).isBetween(3L, 600L);
        assertThat(settled.charged())
                .isEqualTo(Credits.parse("0.0001").times(settled.billedSeconds()));
        assertThat(wallet().balance()).isEqualTo(paidIn.balance().minus(settled.charged()));
    }

    @Test
    @Order(6)
    void anAlteredAgentIsRefusedAndCostsNothing() throws Exception {
        Wallet before = wallet();
        agent.destroy();
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (FileSystem jar =
                FileSystems.newFileSystem(URI.create("jar:" + program.toUri()), Map.of())) {
            Files.writeString(jar.getPath("altered"), "by the seller");
        }
        Files.write(bootLog, tpm.boot(program));
        agent = deployment.startAgent();
        awaitFreeSlot();
        runTrusted("bad");
        Lease over = awaitEnd("bad");
        assertThat(over.events().toString())
                .contains("the buyer's check refused it: PCR_POLICY, boot.pcr.11");
        assertThat(over.billedSeconds()).isZero();
        assertThat(over.charged()).isEqualTo(Credits.ZERO);
        await(SOON, "the money", () -> wallet().equals(before));
    }

    @Test
    @Order(7)
    void noMoreIsBelievedThanAsked() throws Exception {
        Command.Result unrooted = run("blind", "--trust", "identified");
        assertThat(unrooted.exitCode()).isNotZero();
        assertThat(unrooted.output()).contains("--tpm-roots");
        Command.Result unchecked = run("blind", "--where", "attestation>=1");
        assertThat(unchecked.exitCode()).isNotZero();
        assertThat(unchecked.output()).contains("yours to check");
    }
}
