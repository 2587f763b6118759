// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;
import static org.sparegrid.endtoend.Deployment.field;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
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
import org.sparegrid.protocol.Credits;
import org.sparegrid.testsupport.Command;

/// One lease on one seller, through everything that must not disturb it.
///
/// Seller and buyer are ordinary users in namespaces of their own; the guest is emulated and boots
/// the base live CD. The steps build on each other, as a boot takes a minute.
@Tag("root")
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WholeJobIT {
    private static final Duration BOOT = Duration.ofMinutes(8);

    /// How long the coordinator is away: in the full form longer than an agent may be silent.
    private static final int OUTAGE_MINUTES =
            Integer.getInteger("outage.minutes", Boolean.getBoolean("sparegrid.full") ? 31 : 0);

    private static final int IDLE_AFTER_SECONDS = 5;

    private Deployment deployment;
    private Process coordinator;
    private Process agent;
    private String bootId;
    private long guestPid;
    private Instant meterStartedEarliest;
    private Instant meterStartedLatest;
    private Duration held = Duration.ZERO;

    @BeforeAll
    void deploy() throws Exception {
        String base = System.getenv("SPAREGRID_BASE_ISO");
        assertThat(base).as("SPAREGRID_BASE_ISO names the base live CD").isNotNull();
        deployment = new Deployment();
        deployment.coordinatorSettings("open-port-bonus = \"0.05\"");
        coordinator =
                deployment.openMarket(
                        "sell-emulated=true",
                        "price-per-hour=0.36",
                        "network-fee=0.02",
                        "memory=768 MiB",
                        "meter-interval=1 s",
                        "idle-after=" + IDLE_AFTER_SECONDS + " s",
                        "grace=0 s",
                        "park-after=15 s");
        agent = deployment.startAgent();
        deployment.push(Path.of(base), "base");
        deployment.awaitOffer("0.36");
    }

    @AfterAll
    void remove() throws Exception {
        deployment.close();
    }

    private Command.Result exec(String script) throws Exception {
        return deployment.buyer("buyer", "vm", "exec", "node1", "--", "sh", "-c", script);
    }

    private void awaitGuest() throws Exception {
        await(
                Duration.ofMinutes(2),
                "the guest to answer with the same boot",
                () ->
                        exec("cat /proc/sys/kernel/random/boot_id").orFail().endsWith(bootId)
                                && deployment.processes("qemu-system").getFirst().pid()
                                        == guestPid);
    }

    @Test
    @Order(1)
    void ordinaryUsersSellAndRentAMachine() throws Exception {
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
                        "2h",
                        "--traffic",
                        "5GB",
                        "--allow-emulation",
                        "--yes")
                .orFail();
        bootId = exec("cat /proc/sys/kernel/random/boot_id").orFail().lines().toList().getLast();
        assertThat(bootId).hasSize(36);
        assertThat(exec("hostname").orFail()).endsWith("node1");
        guestPid = deployment.processes("qemu-system").getFirst().pid();
    }

    @Test
    @Order(2)
    void theGuestOutlivesAKilledCoordinator() throws Exception {
        coordinator.destroyForcibly().waitFor();
        assertThat(ProcessHandle.of(guestPid)).isPresent();
        assertThat(exec("hostname").orFail()).as("without a coordinator").endsWith("node1");
        for (int minute = 1; minute <= OUTAGE_MINUTES; minute++) {
            Thread.sleep(Duration.ofMinutes(1));
            assertThat(exec("hostname").orFail()).as("after %s min", minute).endsWith("node1");
        }
        coordinator = deployment.startCoordinator();
        await(
                Duration.ofMinutes(1),
                "the machine to run on in the coordinator's eyes",
                () ->
                        deployment
                                .buyer("buyer", "vm", "show", "node1")
                                .orFail()
                                .contains("running"));
        awaitGuest();
    }

    @Test
    @Order(3)
    void theGuestAndASessionOutliveAKilledAgent() throws Exception {
        String wait = "touch begun; until test -e back; do sleep 0.2; done; echo still here";
        FutureTask<Command.Result> session = new FutureTask<>(() -> exec(wait));
        Thread.ofPlatform().daemon().name("session").start(session);
        await(Duration.ofMinutes(1), "a session", () -> exec("test -e begun").exitCode() == 0);
        agent.destroyForcibly().waitFor();
        assertThat(ProcessHandle.of(guestPid)).isPresent();
        agent = deployment.startAgent();
        awaitGuest();
        exec("touch back").orFail();
        assertThat(session.get(1, TimeUnit.MINUTES).orFail()).endsWith("still here");
    }

    @Test
    @Order(4)
    void theGuestOutlivesAKilledLibvirtd() throws Exception {
        deployment.processes("libvirtd").forEach(ProcessHandle::destroyForcibly);
        await(
                Duration.ofMinutes(1),
                "a new libvirtd",
                () -> !deployment.processes("/usr/sbin/libvirtd").isEmpty());
        awaitGuest();
    }

    /// With OpenSSH alone: no program of ours, and no way into the buyer's network.
    @Test
    @Order(5)
    void theCoordinatorPassesSshOnToTheGuest() throws Exception {
        Path key;
        try (Stream<Path> files = Files.walk(deployment.home("buyer"))) {
            key =
                    files.filter(file -> file.endsWith("ssh/id_ed25519.pub"))
                            .findFirst()
                            .orElseThrow();
        }
        deployment.buyer("buyer", "ssh-key", "add", key.toString()).orFail();
        Path config = deployment.home("buyer").resolve("ssh-config");
        Files.writeString(
                config,
                "IdentityFile "
                        + key.toString().replace(".pub", "")
                        + "\nIdentitiesOnly yes\nBatchMode yes\nLogLevel ERROR\n"
                        + "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n");
        String gateway = deployment.address("coordinator") + ":" + Deployment.SSH_PORT;
        String output =
                deployment
                        .openSsh(
                                config,
                                "-J",
                                "me@" + gateway,
                                "root@node1.job",
                                "cat /proc/sys/kernel/random/boot_id; seq 400000")
                        .orFail();
        assertThat(output).startsWith(bootId).endsWith("\n400000").hasSize(37 + 2_688_894);
        assertThat(jumpTo("node2.job:22", config)).contains("there is no such machine of yours");
        assertThat(jumpTo("node1.job:80", config)).contains("machines are reached at port 22 only");
        assertThat(deployment.operator("audit", "ls").orFail())
                .contains("jump-opened", "jump-closed", "ssh-refused");
    }

    /// Connects the gateway to a target, and says what came of it.
    private String jumpTo(String target, Path config) throws Exception {
        return deployment
                .openSsh(
                        config,
                        "-o",
                        "LogLevel=INFO",
                        "-W",
                        target,
                        "-p",
                        "" + Deployment.SSH_PORT,
                        "me@" + deployment.address("coordinator"))
                .output();
    }

    /// The paths to the buyer's computer, from the other side: addresses and counters, and of what
    /// is said only the sealed outside.
    @Test
    @Order(6)
    void theOwnerSeesPathsAndSealedDatagramsOnly() throws Exception {
        String peers = deployment.seller("net", "peers", "--json").orFail();
        assertThat(Long.parseLong(field(peers, "savedBytes"))).isPositive();
        String name = field(peers.substring(peers.indexOf("\"peers\"")), "name");
        String echoes = deployment.seller("net", "ping", name, "--count", "2").orFail();
        assertThat(echoes).contains(": direct " + deployment.address("buyer") + ":", " ms");
        assertThat(deployment.seller("net", "trace", name).orFail())
                .startsWith(name + ": direct " + deployment.address("buyer"))
                .contains("in use");
        assertThat(deployment.seller("net", "trace", "node9").output())
                .contains("has no peer node9 on its network");
        Path file = deployment.home("seller").resolve("sealed.pcapng");
        FutureTask<Command.Result> capture =
                new FutureTask<>(() ->
                        deployment.seller(
                                "net", "capture", file.toString(), "--seconds", "20", "--json"));
        Thread.startVirtualThread(capture);
        await(Duration.ofMinutes(1), "the capture", () -> Files.exists(file));
        String word = "only the buyer may read this";
        assertThat(exec("echo " + word + "; echo " + word + " >&2").orFail()).contains(word);
        assertThat(capture.get(2, TimeUnit.MINUTES).orFail()).contains("\"datagrams\" : ");
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(bytes).doesNotContain(word).doesNotContain("SSH-2.0");
        List<String> packets =
                deployment
                        .runOn("seller", "tcpdump", "-Zroot", "-nr", file.toString())
                        .orFail()
                        .lines()
                        .filter(line -> line.contains(" > "))
                        .toList();
        String relay = deployment.address("coordinator") + ".";
        String other = deployment.address("buyer") + ".";
        assertThat(packets)
                .allSatisfy(line -> assertThat(line).contains("UDP"))
                .allSatisfy(line -> assertThat(line).containsAnyOf(other, relay))
                .filteredOn(line -> line.contains(other))
                .hasSizeGreaterThan(10);
    }

    /// Forged senders, a DHCP server, a router, a VLAN and a scan, from inside the guest.
    @Test
    @Order(7)
    void theAttackingGuestReachesNothing() throws Exception {
        Path script = deployment.home("buyer").resolve("attack.pl");
        try (InputStream attack = getClass().getResourceAsStream("attack.pl")) {
            Files.write(script, Objects.requireNonNull(attack).readAllBytes());
        }
        deployment.buyer("buyer", "vm", "cp", script.toString(), "node1:/tmp").orFail();
        String seller = deployment.address("seller");
        String other = deployment.address("coordinator");
        Process open =
                deployment.startOn("seller", "open", "socat", "TCP-LISTEN:7777,fork", "PIPE");
        Path captured = deployment.home("seller.capture.log");
        Process capture =
                deployment.startOn(
                        "seller",
                        "seller.capture",
                        "tcpdump",
                        "-Zroot",
                        "-lni",
                        "any",
                        "net 10.77.0.0/16 or net 198.51.100.0/24 or port 7777 or port 22 or icmp");
        await(
                Duration.ofSeconds(20),
                "the capture",
                () -> Files.readString(captured).contains("listening on"));
        Command.Result attack = exec("perl /tmp/attack.pl " + seller + " " + other);
        assertThat(attack.orFail()).endsWith("tried 44 open 0");
        assertThat(exec("ping -c 2 -W 2 10.77.0.1").exitCode()).as("ping the overlay").isZero();
        // That the open port and the capture work, or the two above would mean nothing.
        assertThat(
                        deployment.runOn(
                                "coordinator",
                                "socat",
                                "-u",
                                "OPEN:/dev/null",
                                "TCP:" + seller + ":7777"))
                .returns(0, Command.Result::exitCode);
        await(
                Duration.ofSeconds(20),
                "the capture of a connection to the open port",
                () -> Files.readString(captured).contains("7777"));
        assertThat(Files.readString(captured).lines().filter(line -> line.contains(" > ")))
                .allSatisfy(packet -> assertThat(packet).contains(other + ".", seller + ".7777"));
        open.destroy();
        capture.destroy();
        assertThat(deployment.seller("vms").orFail())
                .contains("spoofed mac", "spoofed address", "rogue dhcp", "router advertisement")
                .contains("vlan tag", "link control");
        awaitGuest();
    }

    /// On a computer with a desktop guests run only while nobody uses it.
    @Test
    @Order(8)
    void theOwnerFreezesTheGuestAndLongUseParksItUnpaid() throws Exception {
        GuestClock before;
        FutureTask<String> session;
        try (Desktop desktop = new Desktop(deployment, "seller")) {
            await(
                    Duration.ofMinutes(1),
                    "the agent to see the display",
                    () -> deployment.seller("why").orFail().contains("(X display)"));
            // A new display counts as used just now, which may hold the guest for as long.
            TimeUnit.SECONDS.sleep(IDLE_AFTER_SECONDS + 2);
            awaitShown("running");
            readMeter();
            String spin =
                    "end=$(($(cut -d. -f1 /proc/uptime) + 20));"
                            + " while [ $(cut -d. -f1 /proc/uptime) -lt $end ]; do :; done;"
                            + " echo spun";
            session = new FutureTask<>(() -> exec(spin).output());
            Thread.startVirtualThread(session);
            before = readClock();
            Desktop.awaitRunning(guestPid, Duration.ofMinutes(1));
            Instant pressed = Instant.now();
            desktop.touch();
            Instant frozen = Desktop.awaitStill(guestPid, Duration.ofMinutes(1));
            Desktop.say("from a key to the frozen guest", Duration.between(pressed, frozen));
            awaitShown("held, unpaid");
            awaitParked(desktop);
            Instant resumed = awaitBack();
            held = Duration.between(frozen, resumed);
            Desktop.say("held in all", held);
        }
        awaitShown("running");
        awaitGuest();
        assertThat(session.get(5, TimeUnit.MINUTES)).as("a session all along").contains("spun");
        await(
                Duration.ofMinutes(1),
                "the guest's clock to be as right as it was",
                () -> {
                    assertThat(readClock())
                            .as("%s before", before)
                            .matches(now -> now.sameError(before, 5));
                    return true;
                });
    }

    /// What the guest's clock said, and by how many seconds it is behind: its answer comes late.
    private record GuestClock(Instant asked, long seconds, Instant answered) {
        boolean sameError(GuestClock other, long tolerance) {
            return behindLeast() <= other.behindMost() + tolerance
                    && behindMost() >= other.behindLeast() - tolerance;
        }

        private long behindLeast() {
            return asked.getEpochSecond() - seconds;
        }

        private long behindMost() {
            return answered.getEpochSecond() - seconds;
        }
    }

    private GuestClock readClock() throws Exception {
        Instant asked = Instant.now();
        String seconds = exec("date +%s").orFail().lines().toList().getLast();
        return new GuestClock(asked, Long.parseLong(seconds), Instant.now());
    }

    /// Goes on using the computer until the guest is on the disk, and a while after.
    private void awaitParked(Desktop desktop) throws Exception {
        await(
                Duration.ofMinutes(2),
                "the guest to be parked",
                () -> {
                    desktop.touch();
                    return deployment.seller("vms").orFail().contains("parked");
                });
        assertThat(deployment.seller("why").orFail()).contains("parked", "X display");
        assertThat(deployment.processes("qemu-system")).isEmpty();
        String atRest = order("billedSeconds");
        for (int i = 0; i < 5; i++) {
            desktop.touch();
            TimeUnit.SECONDS.sleep(2);
        }
        assertThat(order("billedSeconds")).as("billed while parked").isEqualTo(atRest);
    }

    /// Waits until the guest runs again, in a QEMU of its own.
    private Instant awaitBack() throws Exception {
        await(
                Duration.ofMinutes(2),
                "the guest to come back",
                () -> !deployment.processes("qemu-system").isEmpty());
        guestPid = deployment.processes("qemu-system").getFirst().pid();
        return Desktop.awaitRunning(guestPid, Duration.ofMinutes(2));
    }

    private void awaitShown(String state) throws Exception {
        await(
                Duration.ofMinutes(1),
                "the buyer to see " + state,
                () -> deployment.buyer("buyer", "vm", "show", "node1").orFail().contains(state));
    }

    private void readMeter() throws Exception {
        Instant asked = Instant.now();
        long ran = Long.parseLong(field(deployment.seller("vms", "--json").orFail(), "runSeconds"));
        meterStartedEarliest = asked.minusSeconds(ran);
        meterStartedLatest = Instant.now().minusSeconds(ran);
    }

    private String order(String field) throws Exception {
        return field(deployment.buyer("buyer", "order", "show", "job", "--json").orFail(), field);
    }

    /// After agent and coordinator were killed and the guest was parked: what is billed of a file
    /// is the file and its headers.
    @Test
    @Order(9)
    void theTrafficIsBilledAsBothEndsCountedIt() throws Exception {
        exec("head -c 8000000 /dev/urandom > /tmp/file").orFail();
        long before = awaitTraffic(0);
        Path copy = deployment.home("buyer").resolve("file");
        deployment.buyer("buyer", "vm", "cp", "node1:/tmp/file", copy.toString()).orFail();
        assertThat(copy).hasSize(8_000_000);
        long carried = awaitTraffic(before + 8_000_000) - before;
        Desktop.say("a file of 8,000,000 bytes was billed as " + carried, Duration.ZERO);
        assertThat(carried).isBetween(8_000_000L, 9_600_000L);
    }

    /// What is billed of the traffic, once it is that much and no more comes.
    private long awaitTraffic(long least) throws Exception {
        long[] seen = {-1, -1};
        await(
                Duration.ofMinutes(1),
                "the traffic to be " + least,
                () -> {
                    TimeUnit.SECONDS.sleep(7);
                    seen[0] = seen[1];
                    seen[1] = Long.parseLong(order("agreedBytes"));
                    return seen[1] >= least && seen[1] - seen[0] < 5_000;
                });
        return seen[1];
    }

    @Test
    @Order(10)
    void theBillIsRightToTheSecondAndNothingIsLeft() throws Exception {
        Duration ran = Duration.between(meterStartedLatest, Instant.now()).minus(held);
        deployment.buyer("buyer", "order", "stop", "job", "--wait").orFail();
        Duration ranMost = Duration.between(meterStartedEarliest, Instant.now()).minus(held);
        String order = deployment.buyer("buyer", "order", "show", "job", "--json").orFail();
        long billed = Long.parseLong(field(order, "billedSeconds"));
        // The meter was read up to two seconds late; it tells whole seconds.
        assertThat(billed).isBetween(ran.toSeconds() - 3, ranMost.toSeconds() + 3);
        Credits price = Credits.parse("0.36");
        String charged = field(order, "charged");
        long agreed = Long.parseLong(field(order, "agreedBytes"));
        assertThat(Long.parseLong(field(order, "countedBytes"))).isGreaterThanOrEqualTo(agreed);
        assertThat(Credits.parse(charged))
                .isEqualTo(
                        price.perHourFor(billed)
                                .plus(Credits.parse("0.02").perGigabyteFor(agreed)));
        String earned =
                field(
                        deployment.buyer("seller", "wallet", "balance", "--json").orFail(),
                        "earnings");
        long saved = Long.parseLong(field(order, "savedBytes"));
        assertThat(saved).isBetween(8_000_000L, agreed);
        Credits bonus = Credits.parse(field(order, "bonus"));
        assertThat(bonus).isEqualTo(Credits.parse("0.05").perGigabyteFor(saved));
        assertThat(Credits.parse(earned)).isEqualTo(Credits.parse(charged).plus(bonus));
        assertThat(deployment.operator("ledger", "verify").orFail()).contains("the books balance");
        assertThat(deployment.processes("qemu-system")).isEmpty();
    }
}
