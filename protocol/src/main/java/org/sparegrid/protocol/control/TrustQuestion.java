// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

/// What a buyer tells the agent of one of his machines about its trust, relayed by the coordinator,
/// which can drop it but neither make nor read what matters in it.
///
/// Source: docs/protocol/attestation.md, section 9.
public sealed interface TrustQuestion {
    /// Asks for evidence. The agent answers [TrustAnswer.Evidence] or [TrustAnswer.Failed].
    ///
    /// @param level 1 identified, 2 measured, 3 confidential: which registers are quoted
    /// @param sequence number of the quote in the lease, 0 for the first
    /// @param nonce 32 bytes, good once and for 60 s
    /// @param policyDigest SHA-256 of the buyer's policy
    /// @param gatewayKey public key of the buyer's end of the overlay, 32 bytes
    record Challenge(int level, long sequence, Blob nonce, Blob policyDigest, Blob gatewayKey)
            implements TrustQuestion {
        private static final int LENGTH = 32;

        public Challenge {
            if (level < 1 || level > 3 || sequence < 0) {
                throw new IllegalArgumentException(
                        "challenge: expected level 1 to 3 and a number from 0");
            }
            if (nonce.length() != LENGTH
                    || policyDigest.length() != LENGTH
                    || gatewayKey.length() != LENGTH) {
                throw new IllegalArgumentException(
                        "challenge: expected nonce, digest and key of " + LENGTH + " bytes");
            }
        }
    }

    /// A secret that only the TPM of the evidence opens. The agent answers [TrustAnswer.Proof].
    ///
    /// @param credential the credential blob, without its length
    /// @param encryptedSeed the encrypted seed, without its length
    record Grant(Blob credential, Blob encryptedSeed) implements TrustQuestion {}

    /// Lets the machine in: it runs from the first of these on and knows no other members.
    ///
    /// @param sealed a [TrustPeers] under the key that follows from the secret
    record Admission(Blob sealed) implements TrustQuestion {}

    /// The machine is not or no longer trusted; the coordinator ends the lease.
    ///
    /// @param code such as `PCR_POLICY`
    /// @param finding what was found, in a sentence
    record Refusal(String code, String finding) implements TrustQuestion {
        public Refusal {
            if (!code.matches("[A-Z][A-Z_]{0,39}") || finding.length() > 400) {
                throw new IllegalArgumentException(
                        "refusal: expected a code of capitals and at most 400 characters");
            }
        }
    }
}
