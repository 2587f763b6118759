// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What the processor states about the enclave that signs quotes (the quoting enclave).
///
/// The report is 384 bytes long; integers are little-endian. Bytes not named are passed over.
///
/// ```text
///  offset  size  field
///       0    16  security version of the processor
///      16     4  features selected (MISCSELECT)
///      48    16  attributes
///      64    32  measurement of the enclave
///     128    32  its signer
///     256     2  product id
///     258     2  security version
///     320    64  report data: here SHA-256 of the attestation key and the data beside it, 32 zeros
/// ```
///
/// Source: Intel SGX DCAP quote library, appendix A.4.
///
/// @param miscSelect as an unsigned number
public record EnclaveReport(
        long miscSelect,
        Octets attributes,
        Octets signer,
        int productId,
        int securityVersion,
        Octets reportData,
        Octets signed) {
    static final int LENGTH = 384;

    static EnclaveReport read(ByteReader quote) throws EvidenceFormatException {
        byte[] bytes = quote.bytes(LENGTH);
        ByteReader in = ByteReader.littleEndian("tdx quote", bytes);
        in.skip(16);
        final long miscSelect = in.u32();
        in.skip(28);
        final Octets attributes = Octets.of(in.bytes(16));
        in.skip(64);
        final Octets signer = Octets.of(in.bytes(32));
        in.skip(96);
        final int productId = in.u16();
        final int securityVersion = in.u16();
        in.skip(60);
        final Octets reportData = Octets.of(in.bytes(64));
        in.end();
        return new EnclaveReport(
                miscSelect,
                attributes,
                signer,
                productId,
                securityVersion,
                reportData,
                Octets.of(bytes));
    }
}
