// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.Tool;

/// A unit of the user's own systemd, which needs no root. It is started with the user's first
/// session, and at boot if the user lingers.
public final class UserService {
    /// What the unit is called.
    public static final String NAME = "sparegrid-agent.service";

    private static final Duration TOOL_MAX = Duration.ofSeconds(30);

    private final Path unit;
    private final Control control;

    /// The user's systemd.
    interface Control {
        /// Does what the words say; what it said if that failed.
        Optional<String> run(String... words) throws IOException, InterruptedException;
    }

    /// The unit in this environment.
    public UserService(Map<String, String> environment) {
        this(environment, UserService::systemctl);
    }

    UserService(Map<String, String> environment, Control control) {
        this.control = control;
        String named = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path home = Path.of(environment.getOrDefault("HOME", "/"));
        Path configuration = named.startsWith("/") ? Path.of(named) : home.resolve(".config");
        this.unit = configuration.resolve("systemd/user").resolve(NAME);
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
    public static String text(Path launcher, String home) {
        String folder = home.isEmpty() ? "" : " --home " + quoted(home);
        return """
        # Written by sparegrid-agent service install.
        [Unit]
        Description=Sparegrid seller agent
        StartLimitIntervalSec=600
        StartLimitBurst=10

        [Service]
        ExecStart=%s run%s
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

        [Install]
        WantedBy=default.target
        """
                .formatted(quoted(launcher.toString()), folder);
    }

    /// Writes the unit and starts it, if systemd runs for this user.
    ///
    /// @return what was done and what is left to do
    public String install(Path launcher, String home) throws IOException, InterruptedException {
        Files.createDirectories(unit.resolveSibling("."));
        AtomicFile.write(unit, text(launcher, home).getBytes(StandardCharsets.UTF_8));
        String done = "wrote " + unit + "\n";
        if (control.run("daemon-reload").isPresent()) {
            return done
                    + "systemd does not run for this user; once it does:"
                    + " systemctl --user enable --now "
                    + NAME
                    + "\n";
        }
        Optional<String> failed = control.run("enable", "--now", NAME);
        if (failed.isPresent()) {
            throw new IOException("starting the service: " + failed.get());
        }
        return done + "it runs; to have it run without a session: loginctl enable-linger\n";
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
        failed = failed.isPresent() ? failed : control.run("daemon-reload");
        return "removed " + unit + (failed.isPresent() ? "; systemd: " + failed.get() : "") + "\n";
    }

    /// Runs systemctl; what it said if that failed.
    private static Optional<String> systemctl(String... words)
            throws IOException, InterruptedException {
        Optional<Path> program = Tool.find("systemctl");
        if (program.isEmpty()) {
            return Optional.of("systemctl is missing");
        }
        String[] command = new String[words.length + 2];
        command[0] = program.get().toString();
        command[1] = "--user";
        System.arraycopy(words, 0, command, 2, words.length);
        Tool.Answer answer = Tool.run(TOOL_MAX, command);
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
