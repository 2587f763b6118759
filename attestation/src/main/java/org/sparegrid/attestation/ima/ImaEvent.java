// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.ima;

import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.Octets;

/// Something that Linux measured before it used it.
///
/// @param register the register that was extended, usually 10
/// @param digest SHA-1 of the data; zeros if the measured file was being written to
/// @param template how the data is laid out, such as `ima-ng`
/// @param data what was extended, as the log has it
/// @param hash name of the hash of the file
/// @param fileDigest digest of the file
/// @param path what the kernel knew the file by
public record ImaEvent(
        int register,
        Octets digest,
        String template,
        Octets data,
        String hash,
        Octets fileDigest,
        String path) {
    /// Whether the file was open for writing while it was measured, so that its digest says
    /// nothing.
    public boolean violation() {
        return digest.equals(Octets.repeated(0, HashAlgorithm.SHA1.lengthBytes()));
    }

    /// What was extended into the register of a bank.
    public Octets extended(HashAlgorithm bank) {
        return violation()
                ? Octets.repeated(0xff, bank.lengthBytes())
                : Octets.of(bank.hash(data.toBytes()));
    }
}
