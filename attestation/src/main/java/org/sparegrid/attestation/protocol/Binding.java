// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.Octets;

/// What one quote or report is made for. Its hash goes into the quote, so that evidence of another
/// lease, image, machine, key, nonce or moment does not fit.
///
/// @param terms the lease
/// @param moment at which time of it
/// @param sequence number of the quote in the lease, from 0
/// @param overlayKey public key of the machine in the overlay, 32 bytes
/// @param nonce the verifier's, 32 bytes
/// @param leaseLogDigest SHA-256 of the whole [LeaseLog]
public record Binding(
        LeaseTerms terms,
        Moment moment,
        long sequence,
        Octets overlayKey,
        Octets nonce,
        Octets leaseLogDigest) {
    private static final String TITLE = "SGRID-BIND";

    /// At which time of a lease evidence is given.
    public enum Moment {
        /// Before the machine runs.
        START(1),
        /// While it runs.
        AGAIN(2),
        /// After it ran.
        END(3);

        private final int code;

        Moment(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /// Refuses parts of another length.
    public Binding {
        LeaseTerms.need("overlay key", overlayKey, LeaseTerms.DIGEST_LENGTH);
        LeaseTerms.need("nonce", nonce, Nonces.LENGTH);
        LeaseTerms.need("lease log digest", leaseLogDigest, LeaseTerms.DIGEST_LENGTH);
    }

    /// The one encoding of this binding.
    public byte[] toBytes() {
        return new Fields.Writer(TITLE)
                .field(1, terms.leaseId())
                .field(2, new byte[] {(byte) moment.code()})
                .field(3, terms.imageDigest())
                .field(4, terms.machineDigest())
                .field(5, overlayKey)
                .field(6, terms.policyDigest())
                .field(7, nonce)
                .field(8, new ByteWriter().u64(sequence).toBytes())
                .field(9, terms.gatewayKey())
                .field(10, leaseLogDigest)
                .toBytes();
    }

    /// What a TPM signs along with the registers.
    public Octets qualifyingData() {
        return Octets.of(HashAlgorithm.SHA256.hash(toBytes()));
    }

    /// What a confidential guest puts into REPORT_DATA (SEV-SNP) or REPORTDATA (TDX).
    public Octets reportData() {
        return Octets.of(HashAlgorithm.SHA512.hash(toBytes()));
    }
}
