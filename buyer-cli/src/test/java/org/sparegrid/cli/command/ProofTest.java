// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.attestation.verification.StoredEvidence;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.cli.trust.TrustWish;

/// When a machine gets a secret.
class ProofTest {
    private static final Instant SHOWN = Instant.parse("2026-06-01T00:00:00Z");

    private static Proof proof(String wanted) throws IOException, EvidenceFormatException {
        try (InputStream in = ProofTest.class.getResourceAsStream("milan-evidence.json")) {
            return new Proof(
                    "node1",
                    Path.of("node1.json"),
                    StoredEvidence.read(in.readAllBytes()),
                    new TrustWish(wanted, List.of(), List.of(), 5, 10),
                    SHOWN);
        }
    }

    @Test
    void holdsWhileItIsFresh() {
        assertThatCode(() -> proof("open").require(SHOWN.plusSeconds(10)))
                .doesNotThrowAnyException();
    }

    @Test
    void isOldOnceItsMachineHasBeenSilentForTooLong() {
        assertThatThrownBy(() -> proof("open").require(SHOWN.plusSeconds(11)))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("node1 has shown nothing since 2026-06-01T00:00:00Z");
    }

    @Test
    void doesNotHoldAgainstAStricterPolicy() {
        assertThatThrownBy(() -> proof("confidential").require(SHOWN))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("does not meet the policy");
    }

    @Test
    void doesNotHoldOnceItsCertificatesAreTooOld() {
        Instant late = Instant.parse("2031-01-01T00:00:00Z");
        assertThatThrownBy(() -> proof("open").require(late))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("does not meet the policy");
    }
}
