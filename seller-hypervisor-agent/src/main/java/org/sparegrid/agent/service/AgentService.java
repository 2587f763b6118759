// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.Tool;
import org.sparegrid.agent.service.UnitText.Program;

/// A unit of systemd: of the user's own, which needs no root and is started with the user's first
/// session (at boot if the user lingers), or of the computer's, which runs it as some user.
public final class AgentService {
    /// What the unit is called.
    public static final String NAME = "sparegrid-agent.service";

    /// Around a service of the computer: it ranks among the computer's slices, of which those with
    /// the owner's programs are others. In the slice of all services, which has as much as that of
    /// all users, it would have half of the processors whenever no other service works.
    static final String SLICE = "sparegrid.slice";

    /// More than a start or a stop may take by the unit.
    private static final Duration CONTROL_MAX = Duration.ofSeconds(330);

    private static final Duration TOOL_MAX = Duration.ofSeconds(30);

    private static final Path SYSTEM_UNITS = Path.of("/etc/systemd/system");

    private final Path unit;
    private final Account account;
    private final Control control;

    /// Whom it runs as.
    ///
    /// @param name whom the computer's systemd runs it as, or empty for the user's own systemd
    /// @param home this user's home
    public record Account(String name, Path home) {
        boolean isOwn() {
            return name.isEmpty();
        }
    }

    /// The systemd in question.
    interface Control {
        /// Does what the words say.
        Tool.Answer run(String... words) throws IOException, InterruptedException;
    }

    AgentService(Path unit, Account account, Control control) {
        this.unit = unit;
        this.account = account;
        this.control = control;
    }

    /// The unit of the user's own systemd.
    public static AgentService ofUser(Map<String, String> environment) {
        return new AgentService(
                userUnit(environment),
                new Account("", Path.of(environment.getOrDefault("HOME", "/"))),
                words -> systemctl(List.of("--user"), words));
    }

    /// The unit of the computer's systemd; installing and removing it needs root.
    ///
    /// @param account the user it runs as
    public static AgentService ofSystem(Account account) {
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

    /// The unit's text.
    String text(Path launcher, Path java, String home) {
        Program program = new Program(launcher, java, home);
        return account.isOwn() ? UnitText.ofUser(program) : UnitText.ofSystem(program, account);
    }

    private Path slice() {
        return unit.resolveSibling(SLICE);
    }

    /// Writes the unit and starts it, if systemd runs for this user; one that runs is started anew
    /// with what changed. Returns when it works.
    ///
    /// @param launcher the agent's start script
    /// @param java the folder of the Java that it takes
    /// @param home the agent's folder, or empty for the usual places
    /// @return what was done and what is left to do
    public String install(Path launcher, Path java, String home)
            throws IOException, InterruptedException {
        Files.createDirectories(unit.resolveSibling("."));
        if (!account.isOwn()) {
            write(slice(), UnitText.slice());
        }
        write(unit, text(launcher, java, home));
        String done = "wrote " + unit + "\n";
        if (failed("daemon-reload").isPresent()) {
            return done
                    + "systemd does not run"
                    + (account.isOwn() ? " for this user" : " here")
                    + "; once it does: systemctl "
                    + (account.isOwn() ? "--user " : "")
                    + "enable --now "
                    + NAME
                    + "\n";
        }
        for (String step : List.of("enable", "restart")) {
            Optional<String> failed = failed(step, NAME);
            if (failed.isPresent()) {
                throw new IOException("starting the service: " + failed.get());
            }
        }
        String says = control.run("show", "--property=StatusText", "--value", NAME).output();
        return done
                + "it runs"
                + (account.isOwn() ? "" : " as " + account.name())
                + (says.isBlank() ? "" : ": " + says.strip())
                + "\n"
                + (account.isOwn()
                        ? "to have it run without a session: loginctl enable-linger\n"
                        : "");
    }

    /// Anybody may read what systemd runs.
    private static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    /// Stops and removes the unit; guests run on until the agent's `run --stop-guests`.
    ///
    /// @return what was done
    public String remove() throws IOException, InterruptedException {
        if (!Files.exists(unit)) {
            return "there is no " + unit + "\n";
        }
        Optional<String> failed = failed("disable", "--now", NAME);
        AtomicFile.delete(unit);
        AtomicFile.delete(slice());
        failed = failed.isPresent() ? failed : failed("daemon-reload");
        if (failed.isEmpty()) {
            // Of one that had failed systemd would go on telling; else it refuses.
            control.run("reset-failed", NAME);
        }
        return "removed " + unit + failed.map(words -> "; systemd: " + words).orElse("") + "\n";
    }

    private Optional<String> failed(String... words) throws IOException, InterruptedException {
        Tool.Answer answer = control.run(words);
        return answer.exitCode() == 0 ? Optional.empty() : Optional.of(answer.output().strip());
    }

    private static Tool.Answer systemctl(List<String> options, String... words)
            throws IOException, InterruptedException {
        Optional<Path> program = Tool.find("systemctl");
        if (program.isEmpty()) {
            return new Tool.Answer(1, "systemctl is missing");
        }
        List<String> command = new ArrayList<>(List.of(program.get().toString()));
        command.addAll(options);
        command.addAll(List.of(words));
        boolean waits = List.of(words).contains(NAME);
        return Tool.run(waits ? CONTROL_MAX : TOOL_MAX, command.toArray(String[]::new));
    }
}
