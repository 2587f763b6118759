// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.testsupport.Property;

class SnpReportTest {
    @Test
    void readsTheFields() throws Exception {
        SnpReport report = SnpReport.parse(SnpVectors.bytes("google-milan-v2.bin"));
        assertThat(report.version()).isEqualTo(2);
        assertThat(report.policy().bits()).isEqualTo(0xb0000);
        assertThat(report.policy().debug()).isTrue();
        assertThat(report.policy().multithreading()).isTrue();
        assertThat(report.policy().migrationAgent()).isFalse();
        assertThat(report.privilegeLevel()).isZero();
        assertThat(report.signingKey()).isEqualTo(SnpSigningKey.VCEK);
        assertThat(report.platform().multithreading()).isTrue();
        assertThat(report.platform().aliasesChecked()).isFalse();
        assertThat(report.reportData().toString()).isEqualTo("0102030405" + "0".repeat(118));
        assertThat(report.chipId().toString()).startsWith("3ac3fe21e13fb099");
        assertThat(report.product()).isEmpty();
        assertThat(report.reportedTcb(SnpProduct.MILAN)).isEqualTo(new SnpTcb(0, 2, 0, 5, 68));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4, 'expected version 2, 3 or 5 at offset 0, got 0x4'",
        "0, 1, 'expected version 2, 3 or 5'",
        "10, 0, 'expected bit 17'",
        "11, 4, 'nothing above bit 25'",
        "48, 4, 'expected a privilege level of 0 to 3 at offset 48, got 0x4'",
        "52, 2, 'expected signature 1 (ECDSA P-384) at offset 52, got 0x2'",
        "64, 65, 'no reserved bits of the platform'",
        "72, 32, 'expected no reserved flags at offset 72'",
        "72, 2, 'expected a signed report at offset 72'",
        "72, 8, 'expected signing key 0 (VCEK) or 1 (VLEK)'",
        "72, 28, 'expected signing key 0 (VCEK) or 1 (VLEK)'",
        "76, 1, 'expected a reserved byte of 0 at offset 76'",
        "392, 25, 'expected a reserved byte of 0 at offset 392'",
        "395, 1, 'expected a reserved byte of 0 at offset 395'",
        "491, 1, 'expected a reserved byte of 0 at offset 491'",
        "495, 1, 'expected a reserved byte of 0 at offset 495'",
        "504, 1, 'expected a reserved byte of 0 at offset 504'",
        "520, 1, 'expected a reserved byte of 0 at offset 520'",
        "720, 1, 'expected a reserved byte of 0 at offset 720'",
        "815, 1, 'expected a reserved byte of 0 at offset 815'",
        "1183, 1, 'expected a reserved byte of 0 at offset 1183'",
    })
    void refusesAndSaysWhy(int offset, int value, String why) {
        byte[] bytes = SnpVectors.bytes("virtee-milan-v2.bin");
        bytes[offset] = (byte) value;
        assertThatThrownBy(() -> SnpReport.parse(bytes))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageStartingWith("snp report: ")
                .hasMessageContaining(why);
    }

    @Test
    void refusesAnyOtherLength() {
        byte[] bytes = SnpVectors.bytes("virtee-milan-v2.bin");
        for (int length = 0; length < 2400; length++) {
            if (length != SnpReport.LENGTH) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> SnpReport.parse(cut))
                        .hasMessageContaining("expected 1184 bytes");
            }
        }
    }

    @Test
    void refusesAProcessorItDoesNotKnow() throws Exception {
        byte[] report = new TestProcessor("Genoa", SnpSigningKey.VCEK).report(3);
        report[0x188] = 0x17;
        assertThatThrownBy(() -> SnpReport.parse(report))
                .hasMessageContaining("expected the CPUID of a known product at offset 392");
    }

    @Test
    void refusesReservedVersions() throws Exception {
        byte[] report = new TestProcessor("Genoa", SnpSigningKey.VCEK).report(3);
        report[0x182] = 1;
        assertThatThrownBy(() -> SnpReport.parse(report).reportedTcb(SnpProduct.GENOA))
                .hasMessageContaining("got reserved bytes");
    }

    @Test
    void comparesVersionsPartByPart() {
        SnpTcb tcb = new SnpTcb(0, 3, 0, 8, 115);
        assertThat(tcb.atLeast(tcb)).isTrue();
        assertThat(tcb.atLeast(new SnpTcb(0, 2, 0, 8, 114))).isTrue();
        assertThat(tcb.atLeast(new SnpTcb(0, 4, 0, 0, 0))).isFalse();
        assertThat(tcb.atLeast(new SnpTcb(0, 0, 0, 0, 116))).isFalse();
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        byte[] good = SnpVectors.bytes("virtee-milan-v2.bin");
        Property.holds(
                10_000,
                random -> {
                    byte[] any = good.clone();
                    for (int i = random.nextInt(8); i >= 0; i--) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt(256);
                    }
                    try {
                        assertThat(SnpReport.parse(any).signed().toBytes()).isEqualTo(any);
                    } catch (EvidenceFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("snp report: ");
                    }
                });
    }
}
