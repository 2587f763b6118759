// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class SnpFuzzTest {
    private static final byte[] REAL = SnpVectors.bytes("google-milan-v2.bin");
    private static final SnpEndorsement ENDORSEMENT =
            ((SnpEndorsement.Result.Trusted)
                            SnpEndorsement.validate(
                                    SnpVectors.AMD,
                                    SnpVectors.certificate("google-milan-vcek.der"),
                                    List.of(),
                                    Instant.parse("2025-06-01T00:00:00Z")))
                    .endorsement();

    @FuzzTest
    void readsReportsOrRefusesThem(byte[] bytes) {
        try {
            assertThat(SnpReport.parse(bytes).signed().toBytes()).isEqualTo(bytes);
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("snp report: ");
        }
    }

    /// The input overwrites parts of a real report: pairs of an offset and a byte.
    @FuzzTest
    void believesNoChangedReport(byte[] changes) {
        byte[] report = REAL.clone();
        for (int i = 0; i + 2 < changes.length; i += 3) {
            int at = (Byte.toUnsignedInt(changes[i]) << 8) | Byte.toUnsignedInt(changes[i + 1]);
            report[at % report.length] = changes[i + 2];
        }
        assertThat(SnpVerifier.verify(report, ENDORSEMENT) instanceof SnpVerifier.Result.Verified)
                .isEqualTo(Arrays.equals(report, REAL));
    }
}
