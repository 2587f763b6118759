// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

class StructureTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ecc.pub",
                "rsa.pub",
                "child.pub",
                "endorsement_rsa.pub",
                "endorsement_ecc.pub"
            })
    void writesTheKeysThatItReads(String file) throws EvidenceFormatException {
        byte[] bytes = Vectors.areaBytes(file);
        assertThat(PublicArea.parse(bytes).toBytes()).isEqualTo(bytes);
    }

    /// Names as `tpm2_readpublic` prints them.
    @Test
    void namesAKeyAsTheTpmDoes() throws EvidenceFormatException {
        assertThat(Vectors.area("child.pub").name())
                .hasToString(
                        "000b8ec8bf3d212863f29484b0e32abc17ee64e564a6f3e01f8df4e4a4b8d537797d");
        assertThat(Vectors.area("ecc.pub").qualifiedName(Hierarchy.ENDORSEMENT.handle()))
                .hasToString(
                        "000b4888e356b403a783e891eae21098759a03a6419eeaed643c52a5aca1cf01b6d1");
    }

    @Test
    void knowsEndorsementKeysByTheirTemplate() throws EvidenceFormatException {
        PublicArea rsa = Vectors.area("endorsement_rsa.pub");
        PublicArea ecc = Vectors.area("endorsement_ecc.pub");
        assertThat(EndorsementTemplate.RSA_2048.made(rsa)).isTrue();
        assertThat(EndorsementTemplate.ECC_P256.made(ecc)).isTrue();
        assertThat(EndorsementTemplate.ECC_P256.made(rsa)).isFalse();
        assertThat(EndorsementTemplate.ECC_P384.made(ecc)).isFalse();
        assertThat(EndorsementTemplate.RSA_2048.made(Vectors.area("rsa.pub"))).isFalse();
        assertThat(EndorsementTemplate.ECC_P256.made(Vectors.area("ecc.pub"))).isFalse();
    }

    @Test
    void readsAQuote() throws EvidenceFormatException {
        byte[] bytes = Vectors.file("ecc.msg");
        Attestation quote = Attestation.parse(bytes);
        assertThat(quote.extraData()).isEqualTo(Vectors.NONCE);
        assertThat(quote.selections()).isEqualTo(List.of(Vectors.REGISTERS));
        assertThat(quote.selections().getFirst()).hasToString("sha256:0,7,11,15");
        assertThat(quote.clock()).isEqualTo(new ClockInfo(0x7e0, 2, 0, true));
        assertThat(quote.pcrDigest()).isEqualTo(Vectors.values().digest(HashAlgorithm.SHA256));
        assertThat(quote.toBytes()).isEqualTo(bytes);
    }

    @Test
    void takesASelectionOfFourBytes() throws EvidenceFormatException {
        byte[] bytes = Vectors.file("ecc.msg");
        int size = 129 - 2 - 32 - 4;
        byte[] wide = new byte[130];
        System.arraycopy(bytes, 0, wide, 0, size + 4);
        System.arraycopy(bytes, size + 4, wide, size + 5, bytes.length - size - 4);
        wide[size] = 4;
        assertThat(Attestation.parse(wide)).isEqualTo(Attestation.parse(bytes));
        wide[size + 4] = 1;
        assertThatThrownBy(() -> Attestation.parse(wide))
                .hasMessageContaining("expected a reserved byte of 0 at offset 95");
    }

    @Test
    void signaturesAreOfTheirKeysAlone() throws EvidenceFormatException {
        for (String kind : List.of("ecc", "rsa")) {
            PublicArea key = Vectors.area(kind + ".pub");
            byte[] message = Vectors.file(kind + ".msg");
            TpmSignature signature = TpmSignature.parse(Vectors.file(kind + ".sig"));
            assertThat(signature.toBytes()).isEqualTo(Vectors.file(kind + ".sig"));
            assertThat(SignatureCheck.holds(key, message, signature)).isTrue();
            message[40] ^= 1;
            assertThat(SignatureCheck.holds(key, message, signature)).isFalse();
            PublicArea other = Vectors.area(kind.equals("ecc") ? "rsa.pub" : "ecc.pub");
            assertThat(SignatureCheck.holds(other, Vectors.file(kind + ".msg"), signature))
                    .isFalse();
        }
        assertThat(
                        SignatureCheck.holds(
                                Vectors.area("child.pub"),
                                Vectors.file("ecc.msg"),
                                TpmSignature.parse(Vectors.file("ecc.sig"))))
                .isFalse();
    }

    @Test
    void noOtherBitOfAnEccSignatureVerifies() throws EvidenceFormatException {
        noOtherBitVerifies("ecc");
    }

    @Test
    void noOtherBitOfAnRsaSignatureVerifies() throws EvidenceFormatException {
        noOtherBitVerifies("rsa");
    }

    private static void noOtherBitVerifies(String kind) throws EvidenceFormatException {
        PublicArea key = Vectors.area(kind + ".pub");
        byte[] message = Vectors.file(kind + ".msg");
        byte[] signature = Vectors.file(kind + ".sig");
        for (int bit = 0; bit < signature.length * 8; bit++) {
            byte[] changed = signature.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                assertThat(SignatureCheck.holds(key, message, TpmSignature.parse(changed)))
                        .as("bit " + bit)
                        .isFalse();
            } catch (EvidenceFormatException refused) {
                assertThat(refused).hasMessageStartingWith("signature: ");
            }
        }
    }

    @Test
    void everyTruncationIsRefused() throws EvidenceFormatException {
        byte[] quote = Vectors.file("ecc.msg");
        byte[] signature = Vectors.file("ecc.sig");
        byte[] rsa = Vectors.areaBytes("endorsement_rsa.pub");
        byte[] ecc = Vectors.areaBytes("ecc.pub");
        for (int length = 0; length < 400; length++) {
            int l = length;
            if (l != quote.length) {
                assertThatThrownBy(() -> Attestation.parse(Arrays.copyOf(quote, l)))
                        .isInstanceOf(EvidenceFormatException.class);
            }
            if (l != signature.length) {
                assertThatThrownBy(() -> TpmSignature.parse(Arrays.copyOf(signature, l)))
                        .isInstanceOf(EvidenceFormatException.class);
            }
            if (l != rsa.length) {
                assertThatThrownBy(() -> PublicArea.parse(Arrays.copyOf(rsa, l)))
                        .isInstanceOf(EvidenceFormatException.class);
            }
            if (l != ecc.length) {
                assertThatThrownBy(() -> PublicArea.parse(Arrays.copyOf(ecc, l)))
                        .isInstanceOf(EvidenceFormatException.class);
            }
        }
    }

    /// Bytes to change in a real key, and the complaint.
    @ParameterizedTest
    @CsvSource({
        "0, 0008, 'expected an RSA or ECC key at offset 0, got 0x8'",
        "2, 0004, 'expected a name better than SHA-1 at offset 2, got 0x4'",
        "2, 0012, 'expected a known hash at offset 2, got 0x12'",
        "4, 8005, 'expected no reserved attribute at offset 4, got 0x80050472'",
        "8, 0001, 'expected a policy of 32 bytes or none at offset 8, got 0x1'",
        "10, 0026, 'expected AES or no cipher at offset 10, got 0x26'",
        "12, 0016, 'expected a scheme that signs, or none at offset 12, got 0x16'",
        "12, 001a, 'expected a scheme that signs, or none at offset 12, got 0x1a'",
        "16, 0010, 'expected curve P-256 or P-384 at offset 16, got 0x10'",
        "18, 0020, 'expected no key derivation scheme at offset 18, got 0x20'",
        "20, 0021, 'expected at most 32 bytes at offset 20, got 0x21'",
    })
    void refusesKeysAndSaysWhy(int offset, String hex, String why) throws EvidenceFormatException {
        byte[] bytes = Vectors.areaBytes("ecc.pub");
        byte[] change = HexFormat.of().parseHex(hex);
        System.arraycopy(change, 0, bytes, offset, change.length);
        assertThatThrownBy(() -> PublicArea.parse(bytes))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessage("public area: " + why);
    }

    @Test
    void refusesPointsOffTheCurve() throws EvidenceFormatException {
        byte[] bytes = Vectors.areaBytes("ecc.pub");
        bytes[bytes.length - 1] ^= 1;
        PublicArea off = PublicArea.parse(bytes);
        assertThatThrownBy(() ->
                        SignatureCheck.holds(
                                off,
                                Vectors.file("ecc.msg"),
                                TpmSignature.parse(Vectors.file("ecc.sig"))))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessage("key: expected a point of P-256");
    }

    @Test
    void arbitraryChangesAreReadOrRefused() throws EvidenceFormatException {
        byte[] area = Vectors.areaBytes("endorsement_ecc.pub");
        byte[] quote = Vectors.file("rsa.msg");
        byte[] signature = Vectors.file("rsa.sig");
        Property.holds(
                20_000,
                random -> {
                    takesOrRefuses(
                            change(area, random), bytes -> PublicArea.parse(bytes).toBytes());
                    takesOrRefuses(
                            change(signature, random),
                            bytes -> TpmSignature.parse(bytes).toBytes());
                    try {
                        Attestation read = Attestation.parse(change(quote, random));
                        assertThat(Attestation.parse(read.toBytes())).isEqualTo(read);
                    } catch (EvidenceFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("quote: ");
                    }
                });
    }

    private interface Rewriting {
        byte[] rewrite(byte[] bytes) throws EvidenceFormatException;
    }

    private static void takesOrRefuses(byte[] bytes, Rewriting rewriting) {
        try {
            assertThat(rewriting.rewrite(bytes)).isEqualTo(bytes);
        } catch (EvidenceFormatException expected) {
            assertThat(expected.getMessage()).contains(": expected ");
        }
    }

    private static byte[] change(byte[] bytes, java.util.random.RandomGenerator random) {
        byte[] changed =
                Arrays.copyOf(bytes, random.nextInt(4) == 0 ? random.nextInt(400) : bytes.length);
        for (int i = random.nextInt(4); i > 0 && changed.length > 0; i--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        return changed;
    }

    @Test
    void secretsDoNotShow() {
        Secret secret = Secret.of(new byte[] {1, 2, 3, 4});
        assertThat(secret.toString()).startsWith("secret ").doesNotContain("01020304");
        assertThat(secret).isEqualTo(Secret.of(new byte[] {1, 2, 3, 4}));
        assertThat(secret).isNotEqualTo(Secret.of(new byte[] {1, 2, 3, 5}));
        assertThat(Octets.of(new byte[] {1, 2})).hasToString("0102");
    }
}
