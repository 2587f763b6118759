// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

class StartedProgramsTest {
    /// As `tpm2_eventlog` shows them in this log of a start of OVMF, which tried another boot
    /// option before: the program, and the kernel in it.
    private static final List<Octets> STARTED =
            List.of(
                    Octets.ofHex(
                            "00fa7fae3a2c254a7efd3979deacb6fade9eb0ee5c97d4aa8a51f2e46291fa6c"),
                    Octets.ofHex(
                            "6b1bf35c3bee9918250f593a6fff889c75c1e239cd2fe9e5bb0cd3de9dcb8e51"));

    @Test
    void findsTheProgramsThatFirmwareStarted() throws EvidenceFormatException {
        assertThat(StartedPrograms.of(Logs.log("own_ovmf_uki.bin"), HashAlgorithm.SHA256))
                .isEqualTo(STARTED);
    }

    @Test
    void aProgramIsOneWhateverItsTypeSays() throws EvidenceFormatException {
        BootLog log = Logs.log("own_ovmf_uki.bin");
        List<BootEvent> relabelled = new ArrayList<>();
        for (BootEvent event : log.events()) {
            relabelled.add(
                    event.extended()
                            ? new BootEvent(
                                    event.register(),
                                    BootEvent.SEPARATOR,
                                    event.digests(),
                                    Octets.repeated(0, 4))
                            : event);
        }
        BootLog altered = new BootLog(log.banks(), log.startupLocality(), relabelled);
        assertThat(StartedPrograms.of(altered, HashAlgorithm.SHA256)).isEqualTo(STARTED);
    }
}
