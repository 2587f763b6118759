// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.accel.Probe;
import org.sparegrid.agent.activity.ActivityMonitor;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.protocol.market.Acceleration;

class OfferChecksTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private FakeHost host = null;

    @BeforeEach
    void makeAHost() throws Exception {
        host = new FakeHost(folder);
    }

    private Finding found(String toml, Probe.Outcome probe) throws Exception {
        Findings findings = new Findings(false);
        OfferChecks checks = new OfferChecks(host, SettingsFile.parse(toml, "test"), findings);
        checks.size();
        checks.port(false);
        checks.rules(new ActivityMonitor(List.of()));
        checks.acceleration(probe);
        var found = findings.all().stream().filter(f -> f.level() != Finding.Level.OK).toList();
        return found.isEmpty() ? findings.all().getFirst() : found.getFirst();
    }

    private Finding found(String toml) throws Exception {
        return found(toml, new Probe.Outcome(Acceleration.KVM, "KVM works", true));
    }

    private Finding emulated() throws Exception {
        return found("", new Probe.Outcome(Acceleration.EMULATION, "KVM fails at stage D", true));
    }

    @Test
    void findsNothingWrongWithWhatIsThere() throws Exception {
        assertThat(found("").id()).isEqualTo("ok");
    }

    @Test
    void findsWhatIsOfferedButNotThere() throws Exception {
        assertThat(found("cpus = 9").id()).isEqualTo("cpus-many");
        assertThat(found("memory = '17 GiB'").id()).isEqualTo("memory-short");
        assertThat(found("memory = '13 GiB'").id()).isEqualTo("memory-tight");
        assertThat(found("slots = 2\nmemory = '9 GiB'").fix())
                .isEqualTo("sparegrid-agent offer set slots=1 memory=\"8000 MiB\"");
    }

    @Test
    void findsThatThePortIsTaken() throws Exception {
        host.portFree = false;

        assertThat(found("").id()).isEqualTo("port-taken");
        assertThat(found("udp-port = 0").id()).isEqualTo("ok");
    }

    @Test
    void findsRulesUnderWhichNothingEverRuns() throws Exception {
        assertThat(found("mode = 'when-idle'").id()).isEqualTo("activity-unknown");
        assertThat(found("idle-cpu = 5").id()).isEqualTo("idle-cpu-low");
    }

    @Test
    void findsWhyKvmIsNotUsed() throws Exception {
        assertThat(emulated().id()).isEqualTo("kvm-broken");
        Files.setPosixFilePermissions(host.file("/dev/kvm"), java.util.Set.of());
        if (!Files.isWritable(host.file("/dev/kvm"))) {
            assertThat(emulated().id()).isEqualTo("kvm-permission");
        }
        Files.delete(host.file("/dev/kvm"));
        assertThat(emulated().id()).isEqualTo("kvm-module");
        host.write("/proc/cpuinfo", "flags : fpu sse\n");
        assertThat(emulated().id()).isEqualTo("kvm-firmware");
        assertThat(
                        found(
                                        "sell-emulated = true",
                                        new Probe.Outcome(Acceleration.EMULATION, "no", true))
                                .id())
                .isEqualTo("ok");
        assertThat(found("accel = 'kvm'", new Probe.Outcome(Acceleration.KVM, "no", false)).id())
                .isEqualTo("kvm-required");
    }
}
