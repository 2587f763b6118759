// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class EcdsaKeyTest {
    private static KeyPair pair(EcdsaKey.Curve curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(
                new ECGenParameterSpec(curve == EcdsaKey.Curve.P256 ? "secp256r1" : "secp384r1"));
        return generator.generateKeyPair();
    }

    private static byte[] signature(EcdsaKey.Curve curve, KeyPair pair, byte[] message)
            throws Exception {
        Signature signature =
                Signature.getInstance(
                        curve == EcdsaKey.Curve.P256
                                ? "SHA256withECDSAinP1363Format"
                                : "SHA384withECDSAinP1363Format");
        signature.initSign(pair.getPrivate());
        signature.update(message);
        return signature.sign();
    }

    /// The tables that a key gets when it is used often change no answer.
    @ParameterizedTest
    @EnumSource(EcdsaKey.Curve.class)
    void aKeptKeyAgreesWithTheJdkHoweverOftenItIsUsed(EcdsaKey.Curve curve) throws Exception {
        KeyPair pair = pair(curve);
        KeyPair other = pair(curve);
        int half = curve.lengthBytes();
        for (int i = 0; i < 50; i++) {
            byte[] message = {(byte) i, 1, 2, 3};
            byte[] both = signature(curve, pair, message);
            byte[] r = Arrays.copyOf(both, half);
            byte[] s = Arrays.copyOfRange(both, half, 2 * half);
            EcdsaKey key = EcdsaKey.of(pair.getPublic()).orElseThrow();
            assertThat(key.signed(message, 0, message.length, r, s)).isTrue();
            EcdsaKey wrong = EcdsaKey.of(other.getPublic()).orElseThrow();
            assertThat(wrong.signed(message, 0, message.length, r, s)).isFalse();
            s[i % half] ^= 1;
            assertThat(key.signed(message, 0, message.length, r, s)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(EcdsaKey.Curve.class)
    void aPointBesideTheCurveIsRefusedEachTime(EcdsaKey.Curve curve) {
        byte[] one = new byte[curve.lengthBytes()];
        one[one.length - 1] = 1;
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> EcdsaKey.of(curve, one, one))
                    .isInstanceOf(EvidenceFormatException.class)
                    .hasMessageContaining("expected a point");
        }
    }
}
