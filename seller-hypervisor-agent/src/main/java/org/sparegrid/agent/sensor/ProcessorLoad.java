// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// How much of the processors all programs but the guests use, between two looks.
final class ProcessorLoad {
    private final Path proc;
    private Map<Long, Long> guestTicks = Map.of();
    private long busyTicks = -1;
    private long totalTicks;

    ProcessorLoad(Path proc) {
        this.proc = proc;
    }

    /// In percent of all processors since the last call; 0 at the first.
    int othersPercent(Collection<Long> guests) {
        Map<Long, Long> nowTicks = new HashMap<>();
        long guestsUsed = 0;
        for (long pid : guests) {
            long used = ticks(pid);
            nowTicks.put(pid, used);
            guestsUsed += used - guestTicks.getOrDefault(pid, used);
        }
        guestTicks = nowTicks;
        long busy = 0;
        long total = 0;
        String[] words = firstLine().split(" +", -1);
        for (int i = 1; i < Math.min(words.length, 9); i++) {
            long value = words[i].matches("[0-9]{1,18}") ? Long.parseLong(words[i]) : 0;
            total += value;
            // The fourth and the fifth are idle and waiting for disks.
            busy += i == 4 || i == 5 ? 0 : value;
        }
        long passed = total - totalTicks;
        long others = busy - busyTicks - guestsUsed;
        boolean first = busyTicks < 0;
        busyTicks = busy;
        totalTicks = total;
        return first || passed <= 0 ? 0 : Math.clamp(others * 100 / passed, 0, 100);
    }

    private String firstLine() {
        return HostFiles.text(proc.resolve("stat")).orElse("").lines().findFirst().orElse("");
    }

    private long ticks(long pid) {
        String stat = HostFiles.text(proc.resolve(pid + "/stat")).orElse("");
        int end = stat.lastIndexOf(')');
        String[] fields = stat.substring(end + 1).strip().split(" ", -1);
        return end < 0 || fields.length < 13
                ? 0
                : Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
