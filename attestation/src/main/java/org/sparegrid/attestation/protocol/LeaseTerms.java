// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What a buyer asks one machine of his to be: the same from the lease's start to its end.
///
/// @param leaseId 16 bytes
/// @param imageDigest SHA-256 of the image that the machine boots
/// @param machineDigest SHA-256 of the machine's configuration
/// @param policyDigest SHA-256 of the buyer's policy file
/// @param gatewayKey public key of the overlay's end that admits the machine, 32 bytes
public record LeaseTerms(
        Octets leaseId,
        Octets imageDigest,
        Octets machineDigest,
        Octets policyDigest,
        Octets gatewayKey) {
    /// Length of a lease's identifier.
    public static final int LEASE_ID_LENGTH = 16;

    /// Length of digests and keys.
    public static final int DIGEST_LENGTH = 32;

    private static final String TITLE = "SGRID-TERMS";

    /// Refuses parts of another length.
    public LeaseTerms {
        need("lease", leaseId, LEASE_ID_LENGTH);
        need("image digest", imageDigest, DIGEST_LENGTH);
        need("machine digest", machineDigest, DIGEST_LENGTH);
        need("policy digest", policyDigest, DIGEST_LENGTH);
        need("gateway key", gatewayKey, DIGEST_LENGTH);
    }

    static void need(String what, Octets bytes, int length) {
        if (bytes.length() != length) {
            throw new IllegalArgumentException(
                    what + ": expected " + length + " bytes, got " + bytes.length());
        }
    }

    /// The one encoding of these terms.
    public byte[] toBytes() {
        return new Fields.Writer(TITLE)
                .field(1, leaseId)
                .field(2, imageDigest)
                .field(3, machineDigest)
                .field(4, policyDigest)
                .field(5, gatewayKey)
                .toBytes();
    }

    /// Reads the one encoding of terms.
    public static LeaseTerms parse(byte[] bytes) throws EvidenceFormatException {
        Fields.Reader in = new Fields.Reader(TITLE, bytes, 256);
        LeaseTerms terms =
                new LeaseTerms(
                        in.exactly(1, LEASE_ID_LENGTH),
                        in.exactly(2, DIGEST_LENGTH),
                        in.exactly(3, DIGEST_LENGTH),
                        in.exactly(4, DIGEST_LENGTH),
                        in.exactly(5, DIGEST_LENGTH));
        in.end();
        return terms;
    }
}
