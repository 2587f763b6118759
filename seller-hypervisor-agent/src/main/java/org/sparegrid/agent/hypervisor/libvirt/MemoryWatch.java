// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.process.ProcessId;

/// Ends processes that take more memory than they may, where the kernel doesn't.
///
/// One thread looks every second while there is any.
final class MemoryWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MemoryWatch.class.getName());

    private static final long TICK_MILLIS = 1000;

    private static final String RESIDENT = "VmRSS:";

    private final Map<ProcessId, Long> limits = new HashMap<>();
    private @Nullable Thread thread;

    /// Watches a process from now on.
    synchronized void limit(ProcessId process, long bytes) {
        limits.put(process, bytes);
        if (thread == null) {
            thread = Thread.ofVirtual().name("memory-watch").start(this::work);
        }
    }

    @Override
    public synchronized void close() {
        limits.clear();
        if (thread != null) {
            thread.interrupt();
        }
    }

    /// How much memory a process has, in bytes; 0 if it is gone.
    static long residentBytes(ProcessId process) throws IOException {
        Path file = Path.of("/proc/" + process.pid() + "/status");
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith(RESIDENT)) {
                    String kibibytes = line.substring(RESIDENT.length()).replace("kB", "").strip();
                    return Long.parseLong(kibibytes) << 10;
                }
            }
            return 0;
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }

    private void work() {
        try {
            while (look()) {
                Thread.sleep(TICK_MILLIS);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean look() {
        limits.entrySet().removeIf(each -> !isWithin(each.getKey(), each.getValue()));
        if (limits.isEmpty()) {
            thread = null;
            return false;
        }
        return true;
    }

    /// False if there is nothing left to watch.
    private static boolean isWithin(ProcessId process, long limitBytes) {
        try {
            if (!process.isAlive()) {
                return false;
            }
            long resident = residentBytes(process);
            if (resident <= limitBytes) {
                return true;
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    () ->
                            "guest killed process="
                                    + process.pid()
                                    + " cause=it took "
                                    + (resident >> 20)
                                    + " MiB of memory and may take "
                                    + (limitBytes >> 20));
            process.kill();
            return false;
        } catch (IOException gone) {
            LOG.log(System.Logger.Level.DEBUG, () -> "memory of process=" + process.pid());
            return false;
        }
    }
}
