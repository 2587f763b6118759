// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.FakeHypervisor;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.lease.LeaseJournal;
import org.sparegrid.agent.selftest.SelfTest;
import org.sparegrid.agent.status.OwnerReport;
import org.sparegrid.agent.status.Reports;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

class GuestChecksTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private final FakeHypervisor hypervisor = new FakeHypervisor();

    private final List<SelfTest.Check> checks =
            new ArrayList<>(List.of(new SelfTest.Check("boot", true, "ready")));

    private SelfTest.Outcome trial() throws IOException {
        if (hypervisor.launchFault.isPresent()) {
            throw new IOException(hypervisor.launchFault.get());
        }
        return new SelfTest.Outcome(new Confinement(hypervisor.findings), checks, GuestCard.STREAM);
    }

    private Findings alone(boolean mend) throws Exception {
        Findings findings = new Findings(mend);
        new GuestChecks(findings).alone(hypervisor, new LeaseJournal(folder), this::trial);
        return findings;
    }

    @Test
    void saysThatNoAgentRunsAndLeavesNothingBehind() throws Exception {
        Findings findings = alone(false);

        assertThat(findings.has("agent-stopped")).isTrue();
        assertThat(findings.all()).noneMatch(f -> f.level() == Finding.Level.FAULT);
        assertThat(hypervisor.names()).isEmpty();
    }

    @Test
    void saysThatARunningAgentPollsAndWhy() {
        Findings findings = new Findings(false);
        StatusReport polls = Reports.with("connected by polling: closed: null");
        new GuestChecks(findings).running(polls);

        assertThat(polls.connects()).isTrue();
        assertThat(findings.all())
                .anySatisfy(found -> {
                    assertThat(found.id()).isEqualTo("agent-polls");
                    assertThat(found.level()).isEqualTo(Finding.Level.ADVICE);
                    assertThat(found.text()).isEqualTo("runs, connected by polling: closed: null");
                });
        Findings without = new Findings(false);
        new GuestChecks(without).running(Reports.ANY);
        assertThat(without.has("agent-polls")).isFalse();
        assertThat(Reports.with("closed: null").connects()).isFalse();
    }

    @Test
    void findsThatLibvirtDoesNotWork() throws Exception {
        hypervisor.launchFault = Optional.of("no machine type q35");

        assertThat(alone(false).has("libvirt-failed")).isTrue();
    }

    @Test
    void findsWhatTheTestGuestMissed() throws Exception {
        checks.add(new SelfTest.Check("disk", false, "the guest has 0"));

        assertThat(alone(false).has("self-test-failed")).isTrue();
    }

    @Test
    void findsThatGuestsAreNotConfined() throws Exception {
        hypervisor.findings = List.of(new Confinement.Finding(false, "QEMU has no capability"));
        Findings findings = alone(false);

        assertThat(findings.all())
                .filteredOn(f -> f.id().equals("not-confined"))
                .singleElement()
                .satisfies(f -> assertThat(f.text()).contains("QEMU has no capability"));
    }

    @Test
    void removesGuestsThatBelongToNoLease() throws Exception {
        hypervisor.launch(
                new VmSpec(
                        "stray",
                        new MachineSize(1, 128, 0),
                        Acceleration.EMULATION,
                        List.of(),
                        "02:00:00:00:00:01",
                        1370,
                        List.of()));
        assertThat(alone(false).has("guest-stray")).isTrue();
        assertThat(hypervisor.names()).containsExactly("stray");
        assertThat(alone(true).all()).anyMatch(Finding::mended);
        assertThat(hypervisor.names()).isEmpty();
    }

    @Test
    void tellsWhyARunningAgentHoldsItsGuests() {
        Findings findings = new Findings(false);
        new GuestChecks(findings)
                .running(
                        Reports.with(
                                new OwnerReport(
                                        "auto",
                                        "frozen",
                                        0,
                                        "on-battery",
                                        "it runs on battery",
                                        "plug it in",
                                        List.of(),
                                        false,
                                        0,
                                        "x",
                                        0)));

        assertThat(findings.has("guests-held")).isTrue();
        assertThat(findings.all().getLast().text()).contains("it runs on battery");
    }
}
