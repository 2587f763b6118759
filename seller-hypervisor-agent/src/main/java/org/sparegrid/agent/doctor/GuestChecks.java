// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.lease.LeaseJournal;
import org.sparegrid.agent.lease.LeaseRecord;
import org.sparegrid.agent.selftest.SelfTest;
import org.sparegrid.agent.status.StatusReport;

/// Looks at guests: those that run, and an empty one that is made for it.
final class GuestChecks {
    private final Findings findings;

    /// Boots a guest of our own.
    interface Trial {
        /// What it found.
        SelfTest.Outcome run() throws IOException;
    }

    GuestChecks(Findings findings) {
        this.findings = findings;
    }

    /// What the running agent knows of itself.
    void running(StatusReport report) {
        if (report.polls()) {
            findings.advice(
                    "agent-polls",
                    "agent",
                    "runs, " + report.connection(),
                    "let WebSockets to "
                            + report.coordinator()
                            + " pass; leases work without, ssh through the coordinator does not");
        } else {
            findings.ok("agent", "runs, " + report.connection());
        }
        confinement(report.confined(), String.join("; ", report.confinement()));
        caps(report.caps());
        if (report.owner().rule().equals("none")) {
            findings.ok("guests", "may run");
        } else {
            findings.advice(
                    "guests-held",
                    "guests",
                    "may: " + report.owner().state() + ", because " + report.owner().why(),
                    "until " + report.owner().change() + "; see: sparegrid-agent why");
        }
    }

    /// An agent, or another test, has the guests and doesn't answer.
    void silent(String what) {
        findings.fault(
                "agent-silent",
                "agent",
                what,
                "see sparegrid-agent logs; then end it and start it again: sparegrid-agent run");
    }

    /// Without a running agent: what a guest would be like, and what an earlier agent left behind.
    void alone(Hypervisor hypervisor, LeaseJournal journal, Trial trial) throws IOException {
        findings.advice(
                "agent-stopped",
                "agent",
                "does not run",
                "sparegrid-agent run, or service install");
        try {
            SelfTest.Outcome test = trial.run();
            Confinement found = test.confinement();
            findings.ok("libvirt", hypervisor.description());
            confinement(found.holds(), text(found));
            caps(hypervisor.caps());
            test.checks().forEach(this::selfTest);
            strays(hypervisor, journal);
        } catch (IOException failed) {
            findings.fault(
                    "libvirt-failed",
                    "libvirt",
                    String.valueOf(failed.getMessage()),
                    "sudo apt-get install --reinstall libvirt-daemon libvirt-daemon-driver-qemu"
                            + " libvirt0");
        }
    }

    private void strays(Hypervisor hypervisor, LeaseJournal journal) throws IOException {
        List<String> strays = new ArrayList<>(hypervisor.names());
        for (LeaseRecord lease : journal.load()) {
            strays.remove(lease.id().value());
        }
        for (String stray : strays) {
            findings.mendable(
                    "guest-stray",
                    "guests",
                    "guest " + stray + " belongs to no lease",
                    "sparegrid-agent doctor --fix",
                    () -> hypervisor.purge(stray));
        }
    }

    private void selfTest(SelfTest.Check check) {
        if (check.passed()) {
            findings.ok("self-test", check.name() + ": " + check.text());
        } else {
            findings.fault(
                    "self-test-failed",
                    "self-test",
                    check.name() + ": " + check.text(),
                    "update qemu-system-x86 and libvirt-daemon-driver-qemu, and run:"
                            + " sparegrid-agent selftest");
        }
    }

    private void caps(List<String> caps) {
        caps.forEach(cap -> findings.ok("caps", cap));
    }

    private void confinement(boolean holds, String text) {
        if (holds) {
            findings.ok("confinement", text);
        } else {
            findings.fault(
                    "not-confined",
                    "confinement",
                    text,
                    "send what sparegrid-agent doctor --json prints to the developers");
        }
    }

    private static String text(Confinement found) {
        return found.holds()
                ? found.findings().size() + " checks of libvirtd and QEMU"
                : "expected that " + String.join("; ", found.faults());
    }
}
