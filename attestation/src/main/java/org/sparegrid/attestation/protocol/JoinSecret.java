// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.attestation.tpm.Credential;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Secret;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What the TPM opens for the attested machine: from it follow the proof that it did and the key
/// that the overlay admits the machine with.
///
/// @param secret 32 bytes
public record JoinSecret(Secret secret) {
    private static final int LENGTH = 32;
    private static final String PROOF = "SGRID-JOIN-PROOF";
    private static final String SEAL = "SGRID-JOIN-SEAL";
    private static final int SEAL_START = 12;
    private static final String PRESHARED_KEY = "SGRID-JOIN-PSK";

    /// The buyer's challenge and what he keeps of it.
    ///
    /// @param credential what goes to the agent
    /// @param seed shows later, with the secret, that the credential was for exactly these two keys
    /// @param secret what the TPM has to open
    public record Grant(Credential credential, Secret seed, JoinSecret secret) {
        /// Whether this challenge was for these two keys: what makes an answer to it a proof, also
        /// when somebody looks at it a year later.
        public boolean wasFor(PublicArea endorsementKey, PublicArea leaseKey) {
            return endorsementKey.aesKeyBits() != 0
                    && Credential.blob(endorsementKey, leaseKey.name(), secret.secret(), seed)
                            .equals(credential.blob());
        }
    }

    /// A new secret for the holder of both keys.
    ///
    /// @throws EvidenceFormatException if the endorsement key cannot be encrypted to
    public static Grant grant(PublicArea endorsementKey, PublicArea leaseKey, SecureRandom random)
            throws EvidenceFormatException {
        Secret secret = Secret.random(LENGTH, random);
        Credential.Made made = Credential.make(endorsementKey, leaseKey.name(), secret, random);
        return new Grant(made.credential(), made.seed(), new JoinSecret(secret));
    }

    /// Shows that the secret was opened by whoever gave this evidence.
    public Octets proof(Octets evidenceDigest) {
        return derive(PROOF, evidenceDigest);
    }

    /// The preshared key of the machine's tunnel.
    public Secret presharedKey(Octets leaseId) {
        return Secret.of(derive(PRESHARED_KEY, leaseId).toBytes());
    }

    /// Shuts a message so that only the two ends read it, and nobody else makes one: AES-256-GCM
    /// under a key that follows from the secret, behind its 12 random bytes.
    public byte[] seal(byte[] message, SecureRandom random) {
        byte[] start = new byte[SEAL_START];
        random.nextBytes(start);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, start);
            return new ByteWriter().bytes(start).bytes(cipher.doFinal(message)).toBytes();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has AES-GCM", impossible);
        }
    }

    /// Opens what [#seal] shut.
    ///
    /// @throws EvidenceFormatException if it was not shut with this secret, or changed since
    public byte[] unseal(byte[] sealed) throws EvidenceFormatException {
        if (sealed.length < SEAL_START) {
            throw new EvidenceFormatException("sealed message: expected more bytes");
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, SEAL_START))
                    .doFinal(sealed, SEAL_START, sealed.length - SEAL_START);
        } catch (GeneralSecurityException changed) {
            throw new EvidenceFormatException("sealed message: expected one of this secret");
        }
    }

    private Cipher cipher(int mode, byte[] start) throws GeneralSecurityException {
        byte[] key = derive(SEAL, Octets.EMPTY).toBytes();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, start));
        return cipher;
    }

    private Octets derive(String purpose, Octets about) {
        byte[] label = purpose.getBytes(StandardCharsets.US_ASCII);
        return Octets.of(
                HashAlgorithm.SHA256.hmac(
                        secret.toBytes(), label, new byte[] {0}, about.toBytes()));
    }
}
