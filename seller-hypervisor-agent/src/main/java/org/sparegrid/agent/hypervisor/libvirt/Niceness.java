// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import com.sun.jna.Native;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.sparegrid.agent.process.ProcessId;

/// Makes a process with all its threads give way to others. Source: setpriority(2), sched(7).
final class Niceness {
    private static final int PROCESS_GROUP = 1;
    private static final int LOWEST = 19;

    /// Two seconds: twenty others may come first.
    private static final int TRIES_MAX = 20;

    private static final int PAUSE_MILLIS = 101;

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
            write(session, String.valueOf(LOWEST));
        }
    }

    /// The kernel takes one such write in a tenth of a second from all ordinary users together, and
    /// refuses others with EAGAIN.
    private static void write(Path session, String value) throws IOException {
        for (int tries = 1; ; tries++) {
            try (RandomAccessFile file = new RandomAccessFile(session.toFile(), "rw")) {
                file.write(value.getBytes(StandardCharsets.US_ASCII));
                return;
            } catch (IOException refused) {
                if (tries == TRIES_MAX) {
                    throw refused;
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while QEMU was made to give way");
            }
        }
    }

    private static native int getpgid(int pid);

    private static native int setpriority(int which, int who, int priority);
}
