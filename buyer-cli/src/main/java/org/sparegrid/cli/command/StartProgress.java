// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.ProgressLine;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseProgress;

/// Follows the starts of an order's machines and times their parts. One thread uses it.
final class StartProgress {
    private final long startNanos;
    private final Map<String, Machine> machines = new LinkedHashMap<>();

    /// A part that has ended.
    ///
    /// @param took how long
    record Ended(String machine, StartPhase phase, Duration took, String detail) {
        /// A line for those who don't look on.
        String line() {
            return String.format(
                            "%-8s %-8s %12s  %s",
                            machine, Words.of(phase), Plain.span(took), detail)
                    .stripTrailing();
        }
    }

    private static final class Machine {
        private StartPhase phase = StartPhase.MATCH;
        private long sinceNanos;
        private final Map<StartPhase, Duration> took = new EnumMap<>(StartPhase.class);
        private Lease lease;

        private Machine(Lease lease, long sinceNanos) {
            this.lease = lease;
            this.sinceNanos = sinceNanos;
        }
    }

    StartProgress(long startNanos) {
        this.startNanos = startNanos;
    }

    /// Takes in what a machine is like now; parts that were too short to be seen take no time.
    ///
    /// @param answers whether its ssh has answered
    /// @return the parts that have ended since
    List<Ended> observe(Lease lease, boolean answers, long nowNanos) {
        Machine machine =
                machines.computeIfAbsent(lease.name(), _ -> new Machine(lease, startNanos));
        machine.lease = lease;
        List<Ended> ended = new ArrayList<>();
        StartPhase now = StartPhase.of(lease, answers);
        while (machine.phase.compareTo(now) < 0) {
            Duration took = Duration.ofNanos(nowNanos - machine.sinceNanos);
            machine.took.put(machine.phase, took);
            ended.add(new Ended(lease.name(), machine.phase, took, detail(lease, machine.phase)));
            machine.phase = machine.phase.next();
            machine.sinceNanos = nowNanos;
        }
        return ended;
    }

    private static String detail(Lease lease, StartPhase phase) {
        return switch (phase) {
            case MATCH ->
                    "at "
                            + Plain.line(lease.sellerName())
                            + ", "
                            + Words.of(lease.acceleration())
                            + ", "
                            + Plain.amount(lease.pricePerHour())
                            + " an hour";
            case NETWORK -> lease.address();
            case READY -> "ssh answers";
            case FETCH, BOOT, DONE -> "";
        };
    }

    /// The table for those who look on: a row for each machine.
    List<String> table(int width, long nowNanos) {
        Table table =
                Table.of("machine", "match>", "fetch>", "boot>", "network>", "ready>", "now~");
        machines.forEach((name, machine) -> {
            List<String> row = new ArrayList<>(List.of(name));
            for (StartPhase phase : StartPhase.values()) {
                if (phase != StartPhase.DONE) {
                    row.add(cell(machine, phase, nowNanos));
                }
            }
            row.add(now(machine));
            table.row(row.toArray(String[]::new));
        });
        return table.lines(width);
    }

    private static String cell(Machine machine, StartPhase phase, long nowNanos) {
        Duration took = machine.took.get(phase);
        if (took != null) {
            return seconds(took);
        }
        return phase == machine.phase
                ? seconds(Duration.ofNanos(nowNanos - machine.sinceNanos))
                : "";
    }

    private static String seconds(Duration span) {
        return String.format("%.1f s", span.toMillis() / 1000.0);
    }

    private static String now(Machine machine) {
        LeaseProgress progress = machine.lease.progress();
        if (machine.phase == StartPhase.FETCH && progress.total() > 0) {
            String bar = ProgressLine.bar(progress.done(), progress.total());
            return bar.substring(bar.indexOf(']') + 1).strip();
        }
        return machine.phase == StartPhase.DONE ? "ready" : Words.state(machine.lease);
    }
}
