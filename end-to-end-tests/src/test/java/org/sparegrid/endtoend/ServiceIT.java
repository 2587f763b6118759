// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.sparegrid.endtoend.Deployment.await;
import static org.sparegrid.endtoend.Deployment.field;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
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
import org.sparegrid.testsupport.Command;

/// The agent as a service of a real systemd with control groups of version 2: of a user's own, then
/// of the computer's. A rented guest runs on whatever becomes of the service, and is held to its
/// limits by the kernel.
///
/// The computer is an emulated one, so that its guests are emulated twice. The steps build on each
/// other.
@Tag("root")
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServiceIT {
    private static final String PRICE = "36";
    private static final String NEWER = "7.1";
    private static final String AGENT = "/opt/sparegrid/bin/sparegrid-agent ";
    private static final String USER = "systemctl --user ";
    private static final String ALL = "systemctl ";

    /// Java starts within seconds where its computer is emulated, and libvirtd after it.
    private static final Duration START_MAX = Duration.ofMinutes(6);

    private static final long MEBIBYTE = 1 << 20;

    private Deployment deployment;
    private DebianComputer computer;
    private String guest = "";
    private String lease = "";

    @BeforeAll
    void deploy() throws Exception {
        deployment = new Deployment();
        deployment.startCoordinator();
        String token = deployment.invite();
        deployment.buyer("buyer", "wallet", "deposit", "1000").orFail();
        deployment.push(RandomKillsIT.guest(deployment, ":busy\ngoto busy\n"), "ipxe");
        computer = new DebianComputer(deployment);
        computer.as("root", "loginctl enable-linger seller").orFail();
        computer.as(
                        "seller",
                        AGENT
                                + "init && "
                                + AGENT
                                + "offer set sell-emulated=true price-per-hour="
                                + PRICE
                                + " 'memory=512 MiB' 'meter-interval=1 s' mode=always"
                                + " idle-cpu=50 in-use-cpu=50 'benchmark-interval=0 s'")
                .orFail();
        Command.Result early = computer.as("seller", AGENT + "service install");
        assertThat(early.exitCode()).as(early.output()).isEqualTo(4);
        computer.as("seller", AGENT + "join " + token).orFail();
    }

    @AfterAll
    void remove() throws Exception {
        if (computer != null) {
            computer.end();
        }
        deployment.close();
    }

    private String property(String control, String name) throws Exception {
        return as(control, control + "show --property=" + name + " --value sparegrid-agent");
    }

    /// Runs a command as the one who has that systemd.
    private String as(String control, String command) throws Exception {
        return computer.as(control.equals(USER) ? "seller" : "root", command).orFail();
    }

    private String qemu() throws Exception {
        return look().orFail();
    }

    private Command.Result look() throws Exception {
        return computer.as("root", "pgrep -f 'qemu-system.* -name guest=vm-'");
    }

    private void rent(String name) throws Exception {
        deployment.awaitOffer(PRICE);
        String words = "run ipxe --memory 512MiB --for 2h --allow-emulation --yes --detach --name ";
        deployment.buyer("buyer", (words + name).split(" ", -1)).orFail();
        await(
                START_MAX,
                "the guest",
                () -> {
                    guest = qemu();
                    lease = as(ALL, "cat /proc/" + guest + "/cgroup").replaceAll(".*/", "");
                    return lease.startsWith("vm-");
                });
        awaitMeter(0);
    }

    private long runMillis() throws Exception {
        String machines = deployment.buyer("buyer", "vm", "ls", "--json").orFail();
        Matcher meter =
                Pattern.compile(lease + "\".*?\"runMillis\" : ([0-9]+)", Pattern.DOTALL)
                        .matcher(machines);
        assertThat(meter.find()).as(machines).isTrue();
        return Long.parseLong(meter.group(1));
    }

    private void awaitMeter(long above) throws Exception {
        await(START_MAX, "the meter", () -> runMillis() > above);
    }

    /// The service works, and the very same guest runs in its groups and is paid for.
    private void assertSells(String control) throws Exception {
        await(START_MAX, "the service", () -> property(control, "ActiveState").equals("active"));
        assertThat(qemu()).as("the guest's QEMU").isEqualTo(guest);
        awaitMeter(runMillis() + 2000);
        await(
                START_MAX,
                "systemd to be told",
                () ->
                        property(control, "StatusText")
                                .matches("selling 1 slot.*guests: 1; coordinator: connected"));
    }

    /// What the kernel says of the guest's group, and of the one around it.
    private void assertHeld(String control) throws Exception {
        String service = "/sys/fs/cgroup" + property(control, "ControlGroup");
        String group = "/sys/fs/cgroup" + as(control, "sed s/0::// /proc/" + guest + "/cgroup");
        assertThat(group).startsWith(service + "/sparegrid-").contains("/vm-");
        String values =
                as(
                        control,
                        "cd "
                                + group
                                + " && cat cpu.max cpu.idle memory.max pids.max cgroup.procs"
                                + " ../cpu.weight");
        assertThat(values.lines())
                .containsExactly(
                        "50000 100000", "1", "" + (512 + 256) * MEBIBYTE, "129", guest, "1");
        assertThat(as(control, "sed s/0::// /proc/$(pgrep -o libvirtd)/cgroup"))
                .isEqualTo(property(control, "ControlGroup") + "/agent");
        assertThat(computer.as("seller", AGENT + "status").orFail())
                .contains("processors: the kernel's control groups")
                .contains("priority: lowest (nice 19, idle control group)");
    }

    @Test
    @Order(1)
    void aUsersOwnServiceSellsAndItsGuestIsHeldByTheKernel() throws Exception {
        assertThat(computer.as("seller", AGENT + "service install").orFail())
                .contains("it runs: selling 1 slot(s)");
        assertThat(property(USER, "Type")).isEqualTo("notify");
        String group = "/sys/fs/cgroup" + property(USER, "ControlGroup");
        assertThat(as(USER, "cat " + group + "/cpu.weight")).isEqualTo("1");
        rent("job");
        assertSells(USER);
        assertHeld(USER);
    }

    /// A guest that does nothing but reckon gets the half of a processor that is offered.
    @Test
    @Order(2)
    void theQuotaHolds() throws Exception {
        String group = "/sys/fs/cgroup" + as(USER, "sed s/0::// /proc/" + guest + "/cgroup");
        String look = "{ cat /proc/uptime; sed -n 's/usage_usec //p' " + group + "/cpu.stat; }";
        String[] seen = as(USER, look + "; sleep 20; " + look).split("\\s+", -1);
        double passed = Double.parseDouble(seen[3]) - Double.parseDouble(seen[0]);
        double used = (Long.parseLong(seen[5]) - Long.parseLong(seen[2])) / 1e6;
        System.out.printf("service: the guest used %.3f of a processor%n", used / passed);
        assertThat(used / passed).isCloseTo(0.5, within(0.025));
    }

    @Test
    @Order(3)
    void aKilledAgentComesBackToItsGuest() throws Exception {
        as(USER, "kill -9 " + property(USER, "MainPID"));
        await(START_MAX, "a restart", () -> property(USER, "NRestarts").equals("1"));
        assertSells(USER);
        assertHeld(USER);
    }

    @Test
    @Order(4)
    void anUpdateTakesTheServicesPlace() throws Exception {
        Path key = deployment.home("seller").resolve("key");
        String trusted =
                field(
                        deployment.seller("pack", "--new-key", "" + key, "--json").orFail(),
                        "updateKey");
        Path release = deployment.home("seller").resolve("newer.tar");
        deployment
                .seller(
                        "pack",
                        "--version",
                        NEWER,
                        "--key",
                        key.toString(),
                        "--from",
                        deployment.programs().toString(),
                        "--output",
                        release.toString())
                .orFail();
        computer.copy(release, "seller");
        String process = property(USER, "MainPID");
        as(USER, AGENT + "offer set update-key=" + trusted);
        assertThat(as(USER, AGENT + "update newer.tar"))
                .contains("version " + NEWER + " runs, has taken up 1 guest(s)");
        assertThat(property(USER, "MainPID")).isEqualTo(process);
        assertSells(USER);
    }

    @Test
    @Order(5)
    void stoppingTheServiceIsNoFaultAndLeavesTheGuest() throws Exception {
        as(USER, USER + "stop sparegrid-agent");
        assertThat(property(USER, "ActiveState")).isEqualTo("inactive");
        assertThat(property(USER, "Result")).isEqualTo("success");
        assertThat(qemu()).isEqualTo(guest);
        as(USER, USER + "start sparegrid-agent");
        assertSells(USER);
        assertHeld(USER);
    }

    /// Nobody logs in before the agent is looked for.
    @Test
    @Order(6)
    void aRestartOfTheComputerParksTheGuestAndItGoesOn() throws Exception {
        computer.startAnew();
        await(START_MAX, "the guest", () -> look().exitCode() == 0);
        String journal = computer.as("root", "journalctl --output cat _UID=1000").orFail();
        assertThat(journal).contains("stage=PARKED").doesNotContain("stage=ENDED");
        guest = qemu();
        assertSells(USER);
        assertHeld(USER);
    }

    @Test
    @Order(7)
    void aRemovedServiceLeavesNothing() throws Exception {
        deployment.buyer("buyer", "order", "stop", "job", "--wait").orFail();
        assertThat(as(USER, AGENT + "service remove")).contains("removed ");
        assertThat(property(USER, "LoadState")).isEqualTo("not-found");
        await(
                Duration.ofMinutes(2),
                "the last process of the agent to end",
                () ->
                        computer.as("root", "pgrep -u seller -f 'java|libvirtd|qemu'").exitCode()
                                == 1);
        assertThat(as(USER, "find ~/.config -name sparegrid-agent.service")).isEmpty();
    }

    @Test
    @Order(8)
    void aServiceOfTheComputerGivesWayWithItsSlice() throws Exception {
        assertThat(as(ALL, AGENT + "service install --system --as seller"))
                .contains("it runs as seller: selling 1 slot(s)");
        assertThat(property(ALL, "ControlGroup")).startsWith("/sparegrid.slice/");
        assertThat(as(ALL, "cat /sys/fs/cgroup/sparegrid.slice/cpu.weight")).isEqualTo("1");
        assertThat(as(ALL, "cat /sys/fs/cgroup/sparegrid.slice/io.weight")).isEqualTo("default 1");
        rent("second");
        assertSells(ALL);
        assertHeld(ALL);
        String exposure =
                as(ALL, "systemd-analyze security --no-pager sparegrid-agent | tail -n 1");
        System.out.println("service: " + exposure);
        as(ALL, "kill -9 " + property(ALL, "MainPID"));
        await(START_MAX, "a restart", () -> property(ALL, "NRestarts").equals("1"));
        assertSells(ALL);
        deployment.buyer("buyer", "order", "stop", "second", "--wait").orFail();
        assertThat(as(ALL, AGENT + "service remove --system")).contains("removed ");
        assertThat(as(ALL, "find /etc/systemd -name '*sparegrid*'")).isEmpty();
        assertThat(deployment.operator("ledger", "verify").orFail()).contains("the books balance");
    }
}
