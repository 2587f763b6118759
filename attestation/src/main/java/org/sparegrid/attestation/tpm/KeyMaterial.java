// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// The public numbers of a key, or what a template has in their place.
public sealed interface KeyMaterial {
    /// TPM_ALG_RSA.
    int RSA = 0x0001;

    /// TPM_ALG_ECC.
    int ECC = 0x0023;

    /// A number that an RSA key is multiplied by.
    ///
    /// @param bits length of the modulus
    /// @param exponent the public exponent, where 0 stands for 65537
    /// @param modulus the modulus; in a template any bytes that make the key differ from others
    record Rsa(int bits, long exponent, Octets modulus) implements KeyMaterial {
        /// The exponent that the TPM writes as 0.
        public static final int EXPONENT_DEFAULT = 65_537;

        /// Whether the numbers are those of a key rather than of a template.
        boolean complete() {
            return modulus.length() * 8 == bits && modulus.toBytes()[0] < 0;
        }
    }

    /// A point on a curve.
    ///
    /// @param curve the curve
    /// @param x first coordinate; in a template any bytes that make the key differ from others
    /// @param y second coordinate
    record Ecc(EccCurve curve, Octets x, Octets y) implements KeyMaterial {
        /// Whether the numbers can be those of a key; does not look whether they are on the curve.
        boolean complete() {
            return x.length() > 0
                    && y.length() > 0
                    && x.length() <= curve.lengthBytes()
                    && y.length() <= curve.lengthBytes();
        }
    }

    /// The key as Java's cryptography takes it.
    ///
    /// @throws EvidenceFormatException if these are no numbers of a key
    default PublicKey toPublicKey() throws EvidenceFormatException {
        try {
            return switch (this) {
                case Rsa rsa -> rsaKey(rsa);
                case Ecc ecc -> eccKey(ecc);
            };
        } catch (GeneralSecurityException refused) {
            throw new EvidenceFormatException(
                    "public area: expected a key at offset 0, got " + refused.getMessage());
        }
    }

    private static PublicKey rsaKey(Rsa rsa) throws GeneralSecurityException {
        long exponent = rsa.exponent() == 0 ? Rsa.EXPONENT_DEFAULT : rsa.exponent();
        return KeyFactory.getInstance("RSA")
                .generatePublic(
                        new RSAPublicKeySpec(
                                new BigInteger(1, rsa.modulus().toBytes()),
                                BigInteger.valueOf(exponent)));
    }

    private static PublicKey eccKey(Ecc ecc) throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(ecc.curve().standardName()));
        ECPoint point =
                new ECPoint(
                        new BigInteger(1, ecc.x().toBytes()), new BigInteger(1, ecc.y().toBytes()));
        return KeyFactory.getInstance("EC")
                .generatePublic(
                        new ECPublicKeySpec(
                                point, parameters.getParameterSpec(ECParameterSpec.class)));
    }

    /// Reads key size and exponent of an RSA key and its modulus.
    static Rsa readRsa(ByteReader in) throws EvidenceFormatException {
        int at = in.offset();
        int bits = in.u16();
        in.check(
                bits == 2048 || bits == 3072 || bits == 4096,
                "an RSA key of 2048, 3072 or 4096 bits",
                at,
                bits);
        long exponent = in.u32();
        in.check(
                exponent == 0 || exponent == Rsa.EXPONENT_DEFAULT,
                "exponent 0 or 65537",
                at + 2,
                exponent);
        Rsa rsa = new Rsa(bits, exponent, Octets.of(in.sized16(bits / 8)));
        in.check(rsa.complete(), "a modulus of full length", at + 6, rsa.modulus().length());
        return rsa;
    }

    /// Reads curve, key derivation scheme (which has to be none) and point of an ECC key.
    static Ecc readEcc(ByteReader in) throws EvidenceFormatException {
        EccCurve curve = EccCurve.read(in);
        int at = in.offset();
        int derivation = in.u16();
        in.check(derivation == Scheme.NULL, "no key derivation scheme", at, derivation);
        Octets x = Octets.of(in.sized16(curve.lengthBytes()));
        Octets y = Octets.of(in.sized16(curve.lengthBytes()));
        Ecc ecc = new Ecc(curve, x, y);
        in.check(ecc.complete(), "a point", at + 2, x.length());
        return ecc;
    }

    /// Appends what the readers read.
    default void write(ByteWriter out) {
        switch (this) {
            case Rsa(int bits, long exponent, Octets modulus) ->
                    out.u16(bits).u32(exponent).sized16(modulus.toBytes());
            case Ecc(EccCurve curve, Octets x, Octets y) ->
                    out.u16(curve.id()).u16(Scheme.NULL).sized16(x.toBytes()).sized16(y.toBytes());
        }
    }
}
