// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.sparegrid.attestation.tpm.Credential;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Secret;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What the TPM opens for the attested machine: from it follow the proof that it did and the key
/// that the overlay admits the machine with.
///
/// @param secret 32 bytes
public record JoinSecret(Secret secret) {
    private static final int LENGTH = 32;
    private static final String PROOF = "SGRID-JOIN-PROOF";
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

    private Octets derive(String purpose, Octets about) {
        byte[] label = purpose.getBytes(StandardCharsets.US_ASCII);
        return Octets.of(
                HashAlgorithm.SHA256.hmac(
                        secret.toBytes(), label, new byte[] {0}, about.toBytes()));
    }
}
