// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Set;
import org.sparegrid.attestation.authority.TestAuthority;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class CertificateFuzzTest {
    private static final EndorsementCertificates ENDORSEMENTS =
            new EndorsementCertificates(
                    new ChainValidator(VendorRoots.intel(), List.of(), RevocationRule.IF_PRESENT),
                    Set.of());

    @FuzzTest
    void believesNoEndorsementCertificate(byte[] bytes) {
        try {
            assertThat(
                            ENDORSEMENTS.validate(
                                    EndorsementCertificates.fromStorage(bytes),
                                    List.of(),
                                    TestAuthority.NOW))
                    .isInstanceOf(EndorsementResult.Refused.class);
        } catch (EvidenceFormatException expected) {
            assertThat(expected.getMessage()).isNotEmpty();
        }
    }

    @FuzzTest
    void readsListsOrRefusesThem(byte[] bytes) {
        try {
            Certificates.revocationList(bytes);
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("crl: ");
        }
    }

    @FuzzTest
    void readsOnlyTheTextItWouldWrite(byte[] bytes) throws Exception {
        try {
            StringBuilder again = new StringBuilder();
            for (var each : Certificates.strictPem(bytes)) {
                again.append(Certificates.pem(each.getEncoded()));
            }
            assertThat(again.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1))
                    .isEqualTo(bytes);
        } catch (EvidenceFormatException expected) {
            assertThat(expected.getMessage()).isNotEmpty();
        }
    }
}
