// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.sparegrid.agent.status.OwnerCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `only-idle`.
@Command(
        name = "only-idle",
        description = "Let guests run only while nobody uses this computer, until resume.")
final class OnlyIdleCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException {
        WhyCommand.print(agent, StatusCommand.running(agent, new OwnerCommand.OnlyIdle()));
        return ExitCodes.OK;
    }
}
