// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.sparegrid.agent.status.StatusReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `vms`.
@Command(name = "vms", description = "List the guests on this computer.")
final class VmsCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException {
        StatusReport report = StatusCommand.running(agent);
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-16s %-10s %8s %8s %9s %9s %9s%n",
                        "LEASE",
                        "STAGE",
                        "PID",
                        "RUN s",
                        "CPU s",
                        "RECV KiB",
                        "SENT KiB"));
        for (StatusReport.Machine vm : report.machines()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-16s %-10s %8d %8d %9.1f %9d %9d%n",
                            vm.lease(),
                            vm.stage().toLowerCase(Locale.ROOT),
                            vm.pid(),
                            vm.runSeconds(),
                            vm.cpuSeconds(),
                            vm.receivedBytes() >> 10,
                            vm.sentBytes() >> 10));
            vm.disc().forEach(disc -> text.append(line(disc)));
            vm.refusedFrames()
                    .forEach((reason, frames) ->
                            text.append(
                                    String.format(
                                            Locale.ROOT,
                                            "%-16s refused frames: %s %d%n",
                                            "",
                                            reason,
                                            frames)));
        }
        agent.print("sparegrid-agent.vms/1", report.machines(), text.toString());
        return ExitCodes.OK;
    }

    private static String line(StatusReport.Disc disc) {
        return String.format(
                Locale.ROOT,
                "%-16s disc: %d of %d MB here (%d %%); waited %.1f s for it in all, %d stalls%s%n",
                "",
                disc.presentBytes() / 1_000_000,
                disc.totalBytes() / 1_000_000,
                disc.presentBytes() * 100 / disc.totalBytes(),
                disc.waitedMillis() / 1e3,
                disc.stalls(),
                disc.waiting() ? "; waits now" : "");
    }
}
