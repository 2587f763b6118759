// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.Octets;

/// What an entry of the [LeaseLog] is about: the lease and the machine's key in the overlay.
///
/// The salt keeps other buyers, who see the hash, from trying out whose lease it is.
///
/// @param salt 32 random bytes, told to this lease's buyer alone
/// @param terms the lease
/// @param overlayKey public key of the machine in the overlay
public record LeaseSubject(Octets salt, LeaseTerms terms, Octets overlayKey) {
    private static final String TITLE = "SGRID-SUBJECT";

    /// Refuses parts of another length.
    public LeaseSubject {
        LeaseTerms.need("salt", salt, LeaseTerms.DIGEST_LENGTH);
        LeaseTerms.need("overlay key", overlayKey, LeaseTerms.DIGEST_LENGTH);
    }

    /// What stands in the log.
    public Octets digest() {
        byte[] encoded =
                new Fields.Writer(TITLE)
                        .field(1, salt)
                        .field(2, terms.toBytes())
                        .field(3, overlayKey)
                        .toBytes();
        return Octets.of(HashAlgorithm.SHA256.hash(encoded));
    }
}
