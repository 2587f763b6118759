// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.sparegrid.agent.status.OwnerCommand;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.protocol.VolumeId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `volumes`.
@Command(
        name = "volumes",
        description = {
            "List what is kept on this computer's disk for buyers, or remove one of it.",
            "What may be kept is the setting volumes:",
            "sparegrid-agent offer set volumes='50 GiB'."
        },
        subcommands = VolumesCommand.Remove.class)
final class VolumesCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException {
        print(agent, StatusCommand.running(agent));
        return ExitCodes.OK;
    }

    AgentCommand agent() {
        return agent;
    }

    /// `volumes rm`.
    @Command(
            name = "rm",
            description = {
                "Remove a volume that no guest has, with all that its buyer wrote, for good.",
                "The buyer is told; what was earned until now stays."
            })
    static final class Remove implements Callable<Integer> {
        @ParentCommand private VolumesCommand volumes = new VolumesCommand();

        @Parameters(paramLabel = "VOLUME", description = "Its name, as volumes shows it.")
        private String volume = "";

        @Override
        public Integer call() throws IOException {
            AgentCommand agent = volumes.agent();
            print(
                    agent,
                    StatusCommand.running(
                            agent, new OwnerCommand.DropVolume(new VolumeId(volume))));
            return ExitCodes.OK;
        }
    }

    /// How much is kept, in one line.
    static String summary(StatusReport report) {
        long bytes = report.volumes().stream().mapToLong(StatusReport.Volume::bytes).sum();
        return "%d, %d GiB of at most %d GiB"
                .formatted(report.volumes().size(), bytes >> 30, report.volumeGibibytesMax());
    }

    private static void print(AgentCommand agent, StatusReport report) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%-18s %8s %-8s%n", "VOLUME", "GiB", "STATE"));
        for (StatusReport.Volume volume : report.volumes()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-18s %8d %s%n",
                            volume.volume(),
                            volume.bytes() >> 30,
                            state(volume)));
        }
        text.append(summary(report));
        agent.print("sparegrid-agent.volumes/1", report.volumes(), text.toString());
    }

    private static String state(StatusReport.Volume volume) {
        if (!volume.lease().isEmpty()) {
            return "in use by " + volume.lease();
        }
        return volume.empty() ? "empty" : "kept";
    }
}
