// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import com.sun.jna.Native;
import java.io.IOException;
import org.sparegrid.agent.process.ProcessId;

/// Signals that Java can't send. Source: kill(2), signal(7) for x86.
final class Signals {
    private static final int CONTINUE = 18;
    private static final int STOP = 19;

    static {
        Native.register(Signals.class, "c");
    }

    private Signals() {}

    /// Lets no thread of the process run until it is told to continue.
    static void stop(ProcessId process) throws IOException {
        send(process, STOP);
    }

    /// Lets a stopped process run again.
    static void proceed(ProcessId process) throws IOException {
        send(process, CONTINUE);
    }

    private static void send(ProcessId process, int signal) throws IOException {
        if (process.isAlive() && kill((int) process.pid(), signal) != 0) {
            throw new IOException("kill: process " + process.pid() + " refuses a signal");
        }
    }

    private static native int kill(int pid, int signal);
}
