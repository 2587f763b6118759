// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.agent.accel.Probe;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.SettingsException;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.identity.NotJoinedException;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.Tool;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.agent.status.StatusSocket;
import org.sparegrid.protocol.market.Acceleration;

/// Looks at everything that selling needs.
public final class Doctor {
    private static final long FREE_BYTES_MIN = 2L << 30;
    private static final Duration CLOCK_MAX = Duration.ofSeconds(30);
    private static final String INSTALL = "sudo apt-get install ";

    private final Folders folders;
    private final List<Finding> findings = new ArrayList<>();

    /// Examines the agent that keeps its things in `folders`.
    public Doctor(Folders folders) {
        this.folders = folders;
    }

    /// How bad a finding is.
    public enum Level {
        /// As it should be.
        OK,
        /// Works, but not as well as it could.
        ADVICE,
        /// Selling does not work like this.
        FAULT
    }

    /// One thing that was looked at.
    ///
    /// @param fix the command that mends it, or what to do; empty if nothing is wrong
    public record Finding(Level level, String subject, String text, String fix) {}

    /// Examines everything; takes some seconds.
    public List<Finding> examine() throws IOException, InterruptedException {
        if (Kernel.userId() == 0) {
            fault("user", "this is root", "su - USER -c 'sparegrid-agent doctor'");
            return findings;
        }
        ok("user", "an ordinary user, number " + Kernel.userId());
        java();
        boolean programs = programs();
        boolean namespaces = namespaces();
        Settings settings = settings();
        disk();
        if (programs && namespaces && settings != null) {
            guests(settings);
        }
        coordinator();
        return findings;
    }

    private void java() {
        int release = Runtime.version().feature();
        if (release >= 25) {
            ok("Java", String.valueOf(Runtime.version()));
        } else {
            fault(
                    "Java",
                    "release " + release + " is too old",
                    INSTALL + "openjdk-25-jre-headless");
        }
    }

    private boolean programs() {
        boolean all = program("QEMU", "qemu-system-x86_64", "qemu-system-x86");
        all &= program("qemu-img", "qemu-img", "qemu-utils");
        all &= program("libvirtd", "libvirtd", "libvirt-daemon libvirt-daemon-driver-qemu");
        all &= program("bubblewrap", "bwrap", "bubblewrap");
        return all;
    }

    private boolean program(String subject, String name, String packages) {
        return Tool.find(name)
                .map(path -> ok(subject, path.toString()))
                .orElseGet(() -> fault(subject, name + " is missing", INSTALL + packages));
    }

    private boolean namespaces() throws IOException, InterruptedException {
        var bubblewrap = Tool.find("bwrap");
        if (bubblewrap.isEmpty()) {
            return false;
        }
        Tool.Answer answer =
                Tool.run(
                        Duration.ofSeconds(10),
                        bubblewrap.get().toString(),
                        "--unshare-user",
                        "--unshare-net",
                        "--ro-bind",
                        "/",
                        "/",
                        "true");
        return answer.exitCode() == 0
                ? ok("namespaces", "users and networks can be separated without root")
                : fault(
                        "namespaces",
                        "bubblewrap can't make them: " + answer.output().strip(),
                        "sudo sysctl -w kernel.unprivileged_userns_clone=1"
                                + " kernel.apparmor_restrict_unprivileged_userns=0");
    }

    private @org.jspecify.annotations.Nullable Settings settings() throws IOException {
        try {
            Settings settings = SettingsFile.load(folders.settings());
            ok(
                    "settings",
                    folders.settings()
                            + (Files.exists(folders.settings()) ? "" : " (none: defaults)"));
            return settings;
        } catch (SettingsException bad) {
            fault("settings", String.valueOf(bad.getMessage()), "edit " + folders.settings());
            return null;
        }
    }

