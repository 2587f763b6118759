// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.sparegrid.agent.service.UserService;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `service install` and `service remove`.
@Command(name = "service", description = "Run the agent as a service of your own systemd.")
final class ServiceCommand {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Command(name = "install", description = "Write the unit and start it.")
    int install() throws IOException, InterruptedException {
        AgentCommand.refuseRoot();
        String launcher = System.getProperty("sparegrid.launcher", "");
        if (launcher.isEmpty()) {
            throw new IOException("start this command with bin/sparegrid-agent");
        }
        print(service().install(Path.of(launcher), agent.home()));
        return ExitCodes.OK;
    }

    @Command(name = "remove", description = "Stop the service and remove its unit.")
    int remove() throws IOException, InterruptedException {
        AgentCommand.refuseRoot();
        print(service().remove());
        return ExitCodes.OK;
    }

    private static UserService service() {
        return new UserService(System.getenv());
    }

    private void print(String text) {
        agent.print("sparegrid-agent.service/1", Map.of("done", text), text);
    }
}
