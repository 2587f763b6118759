// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class TpmFuzzTest {
    @FuzzTest
    void keysAreReadOrRefused(byte[] bytes) {
        try {
            PublicArea area = PublicArea.parse(bytes);
            assertThat(area.toBytes()).isEqualTo(bytes);
            area.material().toPublicKey();
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("public area: ");
        }
    }

    @FuzzTest
    void quotesAreReadOrRefused(byte[] bytes) {
        try {
            Attestation read = Attestation.parse(bytes);
            assertThat(Attestation.parse(read.toBytes())).isEqualTo(read);
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("quote: ");
        }
    }

    @FuzzTest
    void noSignatureIsForged(byte[] bytes) throws EvidenceFormatException {
        PublicArea key = Vectors.area("ecc.pub");
        try {
            TpmSignature signature = TpmSignature.parse(bytes);
            assertThat(signature.toBytes()).isEqualTo(bytes);
            assertThat(SignatureCheck.holds(key, Vectors.file("rsa.msg"), signature)).isFalse();
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("signature: ");
        }
    }
}
