// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;
import static org.sparegrid.endtoend.Deployment.field;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
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

/// A parked guest goes on after its seller's computer was started anew, although the folder for the
/// agent's sockets, which lies below `/tmp` here, was cleared. UEFI started it, so that there is a
/// store of variables as well.
///
/// The computer's death is `kill -9` of all of the seller's processes and another boot id. The
/// steps build on each other, as a boot takes a minute.
@Tag("root")
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RebootIT {
    private static final String PRICE = "0.36";

    /// What a line of the console, a command and a meter may come late on a busy computer.
    private static final long LATE_SECONDS = 5;

    /// Counts once a second, in a file and on the console.
    private static final String COUNT =
            "i=0; while :; do i=$((i+1)); echo $i > /tmp/ticks; echo tick $i > /dev/ttyS0;"
                    + " sleep 1; done";

    private static final Pattern TICK = Pattern.compile("tick ([0-9]+)");

    private Deployment deployment;
    private Process agent;
    private Instant meterStartedEarliest;
    private Instant meterStartedLatest;
    private GuestState before;
    private String billedAtRest;
    private Instant pauseAsked;
    private Instant pauseAnswered;
    private Duration heldLeast;
    private Duration heldMost;

    /// What the guest says of itself.
    private record GuestState(String bootId, double uptimeSeconds, long ticks) {}

    @BeforeAll
    void deploy() throws Exception {
        String base = System.getenv("SPAREGRID_BASE_ISO");
        assertThat(base).as("SPAREGRID_BASE_ISO names the base live CD").isNotNull();
        deployment = new Deployment("a-home-whose-path-is-too-long-for-sockets/sparegrid");
        assertThat(deployment.agentRuntime().toString()).startsWith("/tmp/sg-");
        deployment.openMarket(
                "sell-emulated=true",
                "price-per-hour=" + PRICE,
                "memory=768 MiB",
                "meter-interval=1 s",
                "mode=always",
                "grace=0 s",
                "park-after=2 s");
        agent = deployment.startAgent();
        deployment.push(Path.of(base), "base", "--boot", "uefi");
        deployment.awaitOffer(PRICE);
    }

    @AfterAll
    void remove() throws Exception {
        deployment.close();
    }

    private Command.Result exec(String script) throws Exception {
        return deployment.buyer("buyer", "vm", "exec", "node1", "--", "sh", "-c", script);
    }

    private GuestState look() throws Exception {
        List<String> lines =
                exec("cat /proc/sys/kernel/random/boot_id /proc/uptime /tmp/ticks")
                        .orFail()
                        .lines()
                        .toList();
        int last = lines.size() - 1;
        return new GuestState(
                lines.get(last - 2),
                Double.parseDouble(lines.get(last - 1).split(" ")[0]),
                Long.parseLong(lines.get(last)));
    }

    private String order(String field) throws Exception {
        return field(deployment.buyer("buyer", "order", "show", "job", "--json").orFail(), field);
    }

    /// The last count that the buyer sees on the console.
    private long shownTick() throws Exception {
        return TICK.matcher(deployment.buyer("buyer", "vm", "logs", "node1").orFail())
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .max()
                .orElse(0);
    }

    private List<Path> parkedFiles() throws IOException {
        try (var files = Files.walk(deployment.agentHome().resolve("guests"))) {
            return files.filter(file -> file.toString().endsWith(".save")).toList();
        }
    }

    @Test
    @Order(1)
    void aMachineCounts() throws Exception {
        deployment
                .buyer(
                        "buyer",
                        "run",
                        "base",
                        "--name",
                        "job",
                        "--memory",
                        "768MiB",
                        "--for",
                        "1h",
                        "--allow-emulation",
                        "--yes")
                .orFail();
        exec("setsid nohup sh -c '" + COUNT + "' < /dev/null > /dev/null 2>&1 &").orFail();
        await(Duration.ofMinutes(1), "the guest to count", () -> shownTick() > 2);
        Instant asked = Instant.now();
        long ran = Long.parseLong(field(deployment.seller("vms", "--json").orFail(), "runSeconds"));
        meterStartedEarliest = asked.minusSeconds(ran);
        meterStartedLatest = Instant.now().minusSeconds(ran);
        before = look();
    }

    @Test
    @Order(2)
    void itsSellerParksIt() throws Exception {
        pauseAsked = Instant.now();
        deployment.seller("pause", "1h").orFail();
        pauseAnswered = Instant.now();
        await(
                Duration.ofMinutes(2),
                "the guest to be parked",
                () -> deployment.seller("vms").orFail().contains("parked"));
        assertThat(deployment.processes("qemu-system")).isEmpty();
        assertThat(parkedFiles()).hasSize(1);
        TimeUnit.SECONDS.sleep(2 * LATE_SECONDS);
        billedAtRest = order("billedSeconds");
    }

    @Test
    @Order(3)
    void theComputerStartsAnewAndItIsStillParked() throws Exception {
        agent.destroyForcibly().waitFor();
        await(
                Duration.ofMinutes(1),
                "no process of the seller to be left",
                () -> {
                    List<ProcessHandle> left = new ArrayList<>(deployment.processes(""));
                    left.removeIf(process -> !isSellers(process));
                    left.forEach(ProcessHandle::destroyForcibly);
                    return left.isEmpty();
                });
        Command.run("rm", "-r", "--one-file-system", deployment.agentRuntime().toString());
        deployment.startAnew();
        agent = deployment.startAgent();
        await(
                Duration.ofMinutes(2),
                "the agent to be back",
                () -> deployment.seller("vms").orFail().contains("parked"));
        await(
                Duration.ofMinutes(1),
                "the buyer to see that it is held",
                () ->
                        deployment
                                .buyer("buyer", "vm", "show", "node1")
                                .orFail()
                                .contains("held, unpaid"));
        assertThat(deployment.processes("qemu-system")).isEmpty();
        TimeUnit.SECONDS.sleep(2 * LATE_SECONDS);
        assertThat(order("billedSeconds")).as("billed while parked").isEqualTo(billedAtRest);
    }

    private boolean isSellers(ProcessHandle process) {
        String line = Deployment.commandLine(process);
        return line.contains(deployment.agentHome().toString())
                || line.contains(deployment.agentRuntime().toString());
    }

    @Test
    @Order(4)
    void itGoesOnWhereItStood() throws Exception {
        Instant resumeAsked = Instant.now();
        deployment.seller("resume").orFail();
        await(
                Duration.ofMinutes(3),
                "the machine to answer on its network",
                () -> exec("ping -c 1 -W 2 10.77.0.1").exitCode() == 0);
        Instant answered = Instant.now();
        GuestState after = look();
        heldLeast = Duration.between(pauseAnswered, resumeAsked);
        heldMost = Duration.between(pauseAsked, answered);
        assertThat(after.bootId()).isEqualTo(before.bootId());
        double stood = heldLeast.toMillis() / 1e3;
        double passed = Duration.between(pauseAsked, Instant.now()).toMillis() / 1e3;
        assertThat(after.uptimeSeconds() - before.uptimeSeconds())
                .as("uptime over %s s of which it stood still for %s", passed, stood)
                .isBetween(0.0, passed - stood + 2 * LATE_SECONDS);
        assertThat(after.ticks())
                .as("count, with %s before", before.ticks())
                .isBetween(
                        before.ticks() + 1,
                        before.ticks() + (long) (passed - stood) + 2 * LATE_SECONDS);
        await(
                Duration.ofMinutes(1),
                "its console to go on",
                () -> shownTick() > after.ticks() + LATE_SECONDS);
        assertThat(parkedFiles()).as("saved memory of a guest that runs").isEmpty();
        System.out.printf(
                "reboot: held for %.1f s, its uptime went on by %.1f s, its count from %d to %d%n",
                stood,
                after.uptimeSeconds() - before.uptimeSeconds(),
                before.ticks(),
                after.ticks());
    }

    @Test
    @Order(5)
    void theBillLeavesTheTimeOutAndNothingIsLeft() throws Exception {
        Duration least = Duration.between(meterStartedLatest, Instant.now()).minus(heldMost);
        deployment.buyer("buyer", "order", "stop", "job", "--wait").orFail();
        Duration most = Duration.between(meterStartedEarliest, Instant.now()).minus(heldLeast);
        long billed = Long.parseLong(order("billedSeconds"));
        assertThat(billed).isBetween(least.toSeconds() - 3, most.toSeconds() + 3);
        assertThat(billed).as("more than before").isGreaterThan(Long.parseLong(billedAtRest));
        Credits charged = Credits.parse(order("charged"));
        assertThat(charged).isEqualTo(Credits.parse(PRICE).perHourFor(billed));
        assertThat(deployment.operator("ledger", "verify").orFail()).contains("the books balance");
        assertThat(deployment.processes("qemu-system")).isEmpty();
        agent.destroy();
        assertThat(agent.waitFor(2, TimeUnit.MINUTES)).as("the agent ends").isTrue();
        await(
                Duration.ofMinutes(1),
                "the last process of the seller to end",
                () -> deployment.processes("").stream().noneMatch(this::isSellers));
        assertThat(deployment.agentRuntime()).doesNotExist();
        assertThat(deployment.agentHome().resolve("guests")).doesNotExist();
        System.out.printf("reboot: billed %d s, held %d s%n", billed, heldMost.toSeconds());
    }
}
