// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// A seed that only the TPM with a certain decryption key can learn.
///
/// To an RSA key the seed is chosen and encrypted with OAEP; with an ECC key it follows from a
/// Diffie-Hellman exchange with a key that is made for it.
///
/// Source: TPM 2.0 library, part 1, annexes B.10 and C.6.
///
/// @param seed as long as a digest of the key's nameAlg
/// @param encrypted what the TPM makes the seed from, TPM2B_ENCRYPTED_SECRET without its length
public record SeedTransport(Secret seed, Octets encrypted) {
    /// What a seed of ActivateCredential is for.
    public static final String IDENTITY = "IDENTITY";

    /// What a salt of a session is for.
    public static final String SECRET = "SECRET";

    /// A new seed for the holder of `key`.
    ///
    /// @param label what the seed is for
    /// @throws EvidenceFormatException if the key's numbers are no key
    public static SeedTransport to(PublicArea key, String label, SecureRandom random)
            throws EvidenceFormatException {
        try {
            return switch (key.material()) {
                case KeyMaterial.Rsa rsa -> toRsa(key.nameAlgorithm(), rsa, label, random);
                case KeyMaterial.Ecc ecc -> toEcc(key.nameAlgorithm(), ecc, label, random);
            };
        } catch (GeneralSecurityException refused) {
            throw new EvidenceFormatException(
                    "public area: expected a key for decryption, got " + refused.getMessage());
        }
    }

    private static SeedTransport toRsa(
            HashAlgorithm hash, KeyMaterial.Rsa key, String label, SecureRandom random)
            throws GeneralSecurityException, EvidenceFormatException {
        Secret seed = Secret.random(hash.lengthBytes(), random);
        byte[] terminated =
                Arrays.copyOf(label.getBytes(StandardCharsets.US_ASCII), label.length() + 1);
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                key.toPublicKey(),
                new OAEPParameterSpec(
                        hash.digestName(),
                        "MGF1",
                        new MGF1ParameterSpec(hash.digestName()),
                        new PSource.PSpecified(terminated)),
                random);
        return new SeedTransport(seed, Octets.of(cipher.doFinal(seed.toBytes())));
    }

    private static SeedTransport toEcc(
            HashAlgorithm hash, KeyMaterial.Ecc key, String label, SecureRandom random)
            throws GeneralSecurityException, EvidenceFormatException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(key.curve().standardName()), random);
        KeyPair ephemeral = generator.generateKeyPair();
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(ephemeral.getPrivate());
        agreement.doPhase(key.toPublicKey(), true);
        byte[] shared = agreement.generateSecret();
        int length = key.curve().lengthBytes();
        ECPoint point = ((ECPublicKey) ephemeral.getPublic()).getW();
        byte[] x = padded(point.getAffineX(), length);
        byte[] y = padded(point.getAffineY(), length);
        byte[] theirs = padded(new BigInteger(1, key.x().toBytes()), length);
        byte[] seed =
                KeyDerivation.fromExchange(hash, shared, label, x, theirs, hash.lengthBytes() * 8);
        return new SeedTransport(
                Secret.of(seed), Octets.of(new ByteWriter().sized16(x).sized16(y).toBytes()));
    }

    private static byte[] padded(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] padded = new byte[length];
        int kept = Math.min(bytes.length, length);
        System.arraycopy(bytes, bytes.length - kept, padded, length - kept, kept);
        return padded;
    }
}
