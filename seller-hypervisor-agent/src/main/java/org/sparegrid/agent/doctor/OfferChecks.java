// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import org.sparegrid.agent.accel.Probe;
import org.sparegrid.agent.activity.ActivityMonitor;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.owner.Mode;
import org.sparegrid.protocol.market.Acceleration;

/// Looks at whether this computer has what its settings offer.
final class OfferChecks {
    private final Host host;
    private final Settings settings;
    private final Findings findings;

    OfferChecks(Host host, Settings settings, Findings findings) {
        this.host = host;
        this.settings = settings;
        this.findings = findings;
    }

    void size() throws IOException {
        int cpus = settings.slots() * settings.size().cpus();
        if (cpus > host.processors()) {
            findings.advice(
                    "cpus-many",
                    "offer",
                    cpus + " processors are offered, " + host.processors() + " are there",
                    "sparegrid-agent offer set slots=1 cpus=" + host.processors());
        }
        long memory = memoryMebibytes();
        long offered = (long) settings.slots() * settings.size().memoryMebibytes();
        if (memory > 0 && offered > memory) {
            findings.fault(
                    "memory-short",
                    "offer",
                    offered + " MiB of memory are offered, " + memory + " are there",
                    "sparegrid-agent offer set slots=1 memory=\"" + memory / 2 + " MiB\"");
        } else if (memory > 0 && offered > memory * 3 / 4) {
            findings.advice(
                    "memory-tight",
                    "offer",
                    offered + " MiB of " + memory + " are offered; the owner keeps little",
                    "sparegrid-agent offer set slots=1 memory=\"" + memory / 2 + " MiB\"");
        }
    }

    /// @param running whether an agent runs here, which then has the port
    void port(boolean running) {
        int port = settings.udpPort();
        if (port != 0 && !running && !host.isPortFree(port)) {
            findings.fault(
                    "port-taken",
                    "network",
                    "another program has UDP port " + port,
                    "sparegrid-agent offer set udp-port=0");
        }
    }

    /// Whether the owner's rules let guests run at all.
    void rules(ActivityMonitor activity) {
        boolean needed = settings.owner().mode() == Mode.WHEN_IDLE;
        long answers = activity.answers().stream().filter(a -> a.idle().isPresent()).count();
        if (needed && answers == 0) {
            findings.fault(
                    "activity-unknown",
                    "rules",
                    "guests run only when idle, and nothing here can tell",
                    "sparegrid-agent offer set mode=always, or: sudo usermod -aG input USER");
        } else {
            findings.ok("rules", answers + " source(s) tell of the last input");
        }
        if (settings.owner().idle().cpuPercent() < 10) {
            findings.advice(
                    "idle-cpu-low",
                    "rules",
                    "guests get " + settings.owner().idle().cpuPercent() + " % even when idle",
                    "sparegrid-agent offer set idle-cpu=100");
        }
    }

    void acceleration(Probe.Outcome probe) {
        if (!probe.works()) {
            findings.fault(
                    "kvm-required", "KVM", probe.reason(), "sparegrid-agent offer set accel=auto");
        } else if (probe.acceleration() == Acceleration.KVM) {
            findings.ok("KVM", probe.reason());
        } else {
            emulation(probe.reason());
        }
    }

    private void emulation(String reason) {
        String risk = "; emulated guests are riskier and not sold unasked";
        if (settings.sellEmulated()) {
            findings.ok("KVM", reason + "; guests are emulated, as you allowed");
        } else if (!Files.exists(host.file("/dev/kvm")) && !cpuCanVirtualize()) {
            findings.fault(
                    "kvm-firmware",
                    "KVM",
                    "the processor doesn't offer it" + risk,
                    "switch VT-x or SVM on in the firmware's setup, or:"
                            + " sparegrid-agent offer set sell-emulated=true");
        } else if (!Files.exists(host.file("/dev/kvm"))) {
            findings.fault(
                    "kvm-module",
                    "KVM",
                    "its module isn't loaded" + risk,
                    "sudo modprobe -a kvm_intel kvm_amd");
        } else if (!Files.isWritable(host.file("/dev/kvm"))) {
            findings.fault(
                    "kvm-permission",
                    "KVM",
                    "no permission for /dev/kvm" + risk,
                    "sudo usermod -aG kvm USER, then log in again");
        } else {
            findings.fault(
                    "kvm-broken",
                    "KVM",
                    reason + risk,
                    "sparegrid-agent offer set sell-emulated=true");
        }
    }

    private boolean cpuCanVirtualize() {
        try {
            String flags = Files.readString(host.file("/proc/cpuinfo")).toLowerCase(Locale.ROOT);
            return flags.contains(" vmx") || flags.contains(" svm");
        } catch (IOException unknown) {
            return false;
        }
    }

    private long memoryMebibytes() throws IOException {
        if (!Files.exists(host.file("/proc/meminfo"))) {
            return 0;
        }
        return Files.readString(host.file("/proc/meminfo"))
                        .lines()
                        .filter(line -> line.startsWith("MemTotal:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .findFirst()
                        .orElse(0)
                / 1024;
    }
}
