// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Which key signed a report.
public enum SnpSigningKey {
    /// The chip's own, derived from its fuses and its firmware versions.
    VCEK,
    /// One that AMD leased to a cloud operator and that says nothing about the chip.
    VLEK;

    static SnpSigningKey of(int number) throws EvidenceFormatException {
        return switch (number) {
            case 0 -> VCEK;
            case 1 -> VLEK;
            default ->
                    throw new EvidenceFormatException(
                            "snp report: expected signing key 0 (VCEK) or 1 (VLEK) in the flags at"
                                    + " offset 72, got "
                                    + number);
        };
    }
}
