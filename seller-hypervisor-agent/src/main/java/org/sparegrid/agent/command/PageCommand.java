// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `page`.
@Command(
        name = "page",
        description = "Print the address of the owner's page, with its secret, for the browser.")
final class PageCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException {
        String address = StatusCommand.running(agent).page();
        agent.print("sparegrid-agent.page/1", Map.of("address", address), address);
        return ExitCodes.OK;
    }
}
