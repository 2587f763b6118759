// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.util.Map;
import java.util.concurrent.Callable;
import org.sparegrid.protocol.ProtocolVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `version`.
@Command(name = "version", description = "Show the versions of the program and its protocols.")
final class VersionCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() {
        String named = VersionCommand.class.getPackage().getImplementationVersion();
        String version = named == null ? "development" : named;
        agent.print(
                "sparegrid-agent.version/1",
                Map.of("version", version, "agentSession", ProtocolVersion.AGENT_SESSION),
                "sparegrid-agent "
                        + version
                        + ", agent session "
                        + ProtocolVersion.AGENT_SESSION
                        + ", Java "
                        + Runtime.version());
        return ExitCodes.OK;
    }
}
