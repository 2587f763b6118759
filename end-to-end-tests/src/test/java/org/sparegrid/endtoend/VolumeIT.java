// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;
import static org.sparegrid.endtoend.Deployment.field;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
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
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.testsupport.Command;

/// A volume that one machine writes and the next one reads, through the three real programs.
@Tag("root")
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VolumeIT {
    /// What the guest writes; nothing else says it.
    private static final String SECRET = "plain-text-of-the-buyer-0f4c";

    private static final String PRICE = "72";

    private Deployment deployment;
    private Process agent;

    @BeforeAll
    void deploy() throws Exception {
        String base = System.getenv("SPAREGRID_BASE_ISO");
        assertThat(base).as("SPAREGRID_BASE_ISO names the base live CD").isNotNull();
        deployment = new Deployment();
        deployment.openMarket(
                "sell-emulated=true",
                "price-per-hour=0.36",
                "memory=768 MiB",
                "meter-interval=1 s",
                "volumes=1 GiB",
                "volume-price=" + PRICE);
        deployment.buyer("buyer", "wallet", "deposit", "40").orFail();
        agent = deployment.startAgent();
        deployment.push(Path.of(base), "base");
        deployment.awaitOffer("0.36");
    }

    @AfterAll
    void remove() throws Exception {
        deployment.close();
    }

    private Command.Result volume(String... words) throws Exception {
        List<String> all = Stream.concat(Stream.of("volume"), Stream.of(words)).toList();
        return deployment.buyer("buyer", all.toArray(String[]::new));
    }

    private String show(String name) throws Exception {
        return field(volume("show", "data", "--json").orFail(), name);
    }

    private Command.Result run(String name, String... more) throws Exception {
        List<String> words =
                List.of(
                        "run",
                        "base",
                        "--name",
                        name,
                        "--memory",
                        "768MiB",
                        "--for",
                        "1h",
                        "--allow-emulation",
                        "--volume",
                        "data",
                        "--yes");
        return deployment.buyer(
                "buyer", Stream.concat(words.stream(), Stream.of(more)).toArray(String[]::new));
    }

    private String exec(String script) throws Exception {
        return deployment.buyer("buyer", "vm", "exec", "node1", "--", "sh", "-c", script).orFail();
    }

    private void stop(String name) throws Exception {
        deployment.buyer("buyer", "order", "stop", name, "--wait").orFail();
        await(Duration.ofMinutes(2), "a free volume", () -> show("state").equals("KEPT"));
    }

    private Path file() throws Exception {
        return deployment.home("seller").resolve("volumes").resolve(show("id") + ".luks");
    }

    /// All that the seller has, in files and in command lines.
    private boolean sellerHas(String text) throws IOException, InterruptedException {
        Command.Result found =
                deployment.runOn(
                        "seller", "grep", "-rlaF", text, deployment.home("seller").toString());
        // Sockets can't be read; 1 is for nothing found.
        boolean inCommands =
                deployment.processes("").stream()
                        .anyMatch(each -> Deployment.commandLine(each).contains(text));
        return inCommands || found.output().lines().anyMatch(line -> line.startsWith("/"));
    }

    @Test
    @Order(1)
    void isMadeOnTheSellersDiskWithAKeyThatOnlyTheBuyerHas() throws Exception {
        assertThat(volume("create", "huge", "--size", "2G", "--yes").exitCode()).isEqualTo(3);
        String made = volume("create", "data", "--size", "1G", "--yes").orFail();
        assertThat(made).contains("mkfs.ext4 /dev/disk/by-id/virtio-volume");
        assertThat(show("state")).isEqualTo("EMPTY");
        Path key = deployment.home("buyer").resolve("buyer/volumes").resolve(show("id") + ".key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(deployment.seller("volumes").orFail())
                .contains(show("id"), "1 GiB of at most 1");
        assertThat(run("two", "-n", "2").exitCode()).isEqualTo(2);
        assertThat(run("saved", "--checkpoint", "10m").output()).contains("no checkpoints");
    }

    @Test
    @Order(2)
    void keepsWhatAMachineWroteAndDidNotEvenSync() throws Exception {
        run("one").orFail();
        String script =
                "set -e; d=/dev/disk/by-id/virtio-volume; ls -l $d; mkfs.ext4 -q $d;"
                        + " mount $d /mnt; sync; for i in $(seq 2000);"
                        + " do echo "
                        + SECRET
                        + "; done > /mnt/file; echo written";
        assertThat(exec(script)).endsWith("written");
        assertThat(show("state")).isEqualTo("IN_USE");
        assertThat(volume("rm", "data", "--yes").exitCode()).as("in use").isNotZero();
        assertThat(run("other").output()).contains("in use by machine");
        assertThat(deployment.seller("volumes").orFail()).contains("in use by vm-");
        assertThat(deployment.seller("volumes", "rm", show("id")).exitCode()).isNotZero();
        stop("one");
        assertThat(deployment.processes("qemu-system")).isEmpty();
        assertThat(file()).exists();
        assertThat(deployment.home("seller").resolve("disks").resolve(show("id"))).doesNotExist();
    }

    @Test
    @Order(3)
    void isReadableWithItsKeyOnlyAndOnNoDiskInTheClear() throws Exception {
        assertThat(sellerHas(SECRET)).isFalse();
        Path key = deployment.home("buyer").resolve("buyer/volumes").resolve(show("id") + ".key");
        String secret = Files.readString(key).strip();
        assertThat(sellerHas(secret)).as("the key").isFalse();
        // That a file with the text would be found, or the above means nothing.
        Path probe = Files.writeString(deployment.home("seller").resolve("probe"), SECRET);
        assertThat(sellerHas(SECRET)).isTrue();
        Files.delete(probe);
        String wrong = "A".repeat(43) + "=";
        Files.writeString(key, wrong);
        Command.Result refused = run("wrong");
        assertThat(refused.exitCode()).isNotZero();
        Files.writeString(key, secret);
        await(Duration.ofMinutes(1), "a free volume", () -> show("state").equals("KEPT"));
    }

    @Test
    @Order(4)
    void givesTheNextMachineWhatTheFirstOneWroteThoughTheAgentWasKilled() throws Exception {
        agent.destroyForcibly().waitFor();
        assertThat(file()).exists();
        agent = deployment.startAgent();
        deployment.awaitOffer("0.36");
        run("two").orFail();
        assertThat(exec("mount /dev/disk/by-id/virtio-volume /mnt && sort /mnt/file | uniq -c"))
                .endsWith("2000 " + SECRET);
        assertThat(sellerHas(SECRET)).as("while a machine has it").isFalse();
        stop("two");
    }

    @Test
    @Order(5)
    void costsExactlyTheTimeInWhichItWasKeptAndGoesWithItsFile() throws Exception {
        Path file = file();
        String id = show("id");
        String removed = volume("rm", "data", "--yes", "--json").orFail();
        long seconds = Long.parseLong(field(removed, "keptSeconds"));
        assertThat(seconds).isPositive();
        Credits cost = VolumeOffer.cost(Credits.parse(PRICE), 1, seconds);
        assertThat(Credits.parse(field(removed, "charged"))).isEqualTo(cost);
        assertThat(field(removed, "held")).isEqualTo("0");
        await(Duration.ofMinutes(1), "the file's end", () -> Files.notExists(file));
        await(Duration.ofMinutes(1), "its end", () -> endedState(id).equals("ENDED"));
        String ledger = deployment.buyer("seller", "wallet", "ledger", "--json").orFail();
        assertThat(ledger).contains(id);
        assertThat(deployment.operator("ledger", "verify").orFail()).contains("the books balance");
        assertThat(deployment.operator("ledger", "audit").exitCode()).isZero();
    }

    private String endedState(String id) throws Exception {
        return field(volume("show", id, "--json").orFail(), "state");
    }
}
