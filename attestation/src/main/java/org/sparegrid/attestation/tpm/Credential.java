// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// A secret that one TPM gives out only if it also holds a certain other key: the challenge that
/// ties an attestation key to the TPM of an endorsement key.
///
/// The TPM decrypts the seed with its endorsement key, checks the HMAC over the encrypted secret
/// and the *name* of the attestation key, and gives the secret out if it holds a key of that name
/// and, for a key with `adminWithPolicy`, if the key's policy is met at that moment.
///
/// Source: TPM 2.0 library, part 1, section 24.
///
/// @param blob integrity and encrypted secret, TPM2B_ID_OBJECT without its length
/// @param encryptedSeed the seed for the endorsement key, TPM2B_ENCRYPTED_SECRET without its length
public record Credential(Octets blob, Octets encryptedSeed) {
    /// Longest blob: an HMAC of SHA-512 and a secret as long as a digest.
    public static final int BLOB_LENGTH_MAX = 132;

    /// Longest encrypted seed: RSA of 4096 bits.
    public static final int SEED_LENGTH_MAX = 512;

    /// A challenge and what its maker keeps to check it again later.
    ///
    /// @param credential what goes to the TPM
    /// @param seed from which the blob can be made again
    public record Made(Credential credential, Secret seed) {}

    /// Encrypts `secret` to the holder of both keys.
    ///
    /// @param endorsement a key for decryption, known to be a real TPM's
    /// @param attestationName name of the other key
    /// @param secret at most as long as a digest of the endorsement key's nameAlg
    /// @throws EvidenceFormatException if the endorsement key cannot be encrypted to
    public static Made make(
            PublicArea endorsement, Octets attestationName, Secret secret, SecureRandom random)
            throws EvidenceFormatException {
        if (endorsement.aesKeyBits() == 0) {
            throw new EvidenceFormatException(
                    "public area: expected a key for decryption with AES, got one without");
        }
        SeedTransport seed = SeedTransport.to(endorsement, SeedTransport.IDENTITY, random);
        Octets blob = blob(endorsement, attestationName, secret, seed.seed());
        return new Made(new Credential(blob, seed.encrypted()), seed.seed());
    }

    /// The blob that belongs to a seed: whoever kept seed and secret can show what he had asked.
    public static Octets blob(
            PublicArea endorsement, Octets attestationName, Secret secret, Secret seed) {
        HashAlgorithm hash = endorsement.nameAlgorithm();
        if (secret.length() > hash.lengthBytes()) {
            throw new IllegalArgumentException(
                    "credential: expected a secret of at most "
                            + hash.lengthBytes()
                            + " bytes, got "
                            + secret.length());
        }
        byte[] name = attestationName.toBytes();
        byte[] none = new byte[0];
        byte[] key =
                KeyDerivation.fromKey(
                        hash, seed.toBytes(), "STORAGE", name, none, endorsement.aesKeyBits());
        byte[] encrypted = encrypt(key, new ByteWriter().sized16(secret.toBytes()).toBytes());
        byte[] macKey =
                KeyDerivation.fromKey(
                        hash, seed.toBytes(), "INTEGRITY", none, none, hash.lengthBytes() * 8);
        byte[] mac = hash.hmac(macKey, encrypted, name);
        return Octets.of(new ByteWriter().sized16(mac).bytes(encrypted).toBytes());
    }

    private static byte[] encrypt(byte[] key, byte[] plain) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(key, "AES"),
                    new IvParameterSpec(new byte[16])); // as the TPM's specification has it
            return cipher.doFinal(plain);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("the JDK has AES", impossible);
        }
    }
}
