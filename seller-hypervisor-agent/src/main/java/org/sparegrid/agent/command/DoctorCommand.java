// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.agent.doctor.Doctor;
import org.sparegrid.agent.doctor.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `doctor`.
@Command(
        name = "doctor",
        description = "Check everything that selling needs, and say how to mend what is missing.")
final class DoctorCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Option(
            names = "--fix",
            description = "Mend what belongs to the agent alone; the rest is only told.")
    private boolean mend;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Finding> findings = new Doctor(agent.folders(), mend).examine();
        agent.print("sparegrid-agent.doctor/1", findings, text(findings));
        boolean fault =
                findings.stream().anyMatch(f -> f.level() == Finding.Level.FAULT && !f.mended());
        return fault ? ExitCodes.FAILED : ExitCodes.OK;
    }

    /// The findings for people.
    static String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            String word = finding.mended() ? "MENDED" : finding.level().name();
            text.append("%-8s".formatted(finding.level() == Finding.Level.OK ? "ok" : word))
                    .append(finding.subject())
                    .append(": ")
                    .append(finding.text());
            if (!finding.fix().isEmpty()) {
                text.append(" [").append(finding.id()).append(']');
            }
            text.append('\n');
            if (!finding.fix().isEmpty() && !finding.mended()) {
                text.append("        fix: ").append(finding.fix()).append('\n');
            }
        }
        return text.toString();
    }
}
