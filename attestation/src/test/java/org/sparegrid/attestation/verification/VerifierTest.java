// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.attestation.authority.TestAuthority;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.policy.Policy;
import org.sparegrid.attestation.policy.PolicyReader;
import org.sparegrid.attestation.policy.Presets;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.report.VerificationReport;
import org.sparegrid.attestation.report.VerificationReport.Verdict;
import org.sparegrid.attestation.sev.SnpSigningKey;
import org.sparegrid.attestation.sev.TestProcessor;
import org.sparegrid.attestation.tdx.TdxQuote;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

class VerifierTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final Octets EXPECTED =
            Octets.ofHex(
                    "d447b55d197491bfe15cf298f9de9986b7a7c4be2468b4f6e2d53b71d7c64581"
                            + "0b0f2cdfca0040433be063fc1a8293f0f3f8dae7b79fecb3d1cd82bd6a93ebfd");
    private static final String MEASUREMENT =
            "7a1e5c266c0108dbc9bb94fa926951320940915d0aafb42464bd88b579ea158d"
                    + "3e1a0dc39b2c60bd95b9c480cd81841f";

    private static byte[] bytes(String name) {
        try (InputStream file =
                VerifierTest.class.getResourceAsStream("/org/sparegrid/attestation/" + name)) {
            return file.readAllBytes();
        } catch (IOException failure) {
            throw new AssertionError(name, failure);
        }
    }

    private static StoredEvidence snp(String name) {
        try {
            return new StoredEvidence(
                    List.of(
                            new StoredEvidence.Part.Snp(
                                    Octets.of(bytes("sev/" + name + "-v2.bin")),
                                    Certificates.certificate(bytes("sev/" + name + "-vcek.der")))),
                    List.of(),
                    List.of());
        } catch (EvidenceFormatException failure) {
            throw new AssertionError(failure);
        }
    }

    private static VerificationReport verified(StoredEvidence evidence, Policy policy) {
        return Verifier.verify(
                evidence, policy, new Verifier.Expectation.ReportData(EXPECTED), List.of(), NOW);
    }

    private static Policy confidential(String rules) throws EvidenceFormatException {
        return PolicyReader.read(
                ("{\"version\":1,\"level\":\"confidential\",\"tee\":{" + rules + "}}")
                        .getBytes(UTF_8));
    }

    private static Map<String, String> failures(List<Finding> findings) {
        Map<String, String> failures = new TreeMap<>();
        for (Finding finding : findings) {
            if (finding.outcome() == Finding.Outcome.FAIL) {
                failures.put(finding.rule(), finding.code());
            }
        }
        return failures;
    }

    @Test
    void trustsARealReportThatMeetsThePolicy() throws Exception {
        VerificationReport report =
                verified(
                        snp("virtee-milan"),
                        confidential(
                                "\"products\":[\"milan\"],\"aliasCheck\":\"any\","
                                        + "\"measurements\":[\""
                                        + MEASUREMENT
                                        + "\"]"));
        assertThat(report.rules()).allMatch(each -> each.outcome() == Finding.Outcome.PASS);
        assertThat(report.verdict()).isEqualTo(Verdict.TRUSTED);
        assertThat(report.roots())
                .singleElement()
                .satisfies(root -> {
                    assertThat(root.name()).isEqualTo("ARK-Milan");
                    assertThat(root.fingerprint()).startsWith("69d063b4");
                });
    }

    @Test
    void refusesMilanAndDebuggingUnlessThePolicyAllowsThem() {
        VerificationReport report = verified(snp("google-milan"), Presets.of(Level.CONFIDENTIAL));
        assertThat(report.verdict()).isEqualTo(Verdict.POLICY_NOT_MET);
        assertThat(failures(report.checks())).isEmpty();
        assertThat(failures(report.rules()))
                .isEqualTo(
                        Map.of(
                                "tee.products", "TEE_PRODUCT_DENIED",
                                "tee.debug", "TEE_DEBUG",
                                "tee.aliasCheck", "TEE_ALIASES",
                                "tee.measurements", "REFERENCE_MISSING",
                                "tee.binding", "QUOTE_BINDING"));
    }

    @Test
    void provesNothingByARefusedReport() {
        StoredEvidence.Part.Snp good =
                (StoredEvidence.Part.Snp) snp("virtee-milan").parts().getFirst();
        byte[] changed = good.report().toBytes();
        changed[0x90] ^= 1;
        VerificationReport report =
                verified(
                        new StoredEvidence(
                                List.of(
                                        new StoredEvidence.Part.Snp(
                                                Octets.of(changed), good.certificate())),
                                List.of(),
                                List.of()),
                        Presets.of(Level.CONFIDENTIAL));
        assertThat(report.verdict()).isEqualTo(Verdict.EVIDENCE_REFUSED);
        assertThat(failures(report.checks())).isEqualTo(Map.of("snp.report", "TEE_SIGNATURE"));
        assertThat(failures(report.rules())).isEqualTo(Map.of("tee.present", "TEE_MISSING"));
    }

    @Test
    void refusesEvidenceThatHoldsNothing() {
        VerificationReport report =
                verified(
                        new StoredEvidence(List.of(), List.of(), List.of()),
                        Presets.of(Level.OPEN));
        assertThat(report.verdict()).isEqualTo(Verdict.EVIDENCE_REFUSED);
    }

    @Test
    void doesNotKnowTheFirmwareOfIntelWithoutCollateral() throws Exception {
        StoredEvidence evidence =
                new StoredEvidence(
                        List.of(
                                new StoredEvidence.Part.Tdx(
                                        Octets.of(
                                                TdxQuote.fromBuffer(bytes("tdx/cos-113-v4.dat"))))),
                        List.of(),
                        List.of());
        VerificationReport report = verified(evidence, Presets.of(Level.CONFIDENTIAL));
        assertThat(failures(report.checks())).isEmpty();
        assertThat(failures(report.rules()))
                .containsEntry("tee.tcbStatus", "TEE_TCB")
                .containsEntry("tee.binding", "QUOTE_BINDING");
        assertThat(report.claims()).anyMatch(each -> each.name().equals("register 3"));
    }

    @Test
    void readsIntelsCollateralBesideAQuote() throws Exception {
        StoredEvidence evidence =
                new StoredEvidence(
                        List.of(
                                new StoredEvidence.Part.Tdx(
                                        Octets.of(TdxQuote.fromBuffer(bytes("tdx/spr-e4-v4.dat")))),
                                new StoredEvidence.Part.TdxRating(
                                        Octets.of(bytes("tdx/tcb-info.json")),
                                        Octets.of(bytes("tdx/qe-identity.json")),
                                        Certificates.strictPem(bytes("tdx/tcb-signing.pem"))
                                                .getFirst())),
                        List.of(),
                        List.of(
                                Certificates.revocationList(bytes("tdx/root.crl")),
                                Certificates.revocationList(bytes("tdx/pck-platform.crl"))));
        StoredEvidence again = StoredEvidence.read(evidence.write().getBytes(UTF_8));
        assertThat(again).isEqualTo(evidence);
        VerificationReport report =
                Verifier.verify(
                        again,
                        Presets.of(Level.CONFIDENTIAL),
                        new Verifier.Expectation.Unknown(),
                        List.of(),
                        Instant.parse("2023-07-01T00:00:00Z"));
        assertThat(failures(report.checks())).isEqualTo(Map.of("tdx.tcb", "TEE_TCB"));
        assertThat(
                        failures(
                                Verifier.verify(
                                                again,
                                                Presets.of(Level.CONFIDENTIAL),
                                                new Verifier.Expectation.Unknown(),
                                                List.of(),
                                                NOW)
                                        .checks()))
                .isEqualTo(Map.of("tdx.quote", "TEE_CHAIN"));
    }

    @Test
    void trustsNoProcessorWithARootOfItsOwn() throws Exception {
        TestProcessor processor = new TestProcessor("Genoa", SnpSigningKey.VCEK);
        VerificationReport report =
                verified(
                        new StoredEvidence(
                                List.of(
                                        new StoredEvidence.Part.Snp(
                                                Octets.of(processor.signed(processor.report(3))),
                                                processor.certificate())),
                                processor.intermediates(),
                                List.of()),
                        Presets.of(Level.CONFIDENTIAL));
        assertThat(failures(report.checks())).isEqualTo(Map.of("snp.chain", "TEE_CHAIN"));
        assertThat(report.roots()).isEmpty();
    }

    @Test
    void wantsRootsOfTpmMakersFromTheCaller() throws Exception {
        TestAuthority maker = TestAuthority.root("CN=Maker");
        StoredEvidence evidence =
                new StoredEvidence(
                        List.of(new StoredEvidence.Part.Endorsement(maker.certificate())),
                        List.of(),
                        List.of());
        List<TrustAnchors> makers = new ArrayList<>();
        VerificationReport none =
                Verifier.verify(
                        evidence,
                        Presets.of(Level.IDENTIFIED),
                        new Verifier.Expectation.Unknown(),
                        makers,
                        TestAuthority.NOW);
        assertThat(failures(none.checks())).isEqualTo(Map.of("tpm.chain", "EK_NO_TRUSTED_ROOT"));
        makers.add(TrustAnchors.of(List.of(maker.certificate()), TrustAnchors.Origin.VENDOR));
        assertThat(
                        failures(
                                Verifier.verify(
                                                evidence,
                                                Presets.of(Level.IDENTIFIED),
                                                new Verifier.Expectation.Unknown(),
                                                makers,
                                                TestAuthority.NOW)
                                        .checks()))
                .isEqualTo(Map.of("tpm.chain", "EK_WRONG_KIND"));
    }

    @Test
    void givesTheSameReportForTheSameInputs() {
        assertThat(verified(snp("google-milan"), Presets.of(Level.CONFIDENTIAL)).json())
                .isEqualTo(verified(snp("google-milan"), Presets.of(Level.CONFIDENTIAL)).json());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{\"version\":2}                              | evidence.version: expected a number",
                "{\"version\":1,\"snpp\":{}}                  | unknown member 'snpp'; did you mean 'snp'",
                "{\"version\":1,\"snp\":{\"report\":\"AA\"}}  | evidence.snp: expected a member 'certificate'",
                "{\"version\":1,\"snp\":{\"report\":\"!\"}}   | expected base64url",
                "{\"version\":1,\"tdx\":{\"quote\":\"AA\",\"qe\":1}} | unknown member 'qe'",
                "{\"version\":1,\"certificates\":[\"AA\"]}    | certificate: expected tag",
                "{\"version\":1,\"revocationLists\":[\"AA\"]} | crl: expected X.509",
            })
    void refusesFilesAndSaysWhy(String text, String why) {
        assertThatThrownBy(() -> StoredEvidence.read(text.getBytes(UTF_8)))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining(why);
    }
}
