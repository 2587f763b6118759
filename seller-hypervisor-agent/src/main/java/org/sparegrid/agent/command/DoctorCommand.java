// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.agent.selling.Doctor;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `doctor`.
@Command(
        name = "doctor",
        description = "Check everything that selling needs, and say how to mend what is missing.")
final class DoctorCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Doctor.Finding> findings = new Doctor(agent.folders()).examine();
        StringBuilder text = new StringBuilder();
        for (Doctor.Finding finding : findings) {
            text.append(
                            "%-8s"
                                    .formatted(
                                            finding.level() == Doctor.Level.OK
                                                    ? "ok"
                                                    : finding.level()))
                    .append(finding.subject())
                    .append(": ")
                    .append(finding.text())
                    .append('\n');
            if (!finding.fix().isEmpty()) {
                text.append("        fix: ").append(finding.fix()).append('\n');
            }
        }
        agent.print("sparegrid-agent.doctor/1", findings, text.toString());
        boolean fault = findings.stream().anyMatch(f -> f.level() == Doctor.Level.FAULT);
        return fault ? ExitCodes.FAILED : ExitCodes.OK;
    }
}
