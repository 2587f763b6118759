// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.accel.Probe;
import org.sparegrid.agent.activity.ActivityMonitor;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.lease.LeaseJournal;
import org.sparegrid.agent.selftest.CardTrial;
import org.sparegrid.agent.selling.AgentLock;
import org.sparegrid.agent.selling.Hypervisors;
import org.sparegrid.agent.selling.OwnerEyes;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.agent.status.StatusSocket;

/// Looks at everything that selling needs. Source: docs/operations/seller.md, what the doctor
/// knows.
public final class Doctor {
    private final Folders folders;
    private final Findings findings;
    private final Host host = Host.real();

    /// Examines the agent that keeps its things in `folders`.
    ///
    /// @param mend whether to mend what belongs to the agent alone
    public Doctor(Folders folders, boolean mend) {
        this.folders = folders;
        this.findings = new Findings(mend);
    }

    /// Examines everything; takes some seconds.
    public List<Finding> examine() throws IOException, InterruptedException {
        SystemChecks system = new SystemChecks(host, findings);
        FolderChecks folder = new FolderChecks(host, folders, findings);
        if (!system.user()) {
            return findings.all();
        }
        system.java();
        boolean able = system.programs();
        able &= system.namespaces();
        system.hardening();
        Settings settings = folder.settings();
        if (!folder.folders()) {
            return findings.all();
        }
        folder.secrets();
        folder.disk(settings);
        folder.journal();
        new UpdateChecks(folders.data(), findings).check();
        if (settings != null) {
            offer(settings, able);
        }
        new CoordinatorChecks(findings, InstantSource.system())
                .check(folders.data(), CoordinatorChecks::ask);
        return findings.all();
    }

    private void offer(Settings settings, boolean able) throws IOException, InterruptedException {
        Optional<StatusReport> running = StatusSocket.ask(folders.controlSocket());
        OfferChecks offer = new OfferChecks(host, settings, findings);
        offer.size();
        offer.port(running.isPresent());
        try (ActivityMonitor activity = OwnerEyes.open(System.getenv()).activity()) {
            offer.rules(activity);
        }
        GuestChecks guests = new GuestChecks(findings);
        Probe.@Nullable Outcome probe = null;
        if (able) {
            probe =
                    new Probe(folders.data(), folders.runtime().resolve("p"))
                            .run(settings.acceleration());
            offer.acceleration(probe);
        }
        if (running.isPresent() || probe == null) {
            running.ifPresent(guests::running);
            return;
        }
        // An agent may be starting at this very moment, and would remove the test's guest.
        try (AgentLock lock = AgentLock.forTest(folders).orElse(null)) {
            if (lock == null) {
                StatusSocket.ask(folders.controlSocket()).ifPresent(guests::running);
            } else {
                alone(guests, probe, settings);
            }
        } catch (AgentLock.SilentException silent) {
            guests.silent(String.valueOf(silent.getMessage()));
        }
    }

    private void alone(GuestChecks guests, Probe.Outcome probe, Settings settings)
            throws IOException {
        try (Hypervisor hypervisor = Hypervisors.find(folders, probe.acceleration())) {
            try {
                guests.alone(
                        hypervisor,
                        new LeaseJournal(folders.journal()),
                        () ->
                                new CardTrial(
                                                settings.guestCard(),
                                                folders.data(),
                                                InstantSource.system())
                                        .run(
                                                hypervisor,
                                                "sg-test-doctor",
                                                probe.acceleration(),
                                                folders.disks()));
            } finally {
                if (hypervisor.names().isEmpty()) {
                    hypervisor.shutDown();
                }
            }
        }
    }
}
