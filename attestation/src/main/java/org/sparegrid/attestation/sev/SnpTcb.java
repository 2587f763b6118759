// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Security versions of the parts of a processor's firmware; each counts up with fixed holes.
///
/// ```text
///  byte   Milan, Genoa   Turin
///     0   boot loader    front-end (FMC)
///     1   trusted OS     boot loader
///     2   0              trusted OS
///     3   0              SNP firmware
///   4,5   0              0
///     6   SNP firmware   0
///     7   microcode      microcode
/// ```
///
/// Source: AMD 56860 (SEV-SNP firmware ABI), table 3.
///
/// @param frontEnd FMC, 0 before Turin
public record SnpTcb(int frontEnd, int bootLoader, int trustedOs, int snpFirmware, int microcode) {
    /// The versions that eight bytes hold, read as a little-endian number.
    static SnpTcb of(long bytes, SnpProduct product) throws EvidenceFormatException {
        boolean turin = product == SnpProduct.TURIN;
        long reserved = turin ? 0x00ff_ffff_0000_0000L : 0x0000_ffff_ffff_0000L;
        if ((bytes & reserved) != 0) {
            throw new EvidenceFormatException(
                    "snp report: expected the versions of "
                            + product.id()
                            + ", got reserved bytes in 0x"
                            + Long.toHexString(bytes));
        }
        return turin
                ? new SnpTcb(at(bytes, 0), at(bytes, 1), at(bytes, 2), at(bytes, 3), at(bytes, 7))
                : new SnpTcb(0, at(bytes, 0), at(bytes, 1), at(bytes, 6), at(bytes, 7));
    }

    private static int at(long bytes, int index) {
        return (int) (bytes >>> (8 * index)) & 0xff;
    }

    /// Whether no part is older than in `minimum`.
    public boolean atLeast(SnpTcb minimum) {
        return frontEnd >= minimum.frontEnd
                && bootLoader >= minimum.bootLoader
                && trustedOs >= minimum.trustedOs
                && snpFirmware >= minimum.snpFirmware
                && microcode >= minimum.microcode;
    }

    @Override
    public String toString() {
        return "boot loader "
                + bootLoader
                + ", trusted OS "
                + trustedOs
                + ", SNP "
                + snpFirmware
                + ", microcode "
                + microcode
                + (frontEnd == 0 ? "" : ", front-end " + frontEnd);
    }
}
