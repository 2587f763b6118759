// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import org.sparegrid.attestation.wire.EvidenceFormatException;

/// What the owner of a trust domain allowed when it was launched; the TDX module enforces it.
///
/// ```text
///   bits  meaning
///      0  debugging: the host may read the memory
///    1-7  0
///   8-27  reserved, of later modules
///     28  no exceptions for pages the host takes away
///     29  migration to another machine allowed
///     30  protection keys
///     31  key locker
///     63  performance counters
/// ```
///
/// Source: Intel TDX module 1.5 ABI, table of TD_ATTRIBUTES.
public record TdAttributes(long bits) {
    static TdAttributes parse(long bits) throws EvidenceFormatException {
        if ((bits & 0xfe) != 0) {
            throw new EvidenceFormatException(
                    "tdx quote: expected bits 1 to 7 of the attributes to be 0, got 0x"
                            + Long.toHexString(bits));
        }
        return new TdAttributes(bits);
    }

    public boolean debug() {
        return (bits & 1) != 0;
    }

    public boolean migratable() {
        return ((bits >>> 29) & 1) != 0;
    }
}
