// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.policy.Presets;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.report.VerificationReport.Verdict;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class EvidencePackTest {
    private static byte[] bytes(String name) {
        String path = "/org/sparegrid/attestation/" + name;
        try (InputStream file = EvidencePackTest.class.getResourceAsStream(path)) {
            return file.readAllBytes();
        } catch (IOException failure) {
            throw new AssertionError(name, failure);
        }
    }

    private static StoredEvidence packed(String... names) throws EvidenceFormatException {
        EvidencePack pack = new EvidencePack();
        for (String name : names) {
            pack.add(bytes(name));
        }
        return pack.toEvidence();
    }

    private static Verdict verdict(StoredEvidence evidence, String at)
            throws EvidenceFormatException {
        return Verifier.verify(
                        StoredEvidence.read(evidence.write().getBytes(UTF_8)),
                        Presets.of(Level.OPEN),
                        new Verifier.Expectation.Unknown(),
                        List.of(),
                        Instant.parse(at))
                .verdict();
    }

    @Test
    void putsAReportAndTheCertificateOfItsKeyTogether() throws Exception {
        assertThat(
                        verdict(
                                packed("sev/virtee-milan-vcek.der", "sev/virtee-milan-v2.bin"),
                                "2026-06-01T00:00:00Z"))
                .isEqualTo(Verdict.TRUSTED);
    }

    @Test
    void cutsAQuoteOutOfTheKernelsBuffer() throws Exception {
        assertThat(verdict(packed("tdx/cos-113-v4.dat"), "2026-06-01T00:00:00Z"))
                .isEqualTo(Verdict.TRUSTED);
    }

    @Test
    void putsIntelsAnswersBesideAQuote() throws Exception {
        StoredEvidence evidence =
                packed(
                        "tdx/root.crl",
                        "tdx/tcb-info.json",
                        "tdx/spr-e4-v4.dat",
                        "tdx/pck-platform.crl",
                        "tdx/qe-identity.json",
                        "tdx/tcb-signing.pem");
        assertThat(evidence.parts()).hasSize(2);
        assertThat(evidence.lists()).hasSize(2);
        assertThat(evidence.certificates()).isEmpty();
    }

    @Test
    void leavesRootsOut() throws Exception {
        EvidencePack pack = new EvidencePack();
        pack.add(bytes("tdx/cos-113-v4.dat"));
        StringBuilder chain = new StringBuilder();
        for (var each :
                org.sparegrid.attestation.tdx.TdxQuote.parse(
                                org.sparegrid.attestation.tdx.TdxQuote.fromBuffer(
                                        bytes("tdx/cos-113-v4.dat")))
                        .chain()) {
            chain.append(Certificates.pem(each.getEncoded()));
        }
        pack.add(chain.toString().getBytes(UTF_8));
        assertThat(pack.toEvidence().certificates()).hasSize(2);
    }

    @Test
    void missesWhatBelongsToAReport() {
        assertThatThrownBy(() -> packed("sev/virtee-milan-v2.bin"))
                .hasMessage("expected the certificate of the report's VCEK or VLEK, got none");
        assertThatThrownBy(() -> packed("tdx/spr-e4-v4.dat", "tdx/tcb-info.json"))
                .hasMessage("expected Intel's enclave identity, got none");
        assertThatThrownBy(() -> packed("sev/virtee-milan-vcek.der"))
                .hasMessage("expected a report, a quote or an endorsement certificate");
    }

    @Test
    void takesOneOfAKind() {
        assertThatThrownBy(() -> packed("sev/virtee-milan-v2.bin", "sev/google-milan-v2.bin"))
                .hasMessage("expected one report, got another");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "{\"a\":1}", "0123", "-----BEGIN CERTIFICATE-----"})
    void refusesOtherFiles(String text) {
        assertThatThrownBy(() -> new EvidencePack().add(text.getBytes(UTF_8)))
                .isInstanceOf(EvidenceFormatException.class);
    }
}
