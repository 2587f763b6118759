// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.util.Map;
import java.util.concurrent.Callable;
import org.sparegrid.agent.release.InstalledProgram;
import org.sparegrid.protocol.ProtocolVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `version`.
@Command(name = "version", description = "Show the versions of the program and its protocols.")
final class VersionCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() {
        agent.print(
                "sparegrid-agent.version/1",
                Map.of("version", version(), "agentSession", ProtocolVersion.AGENT_SESSION),
                text());
        return ExitCodes.OK;
    }

    /// The versions for people.
    static String text() {
        return "sparegrid-agent "
                + version()
                + ", agent session "
                + ProtocolVersion.AGENT_SESSION
                + ", Java "
                + Runtime.version();
    }

    private static String version() {
        return InstalledProgram.version();
    }
}
