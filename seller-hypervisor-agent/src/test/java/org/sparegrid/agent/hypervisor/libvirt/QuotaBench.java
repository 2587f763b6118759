// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.sparegrid.agent.process.ProcessId;

/// Measures how well a process that wants all of a processor is held to a part of it. Run by
/// `bin/bench seller`.
public final class QuotaBench {
    private QuotaBench() {}

    /// `SECONDS`: how long for each part.
    public static void main(String[] arguments) throws Exception {
        long seconds = Long.parseLong(arguments[0]);
        Process burner = new ProcessBuilder("sh", "-c", "while :; do :; done").inheritIO().start();
        try (ProcessorQuota quota = new ProcessorQuota()) {
            ProcessId process = ProcessId.of(burner.pid()).orElseThrow();
            for (int percent : new int[] {50, 25, 10}) {
                quota.limit(process, 1, percent);
                Thread.sleep(500);
                long start = System.nanoTime();
                long before = ticks(burner.pid());
                Thread.sleep(seconds * 1000);
                double used = (ticks(burner.pid()) - before) * 10.0;
                double share = used * 100 / ((System.nanoTime() - start) / 1e6);
                System.out.printf(
                        Locale.ROOT, "cap-%d: %.2f percent of a processor%n", percent, share);
            }
        } finally {
            burner.destroyForcibly();
        }
    }

    private static long ticks(long pid) throws Exception {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
