// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;
import static org.sparegrid.endtoend.Deployment.field;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.sparegrid.testsupport.Command;

/// A running agent with a running guest gets another version of itself, a broken one, and one that
/// its maker didn't sign.
///
/// The guest is iPXE, which takes its address again and again, so that it is metered.
@Tag("root")
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class UpdateIT {
    private static final String PRICE = "36";
    private static final String NEWER = "7.1";
    private static final String BROKEN = "7.2";
    private static final int KILLS = 3;

    /// As long as an update takes, about.
    private static final int KILLED_WITHIN_MILLIS = 8000;

    private static final Path IPXE = Path.of("/usr/lib/ipxe/ipxe.iso");

    private Deployment deployment;
    private SellerFiles seller;
    private Process agent;
    private long guestPid;
    private String last = NEWER;
    private String installed;
    private final long seed = Long.getLong("test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @BeforeAll
    void deploy() throws Exception {
        System.out.println("update: seed " + seed);
        assertThat(IPXE).as("Debian's package ipxe").exists();
        deployment = new Deployment();
        seller = new SellerFiles(deployment);
        deployment.openMarket(
                "sell-emulated=true",
                "price-per-hour=" + PRICE,
                "memory=512 MiB",
                "meter-interval=1 s",
                "mode=always");
        agent = deployment.startAgent();
        deployment.push(RandomKillsIT.guest(deployment), "ipxe");
        deployment.buyer("buyer", "wallet", "deposit", "1000").orFail();
        deployment.awaitOffer(PRICE);
        deployment
                .buyer(
                        "buyer",
                        "run",
                        "ipxe",
                        "--name",
                        "job",
                        "--memory",
                        "512MiB",
                        "--for",
                        "1h",
                        "--allow-emulation",
                        "--yes",
                        "--detach")
                .orFail();
        await(Duration.ofMinutes(3), "the meter", () -> runSeconds() > 0);
        guestPid = seller.guests().getFirst().pid();
        installed = version();
    }

    @AfterAll
    void remove() throws Exception {
        deployment.close();
    }

    private long runSeconds() throws Exception {
        return Long.parseLong(field(deployment.seller("vms", "--json").orFail(), "runSeconds"));
    }

    private String version() throws Exception {
        return field(deployment.seller("status", "--json").orFail(), "agentVersion");
    }

    private Path file(String name) {
        return deployment.home("seller").resolve(name);
    }

    /// A release of the build in a folder.
    private Path pack(String version, Path build, String key) throws Exception {
        Path archive = file(version + "-" + key + ".tar");
        deployment
                .seller(
                        "pack",
                        "--version",
                        version,
                        "--key",
                        file(key).toString(),
                        "--from",
                        build.toString(),
                        "--output",
                        archive.toString())
                .orFail();
        return archive;
    }

    private void assertNothingChanged(String version, long ranBefore) throws Exception {
        assertThat(version()).isEqualTo(version);
        await(Duration.ofMinutes(1), "the meter to go on", () -> runSeconds() > ranBefore + 2);
        assertThat(seller.guests()).extracting(ProcessHandle::pid).containsExactly(guestPid);
        assertThat(agent.isAlive()).isTrue();
    }

    @Test
    @Order(1)
    void whatNobodyTrustedSignedIsRefused() throws Exception {
        Path build = deployment.programs();
        String key =
                field(
                        deployment.seller("pack", "--new-key", "" + file("key"), "--json").orFail(),
                        "updateKey");
        deployment.seller("pack", "--new-key", file("other").toString()).orFail();
        Path good = pack(NEWER, build, "key");
        Path foreign = pack(NEWER, build, "other");

        Command.Result untrusting = deployment.seller("update", good.toString());
        assertThat(untrusting.exitCode()).isEqualTo(2);
        assertThat(untrusting.output()).contains("offer set update-key=KEY");
        deployment.seller("offer", "set", "update-key=" + key).orFail();
        assertThat(deployment.seller("update", "--check", good.toString()).orFail())
                .contains("version " + NEWER + " is good");
        for (Path bad : List.of(foreign, flipped(good))) {
            Command.Result refused = deployment.seller("update", bad.toString());
            assertThat(refused.exitCode()).as(refused.output()).isEqualTo(1);
            assertThat(refused.output()).contains("error: release: ");
        }
        assertNothingChanged(installed, runSeconds());
    }

    private Path flipped(Path good) throws Exception {
        byte[] bytes = Files.readAllBytes(good);
        bytes[bytes.length / 2] ^= 1;
        return Files.write(file("flipped.tar"), bytes);
    }

    @Test
    @Order(2)
    void anotherVersionTakesTheAgentsPlaceAndTheGuestRunsOn() throws Exception {
        long before = runSeconds();
        long begun = System.nanoTime();
        String said = deployment.seller("update", file(NEWER + "-key.tar").toString()).orFail();
        System.out.printf("update: %.1f s%n", (System.nanoTime() - begun) / 1e9);
        assertThat(said).contains("version " + NEWER + " runs, has taken up 1 guest(s)");
        assertNothingChanged(NEWER, before);
        assertThat(deployment.seller("version").orFail()).contains("sparegrid-agent " + NEWER);
    }

    /// Whatever it had done by then: the old version or the new one works, the guest runs on, and
    /// the next update succeeds.
    @Test
    @Order(3)
    void aKilledUpdateLeavesAVersionThatWorks() throws Exception {
        for (int i = 0; i < KILLS; i++) {
            String before = version();
            String next = NEWER + "." + (i + 1);
            String release = pack(next, deployment.programs(), "key").toString();
            Process update = deployment.startSeller("update", "update", release);
            TimeUnit.MILLISECONDS.sleep(random.nextInt(KILLED_WITHIN_MILLIS));
            update.destroyForcibly().waitFor();
            await(
                    Duration.ofMinutes(2),
                    "an agent that answers",
                    () -> List.of(before, next).contains(version()));
            System.out.printf("update: killed, and %s answers%n", version());
            assertThat(seller.guests()).extracting(ProcessHandle::pid).containsExactly(guestPid);
            await(
                    Duration.ofMinutes(3),
                    "the next update",
                    () -> {
                        Command.Result again = deployment.seller("update", release);
                        return again.exitCode() == 0
                                || again.output().contains("is the one in use");
                    });
            await(Duration.ofMinutes(2), "the new version", () -> version().equals(next));
            assertThat(seller.guests()).extracting(ProcessHandle::pid).containsExactly(guestPid);
            last = next;
        }
        assertThat(file("versions/.new")).doesNotExist();
        try (var versions = Files.list(file("versions"))) {
            assertThat(versions.filter(Files::isDirectory).filter(f -> !Files.isSymbolicLink(f)))
                    .as("the one in use and the one before")
                    .hasSize(2);
        }
    }

    @Test
    @Order(4)
    void aVersionThatDoesNotStartIsGivenUp() throws Exception {
        Path broken = Files.createDirectories(deployment.home("broken"));
        Command.run("cp", "-r", deployment.programs() + "/.", broken.toString());
        Path launcher = broken.resolve("bin/sparegrid-agent");
        Files.writeString(launcher, "#!/bin/bash\nexit 5\n");
        Command.run("chmod", "-R", "a+rX", broken.toString());
        Path release = pack(BROKEN, broken, "key");
        long before = runSeconds();
        Command.Result said = deployment.seller("update", release.toString());
        assertThat(said.exitCode()).as(said.output()).isEqualTo(1);
        assertThat(said.output())
                .contains("version " + BROKEN + " was given up")
                .contains("it ended with exit code 5");
        await(Duration.ofMinutes(2), "the version before to be back", () -> version().equals(last));
        assertNothingChanged(last, before);
        assertThat(deployment.seller("doctor").output()).contains("update-failed");
    }

    @Test
    @Order(5)
    void nothingIsLeftAndTheBooksBalance() throws Exception {
        deployment.buyer("buyer", "order", "stop", "job", "--wait").orFail();
        assertThat(deployment.operator("ledger", "verify").orFail()).contains("the books balance");
        agent.destroy();
        assertThat(agent.waitFor(2, TimeUnit.MINUTES)).as("the agent ends").isTrue();
        await(
                Duration.ofMinutes(1),
                "the last process of the seller to end",
                () -> deployment.processes("/seller/").isEmpty());
        assertThat(file("versions/" + last)).isDirectory();
        assertThat(file("versions/trial")).doesNotExist();
        assertThat(file("r")).doesNotExist();
    }
}
