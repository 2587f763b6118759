// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.Console;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.diagnosis.AgentLog;
import org.sparegrid.agent.diagnosis.BugReport;
import org.sparegrid.agent.diagnosis.BugReport.Section;
import org.sparegrid.agent.diagnosis.Redaction;
import org.sparegrid.agent.doctor.Doctor;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.identity.NotJoinedException;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.status.OwnerCommand;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.agent.status.StatusSocket;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `bugreport`.
@Command(
        name = "bugreport",
        description = {
            "Collect what somebody needs who mends the agent, without names, addresses or",
            "keys. All of it is shown first, and written to a file only if you agree;",
            "nothing is sent."
        })
final class BugReportCommand implements Callable<Integer> {
    private static final int LOG_LINES = 300;
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'sparegrid-bugreport-'yyyyMMdd-HHmmss'.txt'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Option(names = "--yes", description = "Write it without asking.")
    private boolean yes;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Write it there; if not given, to a new file in this folder.")
    private String output = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
        BugReport report = new BugReport(sections()).with(redaction());
        agent.print("sparegrid-agent.bugreport/1", report, report.text());
        Path file = Path.of(output.isEmpty() ? NAME.format(Instant.now()) : output);
        if (mayWrite(file)) {
            AtomicFile.write(file.toAbsolutePath(), report.toBytes());
            agent.err().println("written to " + file.toAbsolutePath());
        } else {
            agent.err().println("nothing was written");
        }
        return ExitCodes.OK;
    }

    private boolean mayWrite(Path file) {
        // Without a terminal there may be no console, or one that nobody reads.
        Optional<Console> console =
                Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (yes || console.isEmpty()) {
            return yes;
        }
        String answer =
                console.get()
                        .readLine(
                                "This is all of it. Look for what you wouldn't tell."
                                        + " Write it to %s? [y/N] ",
                                file);
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
    }

    private List<Section> sections() throws IOException, InterruptedException {
        Folders folders = agent.folders();
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("versions", versions()));
        sections.add(new Section("settings", file(folders.settings())));
        sections.add(new Section("status", status(folders)));
        sections.add(
                new Section("doctor", DoctorCommand.text(new Doctor(folders, false).examine())));
        sections.add(
                new Section(
                        "log", String.join("\n", new AgentLog(folders.logs()).last(LOG_LINES))));
        sections.add(
                new Section(
                        "libvirtd's log",
                        String.join("\n", AgentLog.last(folders.libvirtLog(), LOG_LINES))));
        return sections;
    }

    private static String versions() throws IOException {
        return VersionCommand.text()
                + "\n"
                + file(Path.of("/proc/version"))
                + file(Path.of("/etc/os-release"));
    }

    private static String file(Path file) throws IOException {
        return Files.isReadable(file) ? Files.readString(file) : "there is no " + file + "\n";
    }

    private static String status(Folders folders) {
        try {
            Optional<StatusReport> report =
                    StatusSocket.ask(folders.controlSocket(), new OwnerCommand.Report());
            return report.map(StatusCommand::text).orElse("no agent runs");
        } catch (IOException silent) {
            return "the agent does not answer: " + silent.getMessage();
        }
    }

    /// Names that this computer and its owner have.
    private Redaction redaction() throws IOException {
        Map<String, String> words = new HashMap<>();
        words.put(InetAddress.getLocalHost().getHostName(), "<host>");
        words.put(System.getProperty("user.name", ""), "<user>");
        words.put(System.getProperty("user.home", ""), "~");
        Folders folders = agent.folders();
        words.put(folders.data().toString(), "<data>");
        try {
            Identity identity = Identity.load(folders.data());
            words.put(identity.seller().value(), "<seller>");
            words.put(String.valueOf(identity.coordinator().getHost()), "<coordinator>");
        } catch (NotJoinedException none) {
            words.put("not joined", "not joined");
        }
        return new Redaction(words);
    }
}
