// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.sparegrid.agent.accel.Probe;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.SettingsException;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.selftest.CardTrial;
import org.sparegrid.agent.selftest.SelfTest;
import org.sparegrid.agent.selling.AgentLock;
import org.sparegrid.agent.selling.Hypervisors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// Tests the computer with a guest of our own.
@Command(
        name = "selftest",
        description = {
            "Boot a guest of our own and have it try what a buyer's guest needs.",
            "The agent does the same before it sells. Takes some seconds; guests run on."
        })
final class SelfTestCommand implements Callable<Integer> {
    /// Not the running agent's own test.
    private static final String NAME = "sg-test-by-hand";

    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException, InterruptedException, SettingsException {
        Folders folders = agent.folders();
        folders.create();
        Settings settings = SettingsFile.load(folders.settings());
        Probe.Outcome probe =
                new Probe(folders.data(), folders.runtime().resolve("p"))
                        .run(settings.acceleration());
        if (!probe.works()) {
            throw new IOException("guests can't run: " + probe.reason());
        }
        try (AgentLock alone = AgentLock.forTest(folders).orElse(null);
                Hypervisor hypervisor = Hypervisors.find(folders, probe.acceleration())) {
            try {
                SelfTest.Outcome outcome =
                        new CardTrial(settings.guestCard(), folders.data(), InstantSource.system())
                                .run(hypervisor, NAME, probe.acceleration(), folders.disks());
                StringBuilder text = new StringBuilder();
                for (Confinement.Finding finding : outcome.confinement().findings()) {
                    text.append(finding.holds() ? "ok: " : "FAULT: ")
                            .append("confined: ")
                            .append(finding.text())
                            .append('\n');
                }
                outcome.checks().forEach(check -> text.append(check.line()).append('\n'));
                agent.print("sparegrid-agent.selftest/1", outcome, text.toString());
                return outcome.passes() ? ExitCodes.OK : ExitCodes.FAILED;
            } finally {
                if (alone != null && hypervisor.names().isEmpty()) {
                    hypervisor.shutDown();
                }
            }
        }
    }
}
