// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.identity.NotJoinedException;
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
        AgentService service;
        Folders folders = agent.folders();
        if (system) {
            requireRoot();
            AgentService.Account named = account(account);
            service = AgentService.ofSystem(named);
            folders = Folders.of(agent.home(), Map.of("HOME", named.home().toString()));
        } else if (account.isEmpty()) {
            AgentCommand.refuseRoot();
            service = AgentService.ofUser(System.getenv());
        } else {
            throw new IllegalArgumentException("--as USER is for service install --system only");
        }
        if (!Files.exists(folders.data().resolve("identity.json"))) {
            throw new NotJoinedException();
        }
        Path java = Path.of(System.getProperty("java.home"));
        print(service.install(launcher, java, agent.home()));
        return ExitCodes.OK;
    }

    @Command(name = "remove", description = "Stop the service and remove its unit.")
    int remove(
            @Option(names = "--system", description = "Of the computer's systemd; needs root.")
                    boolean system)
            throws IOException, InterruptedException {
        if (system) {
            requireRoot();
            print(AgentService.ofSystem(new AgentService.Account("nobody", Path.of("/"))).remove());
        } else {
            AgentCommand.refuseRoot();
            print(AgentService.ofUser(System.getenv()).remove());
        }
        return ExitCodes.OK;
    }

    private static void requireRoot() {
        if (Kernel.userId() != 0) {
            throw new IllegalArgumentException(
                    "only root changes the computer's services; put sudo before this command");
        }
    }

    /// Guests must never run as root.
    private static AgentService.Account account(String name)
            throws IOException, InterruptedException {
        if (!name.matches("[a-z_][a-z0-9_.-]{0,31}")) {
            throw new IllegalArgumentException(
                    "--as USER: expected the user that the agent runs as, got '" + name + "'");
        }
        Path getent = Tool.find("getent").orElseThrow(() -> new IOException("getent is missing"));
        Tool.Answer answer = Tool.run(TOOL_MAX, getent.toString(), "passwd", name);
        String[] fields = answer.output().strip().split(":", -1);
        if (answer.exitCode() != 0 || fields.length != 7) {
            throw new IllegalArgumentException(
                    "--as " + name + ": there is no such user; make it: sudo adduser " + name);
        }
        if (fields[2].equals("0")) {
            throw new IllegalArgumentException(
                    "--as " + name + ": the agent never runs as root; name an ordinary user");
        }
        return new AgentService.Account(name, Path.of(fields[5]));
    }

    private void print(String text) {
        agent.print("sparegrid-agent.service/1", Map.of("done", text), text);
    }
}
