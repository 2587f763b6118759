// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.testsupport.Property;

class TdxQuoteTest {
    @Test
    void readsTheFields() throws Exception {
        TdxQuote quote = TdxQuote.parse(TdxVectors.quote("cos-113-v4.dat"));
        assertThat(quote.body().tcbVersions()).startsWith(4, 1, 7, 0);
        assertThat(quote.body().moduleMeasurement().toString()).startsWith("ffc97a88587660fb04e1");
        assertThat(quote.body().attributes().debug()).isFalse();
        assertThat(quote.body().registers()).hasSize(4);
        assertThat(quote.quotingEnclave().securityVersion()).isEqualTo(6);
        assertThat(quote.quotingEnclave().signer().toString()).startsWith("dc9e2a7c6f948f17");
        assertThat(quote.chain()).hasSize(3);
        assertThat(TdxQuote.parse(TdxVectors.quote("sample-v5.dat")).body().tcbVersions())
                .startsWith(11, 1, 4);
    }

    @Test
    void cutsTheQuoteOutOfABuffer() {
        assertThat(TdxVectors.bytes("cos-113-v4.dat")).hasSize(8000);
        assertThat(TdxVectors.quote("cos-113-v4.dat")).hasSize(4935);
        assertThat(TdxVectors.quote("sample-v5.dat")).hasSize(5006);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 3, 'expected version 4 or 5 at offset 0, got 0x3'",
        "2, 3, 'expected attestation key 2 (ECDSA P-256) at offset 2, got 0x3'",
        "4, 0, 'expected TEE 0x81 (TDX) at offset 4, got 0x0'",
        "12, 0, 'expected Intel''s quoting enclave at offset 12'",
        "168, 2, 'expected bits 1 to 7 of the attributes to be 0'",
        "632, 0, 'expected a length of 4299 at offset 632'",
        "764, 7, 'expected certification data 6 at offset 764'",
        "766, 0, 'expected a length of 4165'",
        "1252, 6, 'expected certification data 5 at offset 1252'",
        "1254, 0, 'expected a length of 3677'",
        "1218, 255, 'expected at most 1024 bytes'",
        "1258, 0, 'pem: expected'",
    })
    void refusesAndSaysWhy(int offset, int value, String why) {
        byte[] bytes = TdxVectors.quote("cos-113-v4.dat");
        bytes[offset] = (byte) value;
        if (offset == 1218) {
            bytes[offset + 1] = (byte) value;
        }
        assertThatThrownBy(() -> TdxQuote.parse(bytes))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "48, 1, 'expected a body of type 2 or 3 at offset 48, got 0x1'",
        "50, 0, 'expected a body of 648 bytes at offset 50'",
    })
    void refusesBodiesOfVersion5(int offset, int value, String why) {
        byte[] bytes = TdxVectors.quote("sample-v5.dat");
        bytes[offset] = (byte) value;
        assertThatThrownBy(() -> TdxQuote.parse(bytes)).hasMessageContaining(why);
    }

    @Test
    void refusesEveryTruncation() {
        byte[] bytes = TdxVectors.quote("cos-113-v4.dat");
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> TdxQuote.parse(cut))
                    .isInstanceOf(EvidenceFormatException.class);
        }
    }

    @Test
    void refusesALongerTextThanAnyQuote() {
        assertThatThrownBy(() -> TdxQuote.parse(new byte[65 * 1024]))
                .hasMessageStartingWith("tdx quote: expected at most 65536 bytes");
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        byte[] good = TdxVectors.quote("sample-v5.dat");
        Property.holds(
                3_000,
                random -> {
                    byte[] any = Arrays.copyOf(good, good.length - random.nextInt(3));
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt(256);
                    }
                    try {
                        assertThat(TdxQuote.parse(any).bytes().toBytes()).isEqualTo(any);
                    } catch (EvidenceFormatException expected) {
                        assertThat(expected.getMessage()).isNotEmpty();
                    }
                });
    }
}
