// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import org.sparegrid.attestation.wire.EvidenceFormatException;

/// How the host was set up when the report was made.
///
/// ```text
///   bits  meaning
///      0  simultaneous multithreading on
///      1  whole memory encrypted (TSME)
///      2  memory with error correction
///      3  running average power limit off
///      4  ciphertext of the memory hidden from the host
///      5  aliases of memory were looked for, none found (against BadRAM)
///      6  0
///      7  trusted input and output on
///   8-63  0
/// ```
///
/// Source: AMD 56860 (SEV-SNP firmware ABI), table 24.
public record SnpPlatform(long bits) {
    private static final long RESERVED = ~0xbfL;

    static SnpPlatform parse(long bits) throws EvidenceFormatException {
        if ((bits & RESERVED) != 0) {
            throw new EvidenceFormatException(
                    "snp report: expected no reserved bits of the platform at offset 64, got 0x"
                            + Long.toHexString(bits));
        }
        return new SnpPlatform(bits);
    }

    public boolean multithreading() {
        return bit(0);
    }

    public boolean ciphertextHiding() {
        return bit(4);
    }

    public boolean aliasesChecked() {
        return bit(5);
    }

    private boolean bit(int index) {
        return ((bits >>> index) & 1) == 1;
    }
}
