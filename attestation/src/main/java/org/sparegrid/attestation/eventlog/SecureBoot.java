// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Whether firmware checked signatures of what it started, as register 7 shows it.
///
/// ```text
///  size  field of a measured UEFI variable
///    16  vendor GUID
///     8  number of UTF-16 units of the name
///     8  length of the data
///   2*n  name
///     n  data
/// ```
///
/// Source: TCG PC Client Platform Firmware Profile 1.05, sections 3.3.4.8 and 10.2.6.
public enum SecureBoot {
    /// Firmware checked signatures.
    ENABLED,
    /// Firmware checked none.
    DISABLED,
    /// The log does not show it beyond doubt.
    UNKNOWN;

    private static final int REGISTER = 7;
    private static final Octets GLOBAL = Octets.ofHex("61dfe48bca93d211aa0d00e098032b8c");
    private static final String NAME = "SecureBoot";
    private static final int NAME_UNITS_MAX = 256;

    /// Looks into a log that has been found to explain the quoted register 7.
    ///
    /// Counts only what is before the separator, which firmware extends before it starts anything:
    /// later events may be anybody's. There, every event has to be a variable whose data is
    /// measured, so that relabelling an event or replacing its data makes the answer unknown.
    public static SecureBoot of(BootLog log, HashAlgorithm bank) {
        Optional<SecureBoot> found = Optional.empty();
        for (BootEvent event : log.events()) {
            if (event.register() != REGISTER || !event.extended()) {
                continue;
            }
            if (isSeparator(event, bank)) {
                return found.orElse(UNKNOWN);
            }
            if (!event.dataIsMeasured(bank)) {
                return UNKNOWN;
            }
            try {
                Optional<Octets> value = value(event.data());
                if (value.isPresent()) {
                    if (found.isPresent()) {
                        return UNKNOWN;
                    }
                    found = Optional.of(meaning(value.get()));
                }
            } catch (EvidenceFormatException notAVariable) {
                return UNKNOWN;
            }
        }
        return UNKNOWN;
    }

    private static boolean isSeparator(BootEvent event, HashAlgorithm bank) {
        return event.data().equals(Octets.repeated(0, 4)) && event.dataIsMeasured(bank);
    }

    private static SecureBoot meaning(Octets value) {
        if (value.equals(Octets.repeated(1, 1))) {
            return ENABLED;
        }
        return value.equals(Octets.repeated(0, 1)) ? DISABLED : UNKNOWN;
    }

    /// The data of the variable, if it is the one that says so.
    private static Optional<Octets> value(Octets variable) throws EvidenceFormatException {
        ByteReader in = ByteReader.littleEndian("UEFI variable", variable.toBytes());
        boolean global = Arrays.equals(in.bytes(16), GLOBAL.toBytes());
        int at = in.offset();
        long units = in.u64();
        in.check(
                units >= 0 && units <= NAME_UNITS_MAX,
                "a name of at most " + NAME_UNITS_MAX + " units",
                at,
                units);
        long length = in.u64();
        String name = new String(in.bytes(units * 2), StandardCharsets.UTF_16LE);
        in.check(length == in.remaining(), in.remaining() + " bytes of data", at + 8, length);
        byte[] data = in.bytes(length);
        return global && name.equals(NAME) ? Optional.of(Octets.of(data)) : Optional.empty();
    }
}
