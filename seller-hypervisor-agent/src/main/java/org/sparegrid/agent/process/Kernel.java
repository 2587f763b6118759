// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the kernel says about this computer.
public final class Kernel {
    private Kernel() {}

    /// Milliseconds since the boot, time asleep included (CLOCK_BOOTTIME); all programs read the
    /// same value and nothing sets it.
    public static long bootMillis() {
        String uptime = read("/proc/uptime");
        String[] parts = uptime.substring(0, uptime.indexOf(' ')).split("[.]", -1);
        return Long.parseLong(parts[0]) * 1000 + Long.parseLong(parts[1]) * 10;
    }

    /// Names the boot: another one means that every process is gone.
    public static String bootId() {
        return read("/proc/sys/kernel/random/boot_id");
    }

    /// The kernel's release.
    public static String release() {
        return read("/proc/sys/kernel/osrelease");
    }

    /// The user that this program runs as.
    public static int userId() {
        String status = read("/proc/self/status");
        String line =
                status.lines().filter(l -> l.startsWith("Uid:")).findFirst().orElse("Uid:\t-1\t-1");
        return Integer.parseInt(line.split("\\s+", -1)[2]);
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException noProc) {
            throw new UncheckedIOException("can't read " + path, noProc);
        }
    }
}
