// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.agent.process.Tool;

/// Looks at user, programs and kernel.
final class SystemChecks {
    private static final String INSTALL = "sudo apt-get install ";
    private static final Pattern VERSION = Pattern.compile("version ([0-9]+)[.]([0-9]+)");

    /// The first QEMU whose network card can be dialled over a Unix socket, times 100.
    private static final int QEMU_MIN = 702;

    private final Host host;
    private final Findings findings;

    SystemChecks(Host host, Findings findings) {
        this.host = host;
        this.findings = findings;
    }

    /// Whether this is an ordinary user; as root nothing more is looked at.
    boolean user() {
        if (host.userId() == 0) {
            findings.fault(
                    "user-root", "user", "this is root", "su - USER -c 'sparegrid-agent doctor'");
            return false;
        }
        findings.ok("user", "an ordinary user, number " + host.userId());
        return true;
    }

    void java() {
        if (host.javaRelease() >= 25) {
            findings.ok("Java", "release " + host.javaRelease());
        } else {
            findings.fault(
                    "java-old",
                    "Java",
                    "release " + host.javaRelease() + " is too old",
                    INSTALL + "openjdk-25-jre-headless");
        }
    }

    /// Whether all programs are there.
    boolean programs() throws IOException, InterruptedException {
        boolean all = qemu();
        all &= program("qemu-img-missing", "qemu-img", "qemu-img", "qemu-utils");
        all &=
                program(
                        "libvirtd-missing",
                        "libvirtd",
                        "libvirtd",
                        "libvirt-daemon libvirt-daemon-driver-qemu");
        all &= program("bubblewrap-missing", "bubblewrap", "bwrap", "bubblewrap");
        firmware();
        return all;
    }

    private void firmware() {
        if (Files.exists(host.file("/usr/share/OVMF/OVMF_CODE_4M.fd"))) {
            findings.ok("UEFI", "guests whose image needs it can have it");
        } else {
            findings.advice(
                    "uefi-missing",
                    "UEFI",
                    "its firmware is missing: images that start with UEFI only can't run here",
                    INSTALL + "ovmf");
        }
    }

    private boolean qemu() throws IOException, InterruptedException {
        if (!program("qemu-missing", "QEMU", "qemu-system-x86_64", "qemu-system-x86")) {
            return false;
        }
        String path = host.program("qemu-system-x86_64").orElseThrow().toString();
        String words = host.run(path, "--version").output();
        Matcher version = VERSION.matcher(words);
        if (version.find()
                && Integer.parseInt(version.group(1)) * 100 + Integer.parseInt(version.group(2))
                        < QEMU_MIN) {
            findings.fault(
                    "qemu-old",
                    "QEMU",
                    version.group() + " is older than 7.2",
                    "upgrade to Debian 12, Ubuntu 24.04 or newer");
            return false;
        }
        return true;
    }

    private boolean program(String id, String subject, String name, String packages) {
        Optional<Path> path = host.program(name);
        if (path.isPresent()) {
            findings.ok(subject, path.get().toString());
        } else {
            findings.fault(id, subject, name + " is missing", INSTALL + packages);
        }
        return path.isPresent();
    }

    /// Whether users and networks can be separated.
    boolean namespaces() throws IOException, InterruptedException {
        Optional<Path> bubblewrap = host.program("bwrap");
        if (bubblewrap.isEmpty()) {
            return false;
        }
        Tool.Answer answer =
                host.run(
                        bubblewrap.get().toString(),
                        "--unshare-user",
                        "--unshare-net",
                        "--ro-bind",
                        "/",
                        "/",
                        "true");
        if (answer.exitCode() == 0) {
            findings.ok("namespaces", "users and networks can be separated without root");
            return true;
        }
        why(answer.output().strip());
        return false;
    }

    /// Three settings of the kernel forbid it, each with its own cure.
    private void why(String words) {
        if (text("/proc/sys/user/max_user_namespaces").equals("0")) {
            findings.fault(
                    "namespaces-none",
                    "namespaces",
                    "the kernel allows no user namespaces",
                    "sudo sysctl -w user.max_user_namespaces=10000");
        } else if (text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").equals("1")) {
            findings.fault(
                    "namespaces-apparmor",
                    "namespaces",
                    "AppArmor forbids them to ordinary users",
                    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
        } else if (text("/proc/sys/kernel/unprivileged_userns_clone").equals("0")) {
            findings.fault(
                    "namespaces-clone",
                    "namespaces",
                    "the kernel forbids them to ordinary users",
                    "sudo sysctl -w kernel.unprivileged_userns_clone=1");
        } else {
            findings.fault(
                    "namespaces-refused",
                    "namespaces",
                    "bubblewrap can't make them: " + words,
                    "in a container, run the agent outside of it; else show this to the developers");
        }
    }

    /// What weakens the wall between guests and the rest.
    void hardening() {
        if (text("/sys/kernel/mm/ksm/run").equals("1")) {
            findings.advice(
                    "ksm-on",
                    "memory",
                    "the kernel merges equal pages, by which guests can spy",
                    "echo 2 | sudo tee /sys/kernel/mm/ksm/run");
        }
        if (text("/proc/swaps").lines().skip(1).anyMatch(line -> !line.contains("/zram"))) {
            findings.advice(
                    "swap-on",
                    "memory",
                    "guests' memory may be written to swap space and stay there",
                    "sudo swapoff -a, or encrypt the swap space");
        }
        Path folder = host.file("/sys/devices/system/cpu/vulnerabilities");
        if (Files.isDirectory(folder)) {
            try (var entries = Files.newDirectoryStream(folder)) {
                for (Path entry : entries) {
                    if (Files.readString(entry).startsWith("Vulnerable")) {
                        findings.advice(
                                "cpu-vulnerable",
                                "processor",
                                "open to " + entry.getFileName(),
                                "install the newest kernel and microcode, and restart");
                    }
                }
            } catch (IOException unreadable) {
                findings.ok("processor", "its faults can't be read: " + unreadable.getMessage());
            }
        }
    }

    private String text(String path) {
        try {
            return Files.readString(host.file(path)).strip();
        } catch (IOException missing) {
            return "";
        }
    }
}
