// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.attestation.authority.TestAuthority;

class SnpVerifierTest {
    private static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");

    private static SnpEndorsement endorsed(String certificate) {
        var result =
                SnpEndorsement.validate(
                        SnpVectors.AMD, SnpVectors.certificate(certificate), List.of(), NOW);
        assertThat(result).isInstanceOf(SnpEndorsement.Result.Trusted.class);
        return ((SnpEndorsement.Result.Trusted) result).endorsement();
    }

    private static SnpVerifier.Result.Verified verified(SnpVerifier.Result result) {
        assertThat(result).isInstanceOf(SnpVerifier.Result.Verified.class);
        return (SnpVerifier.Result.Verified) result;
    }

    private static void refused(SnpVerifier.Result result, SnpRefusal.Code code, String words) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        SnpVerifier.Result.Refused.class,
                        refused -> {
                            assertThat(refused.refusal().code()).isEqualTo(code);
                            assertThat(refused.refusal().reason()).contains(words);
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "google-milan, true, 68, b07af9620f3b839b47996422ddec6058",
        "virtee-milan, false, 115, 7a1e5c266c0108dbc9bb94fa92695132",
    })
    void verifiesReportsOfRealProcessors(
            String name, boolean debug, int microcode, String measurement) {
        var result =
                verified(
                        SnpVerifier.verify(
                                SnpVectors.bytes(name + "-v2.bin"), endorsed(name + "-vcek.der")));
        assertThat(result.product()).isEqualTo(SnpProduct.MILAN);
        assertThat(result.report().policy().debug()).isEqualTo(debug);
        assertThat(result.tcb().microcode()).isEqualTo(microcode);
        assertThat(result.report().measurement().toString()).startsWith(measurement);
    }

    @Test
    void refusesEverySingleChangedBit() {
        SnpEndorsement endorsement = endorsed("google-milan-vcek.der");
        byte[] report = SnpVectors.bytes("google-milan-v2.bin");
        for (int bit = 0; bit < 8 * report.length; bit++) {
            byte[] changed = report.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(SnpVerifier.verify(changed, endorsement))
                    .as("bit %d", bit)
                    .isInstanceOf(SnpVerifier.Result.Refused.class);
        }
    }

    @Test
    void believesNoChangedCertificate() throws Exception {
        byte[] certificate = SnpVectors.bytes("google-milan-vcek.der");
        boolean full = Boolean.getBoolean("sparegrid.full");
        for (int bit = 0; bit < 8 * certificate.length; bit += full ? 1 : 17) {
            byte[] changed = certificate.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            X509Certificate read;
            try {
                read = org.sparegrid.attestation.certificate.Certificates.certificate(changed);
            } catch (org.sparegrid.attestation.wire.EvidenceFormatException refused) {
                continue;
            }
            assertThat(SnpEndorsement.validate(SnpVectors.AMD, read, List.of(), NOW))
                    .as("bit %d", bit)
                    .isInstanceOf(SnpEndorsement.Result.Refused.class);
        }
    }

    @Test
    void knowsAKeyOfTurin() {
        SnpEndorsement turin = endorsed("virtee-turin-vcek.der");
        assertThat(turin.product()).isEqualTo(SnpProduct.TURIN);
        assertThat(turin.tcb()).isEqualTo(new SnpTcb(0, 0, 0, 0, 9));
        assertThat(turin.chipId().map(Object::toString))
                .isEqualTo(Optional.of("1e550a8ee5cf9f4d" + "0".repeat(112)));
    }

    @Test
    void refusesTheKeyOfAnotherChip() {
        refused(
                SnpVerifier.verify(
                        SnpVectors.bytes("google-milan-v2.bin"), endorsed("virtee-milan-vcek.der")),
                SnpRefusal.Code.SIGNATURE,
                "not signed by the given key");
    }

    @Test
    void refusesAKeyBeforeAndAfterItsTime() {
        for (String time : new String[] {"2020-01-01T00:00:00Z", "2031-01-01T00:00:00Z"}) {
            assertThat(
                            SnpEndorsement.validate(
                                    SnpVectors.AMD,
                                    SnpVectors.certificate("google-milan-vcek.der"),
                                    List.of(),
                                    Instant.parse(time)))
                    .isInstanceOf(SnpEndorsement.Result.Refused.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Milan, VCEK, 2",
        "Milan, VCEK, 3",
        "Genoa, VCEK, 3",
        "Genoa, VLEK, 5",
        "Turin, VCEK, 5",
        "Turin, VLEK, 3",
    })
    void verifiesEveryVersionAndKindOfKey(String product, SnpSigningKey kind, int version)
            throws Exception {
        TestProcessor processor = new TestProcessor(product, kind);
        var result =
                verified(
                        SnpVerifier.verify(
                                processor.signed(processor.report(version)),
                                processor.endorsement()));
        assertThat(result.product().id()).isEqualTo(product);
        assertThat(result.tcb())
                .isEqualTo(new SnpTcb(product.equals("Turin") ? 1 : 0, 3, 0, 8, 115));
        assertThat(result.report().platform().aliasesChecked()).isTrue();
    }

    @Test
    void refusesAReportOfOtherFirmwareThanTheKeyIsBoundTo() throws Exception {
        TestProcessor processor = new TestProcessor("Genoa", SnpSigningKey.VCEK);
        byte[] report = processor.report(3);
        report[0x187] = 114;
        refused(
                SnpVerifier.verify(processor.signed(report), processor.endorsement()),
                SnpRefusal.Code.TCB,
                "microcode 114");
    }

    @Test
    void refusesAReportThatNamesAnotherChipProductOrKey() throws Exception {
        TestProcessor processor = new TestProcessor("Genoa", SnpSigningKey.VCEK);
        byte[] chip = processor.report(3);
        chip[0x1a0] = 9;
        refused(
                SnpVerifier.verify(processor.signed(chip), processor.endorsement()),
                SnpRefusal.Code.WRONG_KEY,
                "another chip");
        byte[] product = processor.report(3);
        product[0x189] = 1;
        refused(
                SnpVerifier.verify(processor.signed(product), processor.endorsement()),
                SnpRefusal.Code.WRONG_KEY,
                "the report is of Milan, the key of Genoa");
        byte[] kind = processor.report(3);
        kind[0x48] = 4;
        refused(
                SnpVerifier.verify(processor.signed(kind), processor.endorsement()),
                SnpRefusal.Code.WRONG_KEY,
                "the report names a VLEK, the key is a VCEK");
    }

    @Test
    void takesAReportWhoseHostHidesTheChip() throws Exception {
        TestProcessor processor = new TestProcessor("Milan", SnpSigningKey.VCEK);
        byte[] report = processor.report(2);
        java.util.Arrays.fill(report, 0x1a0, 0x1e0, (byte) 0);
        verified(SnpVerifier.verify(processor.signed(report), processor.endorsement()));
    }

    @Test
    void doesNotBelieveAProcessorWithARootOfItsOwn() throws Exception {
        TestProcessor processor = new TestProcessor("Milan", SnpSigningKey.VCEK);
        assertThat(
                        SnpEndorsement.validate(
                                SnpVectors.AMD,
                                processor.certificate(),
                                processor.intermediates(),
                                TestAuthority.NOW))
                .isInstanceOfSatisfying(
                        SnpEndorsement.Result.Refused.class,
                        refused ->
                                assertThat(refused.refusal().code())
                                        .isEqualTo(SnpRefusal.Code.CHAIN));
    }

    @Test
    void refusesAKeyWhoseIssuerIsOfAnotherKind() throws Exception {
        TestProcessor leased = new TestProcessor("Milan", SnpSigningKey.VLEK);
        assertThat(
                        SnpEndorsement.validate(
                                SnpVectors.AMD,
                                SnpVectors.certificate("google-milan-vcek.der"),
                                leased.intermediates(),
                                NOW))
                .isInstanceOf(SnpEndorsement.Result.Trusted.class);
        assertThat(
                        SnpEndorsement.validate(
                                leased.validator(),
                                leased.intermediates().getFirst(),
                                List.of(),
                                TestAuthority.NOW))
                .isInstanceOfSatisfying(
                        SnpEndorsement.Result.Refused.class,
                        refused ->
                                assertThat(refused.refusal().reason())
                                        .contains("expected the subject SEV-VCEK or SEV-VLEK"));
    }
}
