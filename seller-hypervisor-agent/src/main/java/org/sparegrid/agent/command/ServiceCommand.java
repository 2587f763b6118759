// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.Tool;
import org.sparegrid.agent.release.InstalledProgram;
import org.sparegrid.agent.service.AgentService;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `service install` and `service remove`.
@Command(name = "service", description = "Run the agent as a service of systemd.")
final class ServiceCommand {
    private static final Duration TOOL_MAX = Duration.ofSeconds(10);

    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Command(
            name = "install",
            description = {
                "Write the unit and start it: of your own systemd, or with --system of the",
                "computer's, which runs the agent from boot on."
            })
    int install(
            @Option(names = "--system", description = "Of the computer's systemd; needs root.")
                    boolean system,
            @Option(
                            names = "--as",
                            paramLabel = "USER",
                            defaultValue = "",
                            description = "With --system: the user it runs as.")
                    String account)
            throws IOException, InterruptedException {
        // The one that was installed: it starts whatever version is in use.
        Path launcher =
                InstalledProgram.launcher()
                        .orElseThrow(() ->
                                new IOException("start this command with bin/sparegrid-agent"));
        if (system) {
            checkAccount(account);
        } else if (!account.isEmpty()) {
            throw new IllegalArgumentException("--as USER is for service install --system only");
        }
        print(service(system, account).install(launcher, agent.home()));
        return ExitCodes.OK;
    }

    @Command(name = "remove", description = "Stop the service and remove its unit.")
    int remove(
            @Option(names = "--system", description = "Of the computer's systemd; needs root.")
                    boolean system)
            throws IOException, InterruptedException {
        print(service(system, "").remove());
        return ExitCodes.OK;
    }

    private static AgentService service(boolean system, String account) {
        if (!system) {
            AgentCommand.refuseRoot();
            return AgentService.ofUser(System.getenv());
        }
        if (Kernel.userId() != 0) {
            throw new IllegalArgumentException(
                    "only root changes the computer's services; put sudo before this command");
        }
        return AgentService.ofSystem(account);
    }

    /// Guests must never run as root.
    private static void checkAccount(String account) throws IOException, InterruptedException {
        if (!account.matches("[a-z_][a-z0-9_.-]{0,31}")) {
            throw new IllegalArgumentException(
                    "--as USER: expected the user that the agent runs as, got '" + account + "'");
        }
        Path id = Tool.find("id").orElseThrow(() -> new IOException("id is missing"));
        Tool.Answer answer = Tool.run(TOOL_MAX, id.toString(), "-u", account);
        if (answer.exitCode() != 0) {
            throw new IllegalArgumentException(
                    "--as "
                            + account
                            + ": there is no such user; make it: sudo adduser "
                            + account);
        }
        if (answer.output().strip().equals("0")) {
            throw new IllegalArgumentException(
                    "--as " + account + ": the agent never runs as root; name an ordinary user");
        }
    }

    private void print(String text) {
        agent.print("sparegrid-agent.service/1", Map.of("done", text), text);
    }
}
