// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.Tool;

/// A unit of systemd: of the user's own, which needs no root and is started with the user's first
/// session (at boot if the user lingers), or of the computer's, which runs it as some user.
public final class AgentService {
    /// What the unit is called.
    public static final String NAME = "sparegrid-agent.service";

    private static final Duration TOOL_MAX = Duration.ofSeconds(30);

    /// Around a service of the computer: it ranks among the computer's slices, of which those with
    /// the owner's programs are others. In the slice of all services, which has as much as that of
    /// all users, it would have half of the processors whenever no other service works.
    static final String SLICE = "sparegrid.slice";

    /// A hundredth of what any other has, beside others only. Not nothing, so that the agent still
    /// answers its coordinator while the owner's work takes all there is.
    private static final String GIVES_WAY = "CPUWeight=1\nIOWeight=1\n";

    private static final Path SYSTEM_UNITS = Path.of("/etc/systemd/system");

    private final Path unit;
    private final String account;
    private final Control control;

    /// The systemd in question.
    interface Control {
        /// Does what the words say; what it said if that failed.
        Optional<String> run(String... words) throws IOException, InterruptedException;
    }

    /// @param account whom the computer's systemd runs it as, or empty for the user's own systemd
    AgentService(Path unit, String account, Control control) {
        this.unit = unit;
        this.account = account;
        this.control = control;
    }

    /// The unit of the user's own systemd.
    public static AgentService ofUser(Map<String, String> environment) {
        return new AgentService(
                userUnit(environment), "", words -> systemctl(List.of("--user"), words));
    }

    /// The unit of the computer's systemd; installing and removing it needs root.
    ///
    /// @param account the user it runs as
    public static AgentService ofSystem(String account) {
        return new AgentService(
                SYSTEM_UNITS.resolve(NAME), account, words -> systemctl(List.of(), words));
    }

    static Path userUnit(Map<String, String> environment) {
        String named = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path home = Path.of(environment.getOrDefault("HOME", "/"));
        Path configuration = named.startsWith("/") ? Path.of(named) : home.resolve(".config");
        return configuration.resolve("systemd/user").resolve(NAME);
    }

    /// Where the unit is.
    public Path unit() {
        return unit;
    }

    /// The unit's text. Stopping or restarting the service leaves guests alone, so that an update
    /// is a restart.
    ///
    /// @param launcher the agent's start script
    /// @param home the agent's folder, or empty for the usual places
    String text(Path launcher, String home) {
        boolean ofUser = account.isEmpty();
        String folder = home.isEmpty() ? "" : " --home " + quoted(home);
        return """
        # Written by sparegrid-agent service install.
        [Unit]
        Description=Sparegrid seller agent
        %sStartLimitIntervalSec=600
        StartLimitBurst=10

        [Service]
        %sExecStart=%s run%s
        Restart=on-failure
        RestartSec=5
        # The agent alone is stopped; guests run on and are taken up again.
        KillMode=process
        TimeoutStopSec=90
        NoNewPrivileges=yes
        LimitCORE=0
        # The agent's own control group, beside which it makes one for each guest.
        Delegate=yes
        DelegateSubgroup=agent
        # All of it gives way to others; within it guests give way to the agent.
        %s
        [Install]
        WantedBy=%s
        """
                .formatted(
                        ofUser ? "" : "Wants=network-online.target\nAfter=network-online.target\n",
                        ofUser ? "" : "User=" + account + "\nCapabilityBoundingSet=\n",
                        quoted(launcher.toString()),
                        folder,
                        ofUser ? GIVES_WAY : "Slice=" + SLICE + "\n",
                        ofUser ? "default.target" : "multi-user.target");
    }

    static String sliceText() {
        return """
        # Written by sparegrid-agent service install.
        [Unit]
        Description=What Sparegrid computes for others

        [Slice]
        """
                + GIVES_WAY;
    }

    private Path slice() {
        return unit.resolveSibling(SLICE);
    }

    /// Writes the unit and starts it, if systemd runs for this user.
    ///
    /// @return what was done and what is left to do
    public String install(Path launcher, String home) throws IOException, InterruptedException {
        Files.createDirectories(unit.resolveSibling("."));
        if (!account.isEmpty()) {
            AtomicFile.write(slice(), sliceText().getBytes(StandardCharsets.UTF_8));
        }
        AtomicFile.write(unit, text(launcher, home).getBytes(StandardCharsets.UTF_8));
        String done = "wrote " + unit + "\n";
        if (control.run("daemon-reload").isPresent()) {
            return done
                    + "systemd does not run"
                    + (account.isEmpty() ? " for this user" : " here")
                    + "; once it does: systemctl "
                    + (account.isEmpty() ? "--user " : "")
                    + "enable --now "
                    + NAME
                    + "\n";
        }
        Optional<String> failed = control.run("enable", "--now", NAME);
        if (failed.isPresent()) {
            throw new IOException("starting the service: " + failed.get());
        }
        return done
                + (account.isEmpty()
                        ? "it runs; to have it run without a session: loginctl enable-linger\n"
                        : "it runs as " + account + "\n");
    }

    /// Stops and removes the unit; guests run on until the agent's `run --stop-guests`.
    ///
    /// @return what was done
    public String remove() throws IOException, InterruptedException {
        if (!Files.exists(unit)) {
            return "there is no " + unit + "\n";
        }
        Optional<String> failed = control.run("disable", "--now", NAME);
        AtomicFile.delete(unit);
        AtomicFile.delete(slice());
        failed = failed.isPresent() ? failed : control.run("daemon-reload");
        return "removed " + unit + (failed.isPresent() ? "; systemd: " + failed.get() : "") + "\n";
    }

    /// Runs systemctl; what it said if that failed.
    private static Optional<String> systemctl(List<String> options, String... words)
            throws IOException, InterruptedException {
        Optional<Path> program = Tool.find("systemctl");
        if (program.isEmpty()) {
            return Optional.of("systemctl is missing");
        }
        List<String> command = new ArrayList<>(List.of(program.get().toString()));
        command.addAll(options);
        command.addAll(List.of(words));
        Tool.Answer answer = Tool.run(TOOL_MAX, command.toArray(String[]::new));
        return answer.exitCode() == 0 ? Optional.empty() : Optional.of(answer.output().strip());
    }

    /// Source: systemd.service(5), command lines.
    private static String quoted(String word) {
        String escaped =
                word.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("%", "%%")
                        .replace("$", "$$");
        return "\"" + escaped + "\"";
    }
}
