// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.accel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.config.AccelerationChoice;
import org.sparegrid.protocol.market.Acceleration;

/// Runs the probe's guest in the QEMU of this computer.
@Tag("vm")
class ProbeIT {
    @TempDir Path folder;

    private Probe probe() {
        return new Probe(folder, folder.resolve("work"));
    }

    @Test
    void theEmulatorPassesEveryStage() throws Exception {
        Probe.Outcome outcome = probe().run(AccelerationChoice.TCG);
        assertThat(outcome.works()).as(outcome.reason()).isTrue();
        assertThat(outcome.acceleration()).isEqualTo(Acceleration.EMULATION);
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    @Test
    void saysWhetherKvmWorksAndRemembersIt() throws Exception {
        Probe.Outcome outcome = probe().run(AccelerationChoice.AUTO);
        assertThat(outcome.works()).as(outcome.reason()).isTrue();
        if (outcome.acceleration() == Acceleration.KVM) {
            assertThat(Path.of("/dev/kvm")).exists();
        } else {
            assertThat(outcome.reason()).startsWith("no KVM: ").hasSizeGreaterThan(15);
        }
        System.getLogger("probe").log(System.Logger.Level.INFO, outcome::toString);
        Files.delete(folder.resolve("work"));
        assertThat(probe().run(AccelerationChoice.AUTO)).isEqualTo(outcome);
        assertThat(folder.resolve("work")).doesNotExist();
    }
}