    private void disk() throws IOException {
        folders.create();
        long free = Files.getFileStore(folders.data()).getUsableSpace();
        String text = (free >> 20) + " MiB free for " + folders.data();
        if (free >= FREE_BYTES_MIN) {
            ok("disk", text);
        } else {
            fault("disk", text + "; images need 2048 MiB", "use another folder with --home DIR");
        }
    }

    private void guests(Settings settings) throws IOException, InterruptedException {
        Probe.Outcome probe =
                new Probe(folders.data(), folders.runtime().resolve("p"))
                        .run(settings.acceleration());
        if (!probe.works()) {
            fault("KVM", probe.reason(), "sparegrid-agent offer set accel=auto");
        } else if (probe.acceleration() == Acceleration.KVM) {
            ok("KVM", probe.reason());
        } else if (settings.sellEmulated()) {
            ok("KVM", probe.reason() + "; guests are emulated, as you allowed");
        } else {
            fault(
                    "KVM",
                    probe.reason() + "; emulated guests are riskier and not sold unasked",
                    "sparegrid-agent offer set sell-emulated=true");
        }
        var running = StatusSocket.ask(folders.controlSocket());
        if (running.isPresent()) {
            StatusReport report = running.get();
            confinement(report.confined(), String.join("; ", report.confinement()));
            return;
        }
        try (Hypervisor hypervisor = Hypervisors.find(folders, probe.acceleration())) {
            try {
                Confinement found = SelfTest.run(hypervisor, probe.acceleration());
                ok("libvirt", hypervisor.description());
                confinement(
                        found.holds(), found.findings().size() + " checks of libvirtd and QEMU");
            } finally {
                if (hypervisor.names().isEmpty()) {
                    hypervisor.shutDown();
                }
            }
        } catch (IOException failed) {
            fault(
                    "libvirt",
                    String.valueOf(failed.getMessage()),
                    INSTALL + "libvirt-daemon libvirt-daemon-driver-qemu libvirt0");
        }
    }

    private void confinement(boolean holds, String text) {
        if (holds) {
            ok("confinement", text);
        } else {
            fault("confinement", text, "report this output to the developers");
        }
    }

    private void coordinator() throws InterruptedException {
        try {
            Identity identity = Identity.load(folders.data());
            try (HttpClient client =
                    HttpClient.newBuilder()
                            .sslContext(identity.tls())
                            .connectTimeout(Duration.ofSeconds(5))
                            .build()) {
                HttpResponse<Void> answer =
                        client.send(
                                HttpRequest.newBuilder(identity.coordinator().resolve("/v1/health"))
                                        .timeout(Duration.ofSeconds(10))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding());
                ok("coordinator", identity.coordinator() + " answers " + answer.statusCode());
                clock(answer.headers().firstValue("Date").orElse(""));
            }
        } catch (NotJoinedException notYet) {
            advice(
                    "coordinator",
                    String.valueOf(notYet.getMessage()),
                    "sparegrid-agent join TOKEN");
        } catch (IOException unreachable) {
            fault(
                    "coordinator",
                    "not reachable: " + unreachable,
                    "check this computer's network and that the coordinator runs");
        }
    }

    private void clock(String date) {
        Instant theirs;
        try {
            theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        } catch (DateTimeParseException none) {
            advice("clock", "the coordinator doesn't tell the time", "check it with: date -u");
            return;
        }
        Duration off = Duration.between(theirs, Instant.now()).abs();
        if (off.compareTo(CLOCK_MAX) <= 0) {
            ok("clock", "within " + Math.max(1, off.toSeconds()) + " s of the coordinator's");
        } else {
            fault("clock", off.toSeconds() + " s off", "sudo timedatectl set-ntp true");
        }
    }

    private boolean ok(String subject, String text) {
        return findings.add(new Finding(Level.OK, subject, text, ""));
    }

    private void advice(String subject, String text, String fix) {
        findings.add(new Finding(Level.ADVICE, subject, text, fix));
    }

    private boolean fault(String subject, String text, String fix) {
        findings.add(new Finding(Level.FAULT, subject, text, fix));
        return false;
    }
}
