// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.sparegrid.agent.process.ProcessId;

/// Makes a process with all its threads give way to others. Source: setpriority(2), sched(7).
final class Niceness {
    private static final int PROCESS_GROUP = 1;
    private static final int LOWEST = 19;

    static {
        Native.register(Niceness.class, "c");
    }

    private Niceness() {}

    /// Gives QEMU the lowest priority. libvirt starts each in a process group and session of its
    /// own; where the kernel weighs sessions, that is what counts.
    static void lowest(ProcessId process) throws IOException {
        int group = getpgid((int) process.pid());
        if (group <= 1 || group == getpgid(0)) {
            throw new IOException("QEMU " + process.pid() + " is in process group " + group);
        }
        if (setpriority(PROCESS_GROUP, group, LOWEST) != 0) {
            throw new IOException("setpriority: refused for process group " + group);
        }
        Path session = Path.of("/proc/" + process.pid() + "/autogroup");
        if (Files.exists(session)) {
            Files.writeString(session, String.valueOf(LOWEST), StandardOpenOption.WRITE);
        }
    }

    private static native int getpgid(int pid);

    private static native int setpriority(int which, int who, int priority);
}
