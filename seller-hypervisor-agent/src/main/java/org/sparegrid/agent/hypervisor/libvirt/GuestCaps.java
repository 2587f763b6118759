// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.sparegrid.agent.limit.ControlGroups;
import org.sparegrid.agent.limit.Resource;
import org.sparegrid.agent.process.ProcessId;

/// Holds each guest's QEMU to what it may take of the computer: by the kernel's control groups
/// where this program may make them, and otherwise as well as a program can.
final class GuestCaps implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(GuestCaps.class.getName());

    /// What QEMU may take besides the guest's own memory, in MiB: itself 64, translated code 64,
    /// disks' caches and sockets 64, and as much again for what we don't know.
    private static final long QEMU_MEBIBYTES = 256;

    /// Threads of one QEMU besides its processors; it starts up to 64 for its disks.
    private static final int THREADS_BESIDES = 128;

    private final ControlGroups groups;
    private final ProcessorQuota quota = new ProcessorQuota();
    private final MemoryWatch memory = new MemoryWatch();

    GuestCaps(ControlGroups groups) {
        this.groups = groups;
    }

    /// Takes a guest's QEMU in hand, new or found again.
    void begin(String name, ProcessId process, int processors, long memoryKibibytes)
            throws IOException {
        groups.join(name, process);
        groups.yieldProcessors(name);
        groups.tasks(name, processors + THREADS_BESIDES);
        long limitBytes = (memoryKibibytes << 10) + (QEMU_MEBIBYTES << 20);
        if (groups.missing(Resource.MEMORY).isPresent()) {
            memory.limit(process, limitBytes);
        } else {
            groups.memory(name, limitBytes);
        }
        try {
            Niceness.lowest(process);
        } catch (IOException refused) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "guest keeps its priority vm=" + name + " cause=" + refused.getMessage());
        }
    }

    /// Limits a guest to the time of so many processors; `processors` itself is no limit.
    void limit(String name, ProcessId process, int processors, int percent) throws IOException {
        if (groups.missing(Resource.CPU).isPresent()) {
            quota.limit(process, processors, percent);
        } else {
            groups.processors(name, percent == 100 ? 0 : processors * percent / 100.0);
            groups.yieldProcessors(name);
        }
    }

    /// Lets QEMU run as it likes for a while, so that it can obey.
    void release(String name, ProcessId process) throws IOException {
        quota.forget(process);
        if (process.isAlive()) {
            groups.processors(name, 0);
            // The owner's own load must not keep it from obeying.
            groups.compete(name);
        }
    }

    /// Removes what was made for a guest that is gone.
    void end(String name) throws IOException {
        groups.remove(name);
    }

    /// Removes what was made for all, once there are none.
    void endAll() throws IOException {
        groups.removeAll();
    }

    /// What holds which limit, one line each.
    List<String> report() {
        return List.of(
                "processors: "
                        + held(
                                Resource.CPU,
                                "the agent stops guests that had their part, 100 times a second"),
                "memory: "
                        + held(
                                Resource.MEMORY,
                                "the agent ends a guest's QEMU that takes more than it may"),
                "threads: " + held(Resource.TASKS, "only this user's limit (ulimit -u)"),
                "priority: " + priority(),
                "disk: QEMU's throttle, and an image of fixed size",
                "network: the agent's own switch port");
    }

    private String priority() {
        if (groups.missing(Resource.CPU).isPresent()) {
            return "lowest (nice 19)";
        }
        return groups.rival()
                .map(why ->
                        "lowest of all in the agent's control group, which itself competes with"
                                + " the owner's programs ("
                                + why
                                + ")")
                .orElse("lowest (nice 19, idle control group)");
    }

    @Override
    public void close() {
        quota.close();
        memory.close();
    }

    private String held(Resource resource, String otherwise) {
        Optional<String> missing = groups.missing(resource);
        return missing.isEmpty()
                ? "the kernel's control groups"
                : otherwise + " (" + missing.get() + ")";
    }
}
