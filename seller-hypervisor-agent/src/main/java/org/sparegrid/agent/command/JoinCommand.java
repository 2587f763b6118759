// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.identity.Join;
import org.sparegrid.protocol.JoinToken;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `join`.
@Command(
        name = "join",
        description = "Make this computer known to a coordinator, with a token from there.")
final class JoinCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Parameters(paramLabel = "TOKEN", description = "The whole token, sgj1.…")
    private String token = "";

    @Option(names = "--replace", description = "Forget the coordinator joined before.")
    private boolean replace;

    @Override
    public Integer call() throws IOException, InterruptedException {
        AgentCommand.refuseRoot();
        Folders folders = agent.folders();
        JoinToken parsed = JoinToken.parse(token.strip());
        folders.create();
        if (!replace && java.nio.file.Files.exists(folders.data().resolve("identity.json"))) {
            throw new IllegalArgumentException(
                    "this computer has joined "
                            + Identity.load(folders.data()).coordinator()
                            + " already; add --replace to leave it");
        }
        Identity identity = Join.enrol(parsed);
        identity.store(folders.data());
        agent.print(
                "sparegrid-agent.join/1",
                Map.of(
                        "coordinator",
                        identity.coordinator().toString(),
                        "seller",
                        identity.seller().value()),
                "Joined "
                        + identity.coordinator()
                        + " as seller "
                        + identity.seller()
                        + "\nNext: sparegrid-agent run");
        return ExitCodes.OK;
    }
}
