// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.sparegrid.agent.status.OwnerCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `resume`.
@Command(
        name = "resume",
        description = "Take back pause and only-idle: the settings alone hold again.")
final class ResumeCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException {
        WhyCommand.print(agent, StatusCommand.running(agent, new OwnerCommand.Resume()));
        return ExitCodes.OK;
    }
}
