// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.process.ProcessId;

/// The files are plain ones here; a kernel's own make them in `LibvirtHypervisorIT` and `bin/bench
/// seller`.
class ControlGroupsTest {
    private static final ProcessId PROCESS = new ProcessId(4711, 1);

    @TempDir private Path folder = Path.of("/nonexistent");

    private Path proc = Path.of("/nonexistent");

    @BeforeEach
    void prepareProc() throws IOException {
        proc = Files.createDirectories(folder.resolve("proc/self")).resolve("..").normalize();
    }

    @Test
    void holdsGuestsWithVersionTwo() throws IOException {
        unified("/user.slice/sg.service/agent");
        Path service = folder.resolve("cg/user.slice/sg.service");
        Files.createDirectories(service.resolve("agent"));
        Files.writeString(service.resolve("cgroup.controllers"), "cpu io memory pids\n");
        Files.createFile(service.resolve("cgroup.subtree_control"));
        Path guest =
                group(
                        service.resolve("sparegrid-t/vm-a"),
                        "cgroup.procs",
                        "cpu.max",
                        "cpu.idle",
                        "memory.max",
                        "pids.max");
        group(service.resolve("sparegrid-t"), "cgroup.subtree_control", "cpu.weight");

        ControlGroups groups = ControlGroups.find(proc, "t");
        assertThat(Resource.values()).allMatch(r -> groups.missing(r).isEmpty());
        groups.join("vm-a", PROCESS);
        groups.processors("vm-a", 0.5);
        groups.yieldProcessors("vm-a");
        groups.memory("vm-a", 1 << 30);
        groups.tasks("vm-a", 100);

        assertThat(service.resolve("sparegrid-t/cpu.weight")).hasContent("1");
        assertThat(guest.resolve("cgroup.procs")).hasContent("4711");
        assertThat(guest.resolve("cpu.max")).hasContent("50000 100000");
        assertThat(guest.resolve("cpu.idle")).hasContent("1");
        assertThat(guest.resolve("memory.max")).hasContent("1073741824");
        assertThat(guest.resolve("pids.max")).hasContent("100");
        groups.processors("vm-a", 0);
        assertThat(guest.resolve("cpu.max")).content().startsWith("max 100000");
    }

    @Test
    void holdsGuestsWithVersionOne() throws IOException {
        lines(
                "mountinfo",
                "30 29 0:26 / " + folder + "/cpu rw,nosuid - cgroup cgroup rw,cpu,cpuacct",
                "31 29 0:27 /lxc " + folder + "/memory rw - cgroup cgroup rw,memory");
        lines("cgroup", "4:memory:/lxc/a", "2:cpu,cpuacct:/b", "0::/");
        Path cpu =
                group(
                        folder.resolve("cpu/b/sparegrid-t/vm-a"),
                        "cgroup.procs",
                        "cpu.shares",
                        "cpu.cfs_quota_us",
                        "cpu.cfs_period_us");
        Path memory =
                group(
                        folder.resolve("memory/a/sparegrid-t/vm-a"),
                        "cgroup.procs",
                        "memory.limit_in_bytes");

        ControlGroups groups = ControlGroups.find(proc, "t");
        groups.join("vm-a", PROCESS);
        groups.yieldProcessors("vm-a");
        groups.processors("vm-a", 0.001);
        groups.memory("vm-a", 4096);
        groups.tasks("vm-a", 100);

        assertThat(groups.missing(Resource.TASKS))
                .hasValueSatisfying(w -> assertThat(w).isNotEmpty());
        assertThat(memory.resolve("cgroup.procs")).hasContent("4711");
        assertThat(memory.resolve("memory.limit_in_bytes")).hasContent("4096");
        assertThat(cpu.resolve("cpu.shares")).hasContent("2");
        assertThat(cpu.resolve("cpu.cfs_quota_us")).hasContent("1000");
    }

    @Test
    void givesWayWithTheGroupThatItWasStartedIn() throws IOException {
        lines("mountinfo", "30 29 0:26 / " + folder + "/cpu rw - cgroup cgroup rw,cpu");
        lines("cgroup", "2:cpu:/b");
        Path own = group(folder.resolve("cpu/b"), "cgroup.procs", "cpu.shares", "cpu.idle");
        Files.writeString(own.resolve("cpu.shares"), "1024\n");
        Files.writeString(own.resolve("cpu.idle"), "0\n");
        String self = String.valueOf(ProcessHandle.current().pid());

        Files.writeString(own.resolve("cgroup.procs"), self + "\n4711\n");
        assertThat(ControlGroups.find(proc, "t").rival())
                .contains(own.resolve("cpu.shares") + " is 1024, expected at most 10");
        assertThat(own.resolve("cpu.shares")).as("others are in it, too").hasContent("1024");

        Files.writeString(own.resolve("cgroup.procs"), self + "\n");
        // A plain file keeps what is not written over, other than the kernel's.
        Files.writeString(own.resolve("cpu.shares"), "99\n");
        assertThat(ControlGroups.find(proc, "t").rival()).isEmpty();
        assertThat(own.resolve("cpu.shares")).hasContent("10");
    }

