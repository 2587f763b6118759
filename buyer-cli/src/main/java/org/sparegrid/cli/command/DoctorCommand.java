// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.cli.bridge.DaemonLauncher;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.Settings;
import picocli.CommandLine.Command;

/// `doctor`.
@Command(
        name = "doctor",
        description = "Check this computer and the account; each finding ends with a fix.",
        footer = "Exit code 0 if nothing is broken; hints about optional parts don't count.")
final class DoctorCommand extends DataCommand {
    /// How bad a finding is.
    enum Grade {
        OK,
        HINT,
        BROKEN
    }

    /// What was looked at.
    ///
    /// @param fix what to do, or empty
    record Finding(String id, Grade grade, String cause, String fix) {}

    private record Findings(List<Finding> findings) {}

    @Override
    int run() throws IOException, InterruptedException {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(program("ssh", "openssh-client", "vm ssh, exec and cp", Grade.BROKEN));
        findings.add(program("ssh-keygen", "openssh-client", "run", Grade.BROKEN));
        findings.addAll(account());
        findings.add(device());
        for (String tool : List.of("xorriso", "mksquashfs", "unsquashfs", "unshare")) {
            String where =
                    tool.equals("xorriso")
                            ? tool
                            : tool.equals("unshare") ? "util-linux" : "squashfs-tools";
            findings.add(program(tool, where, "image build", Grade.HINT));
        }
        print("sparegrid.doctor/1", new Findings(findings), () -> show(findings));
        return findings.stream().anyMatch(f -> f.grade() == Grade.BROKEN)
                ? ExitCode.FAILED.number()
                : 0;
    }

    private static Finding java() {
        int feature = Runtime.version().feature();
        return feature >= 25
                ? new Finding("java", Grade.OK, "Java " + Runtime.version(), "")
                : new Finding(
                        "java",
                        Grade.BROKEN,
                        "Java " + feature + " is too old",
                        "Install JDK 25 or newer and set JAVA_HOME");
    }

    private Finding program(String name, String debianPackage, String needed, Grade missing) {
        for (String folder :
                shell().environment().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, name))) {
                return new Finding(name, Grade.OK, folder + "/" + name, "");
            }
        }
        return new Finding(
                name,
                missing,
                name + " is missing; " + needed + " needs it",
                "Run apt-get install " + debianPackage);
    }

    private List<Finding> account() throws IOException, InterruptedException {
        Optional<Settings> settings = shell().context().settings();
        if (settings.isEmpty()) {
            return List.of(
                    new Finding(
                            "coordinator",
                            Grade.BROKEN,
                            "no coordinator is set",
                            "Run sparegrid register URL --authority-sha256 HEX --email ADDRESS"));
        }
        Optional<String> token = shell().context().token(shell().environment());
        try {
            String email = Coordinator.at(settings.get(), token).account().email();
            return List.of(
                    reached(settings.get()),
                    new Finding("session", Grade.OK, "logged in as " + email, ""));
        } catch (RefusedException refused) {
            return List.of(
                    reached(settings.get()),
                    new Finding(
                            "session",
                            Grade.BROKEN,
                            "the session is not accepted: " + refused.getMessage(),
                            "Run sparegrid login"));
        } catch (IOException unreachable) {
            return List.of(
                    new Finding(
                            "coordinator",
                            Grade.BROKEN,
                            String.valueOf(unreachable.getMessage()),
                            "Check the network, or run sparegrid login URL"
                                    + " --authority-sha256 HEX with what its operator says"));
        }
    }

    private static Finding reached(Settings settings) {
        return new Finding(
                "coordinator",
                Grade.OK,
                settings.coordinator()
                        + ", authority "
                        + settings.authority().substring(0, 12)
                        + "…",
                "");
    }

    private static Finding device() throws IOException {
        return DaemonLauncher.mayMakeDevices()
                ? new Finding("tap", Grade.OK, "net up can make a network device", "")
                : new Finding(
                        "tap",
                        Grade.HINT,
                        "net up can't make a network device; only vm commands reach machines",
                        "Run net up as root where /dev/net/tun exists");
    }

    private void show(List<Finding> findings) {
        for (Finding finding : findings) {
            String grade =
                    switch (finding.grade()) {
                        case OK -> terminal().good("ok    ");
                        case HINT -> terminal().bold("hint  ");
                        case BROKEN -> terminal().bad("BROKEN");
                    };
            Wrap.lines(finding.id() + ": " + finding.cause(), terminal().width() - 8)
                    .forEach(line ->
                            terminal()
                                    .print(
                                            line.startsWith(" ")
                                                    ? "        " + line
                                                    : grade + "  " + line));
            if (!finding.fix().isEmpty()) {
                terminal().print("        fix: " + finding.fix());
            }
        }
    }
}
