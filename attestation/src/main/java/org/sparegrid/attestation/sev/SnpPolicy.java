// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import org.sparegrid.attestation.wire.EvidenceFormatException;

/// What the owner of a guest allowed when it was launched; the processor enforces it.
///
/// ```text
///   bits  meaning
///    0-7  least firmware ABI, minor
///   8-15  least firmware ABI, major
///     16  simultaneous multithreading allowed
///     17  1
///     18  migration agent allowed
///     19  debugging allowed: the host may read the memory
///     20  only on one socket
///     21  CXL devices allowed
///     22  memory encrypted with AES-256-XTS only
///     23  no running average power limit
///     24  ciphertext of the memory hidden from the host
///     25  page swaps off
///  26-63  0
/// ```
///
/// Source: AMD 56860 (SEV-SNP firmware ABI), table 9.
public record SnpPolicy(long bits) {
    private static final long RESERVED = -1L << 26;
    private static final long ALWAYS_SET = 1L << 17;

    static SnpPolicy parse(long bits) throws EvidenceFormatException {
        if ((bits & RESERVED) != 0 || (bits & ALWAYS_SET) == 0) {
            throw new EvidenceFormatException(
                    "snp report: expected bit 17 and nothing above bit 25 in the policy at offset"
                            + " 8, got 0x"
                            + Long.toHexString(bits));
        }
        return new SnpPolicy(bits);
    }

    public boolean multithreading() {
        return bit(16);
    }

    public boolean migrationAgent() {
        return bit(18);
    }

    public boolean debug() {
        return bit(19);
    }

    public boolean singleSocket() {
        return bit(20);
    }

    public boolean ciphertextHiding() {
        return bit(24);
    }

    private boolean bit(int index) {
        return ((bits >>> index) & 1) == 1;
    }
}