    @Test
    void saysThatAServiceDoesNotGiveWay() throws IOException {
        unified("/user.slice/sg.service/agent");
        Path service = folder.resolve("cg/user.slice/sg.service");
        Files.createDirectories(service.resolve("agent"));
        Files.writeString(service.resolve("cgroup.controllers"), "cpu io memory pids\n");
        group(service, "cgroup.subtree_control", "cpu.weight", "cpu.idle");
        group(service.resolve("sparegrid-t"), "cgroup.subtree_control", "cpu.weight");
        Files.writeString(service.resolve("cpu.weight"), "100\n");
        Files.writeString(service.resolve("cpu.idle"), "0\n");

        ControlGroups groups = ControlGroups.find(proc, "t");
        assertThat(groups.rival())
                .contains(service.resolve("cpu.weight") + " is 100, expected at most 1");
        Files.writeString(service.resolve("cpu.weight"), "1\n");
        assertThat(groups.rival()).isEmpty();
        Files.writeString(service.resolve("cpu.weight"), "0\n");
        Files.writeString(service.resolve("cpu.idle"), "1\n");
        assertThat(groups.rival()).isEmpty();
    }

    @Test
    void givesWayWithTheSliceAroundIt() throws IOException {
        unified("/sg.slice/sg.service/agent");
        Path slice = folder.resolve("cg/sg.slice");
        Path service = slice.resolve("sg.service");
        Files.createDirectories(service.resolve("agent"));
        Files.writeString(service.resolve("cgroup.controllers"), "cpu io memory pids\n");
        group(service, "cgroup.subtree_control", "cpu.weight", "cpu.idle");
        group(service.resolve("sparegrid-t"), "cgroup.subtree_control", "cpu.weight");
        Files.writeString(service.resolve("cpu.weight"), "100\n");
        Files.writeString(service.resolve("cpu.idle"), "0\n");
        Files.writeString(slice.resolve("cpu.weight"), "1\n");

        assertThat(ControlGroups.find(proc, "t").rival()).isEmpty();
        Files.writeString(slice.resolve("cpu.weight"), "50\n");
        assertThat(ControlGroups.find(proc, "t").rival())
                .contains(service.resolve("cpu.weight") + " is 100, expected at most 1");
    }

    @Test
    void leavesNoFolderBehind() throws IOException {
        lines("mountinfo", "30 29 0:26 / " + folder + "/cpu rw - cgroup cgroup rw,cpu");
        lines("cgroup", "2:cpu:/");
        Path own = folder.resolve("cpu/sparegrid-t");
        Files.createDirectories(own.resolve("vm-a"));
        ControlGroups groups = ControlGroups.find(proc, "t");
        groups.remove("vm-a");
        groups.remove("vm-a");
        groups.removeAll();
        assertThat(own).doesNotExist();
    }

    @Test
    void saysWhyThereAreNone() throws IOException {
        unified("/user.slice/session-1.scope");
        assertThat(ControlGroups.find(proc, "t").missing(Resource.CPU))
                .hasValueSatisfying(why -> assertThat(why).contains("service install"));
        lines("mountinfo", "1 1 0:1 / / rw - ext4 /dev/sda rw");
        assertThat(ControlGroups.find(proc, "t").missing(Resource.CPU))
                .hasValueSatisfying(why -> assertThat(why).contains("no control groups"));
        assertThat(ControlGroups.find(folder, "t").missing(Resource.CPU)).isPresent();
    }

    private void unified(String own) throws IOException {
        lines("mountinfo", "30 29 0:26 / " + folder + "/cg rw shared:4 - cgroup2 cgroup2 rw");
        lines("cgroup", "0::" + own);
    }

    private void lines(String file, String... lines) throws IOException {
        Files.write(proc.resolve("self").resolve(file), List.of(lines));
    }

    private static Path group(Path group, String... files) throws IOException {
        Files.createDirectories(group);
        for (String file : files) {
            Files.createFile(group.resolve(file));
        }
        return group;
    }
}
