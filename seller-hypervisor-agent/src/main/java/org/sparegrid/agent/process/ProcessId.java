// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// One process and no other that gets its number later.
///
/// @param pid the kernel's number
/// @param startTicks when it started, in clock ticks after the boot
public record ProcessId(long pid, long startTicks) {
    /// No process.
    public static final ProcessId NONE = new ProcessId(0, 0);

    /// The process that has this number now, unless it is gone or a zombie.
    public static Optional<ProcessId> of(long pid) throws IOException {
        return pid <= 0 ? Optional.empty() : read(pid).map(ticks -> new ProcessId(pid, ticks));
    }

    /// Whether it still runs.
    public boolean isAlive() throws IOException {
        return of(pid).equals(Optional.of(this));
    }

    /// Ends it without asking, if it is still there.
    public void kill() throws IOException {
        if (isAlive()) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /// Asks it to end, if it is still there.
    public void terminate() throws IOException {
        if (isAlive()) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
        }
    }

    private static Optional<Long> read(long pid) throws IOException {
        String stat;
        try {
            stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        } catch (IOException gone) {
            if (Files.exists(Path.of("/proc/" + pid))) {
                throw gone;
            }
            return Optional.empty();
        }
        // The name in parentheses may hold anything; what follows it is separated by spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        boolean dead = fields[0].equals("Z") || fields[0].equals("X");
        return dead ? Optional.empty() : Optional.of(Long.parseLong(fields[19]));
    }
}
