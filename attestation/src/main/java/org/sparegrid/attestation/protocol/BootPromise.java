// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.wire.Octets;

/// Which registers evidence covers, and which of them the lease's key is bound to.
///
/// @param quoted the registers of every quote; [LeaseLog#REGISTER] is one of them
/// @param bound the registers that have to be unchanged when the buyer's secret is opened
/// @param required values that registers have to have, as published for the appliance or chosen by
///   the buyer; a register that is not here may have any value
public record BootPromise(
        PcrSelection quoted, PcrSelection bound, SortedMap<Integer, Octets> required) {
    private static final HashAlgorithm BANK = HashAlgorithm.SHA256;
    private static final int BOOT_LOADER = 4;
    private static final int BOUND_IDENTITY = 7;

    /// The registers of the project's own appliance: firmware, boot chain, kernel and what it was
    /// given are quoted; all but the firmware's are bound. Registers 9, 12 and 13 belong to them
    /// because register 11 holds the command line and file system inside the program, and not those
    /// that the program's owner adds from outside.
    public static BootPromise appliance(SortedMap<Integer, Octets> required) {
        return new BootPromise(
                PcrSelection.of(BANK, 0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 13, LeaseLog.REGISTER),
                PcrSelection.of(BANK, 4, 7, 9, 11, 12, 13),
                required);
    }

    /// The registers of a computer that only shows which one it is: Secure Boot's, to bind the key
    /// to, and the lease log. Its boot need not be explained.
    public static BootPromise identity() {
        return new BootPromise(
                PcrSelection.of(BANK, BOUND_IDENTITY, LeaseLog.REGISTER),
                PcrSelection.of(BANK, BOUND_IDENTITY),
                new TreeMap<>());
    }

    /// The promise that a level above `open` asks for, without values of its own.
    public static BootPromise of(Level level) {
        return level.compareTo(Level.MEASURED) < 0 ? identity() : appliance(new TreeMap<>());
    }

    /// Whether the boot log has to explain the registers.
    public boolean measuresBoot() {
        return quoted.selects(BOOT_LOADER);
    }

    /// Copies the map and refuses a promise that quotes do not cover.
    public BootPromise {
        required = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(required));
        if (quoted.bank() != BANK || bound.bank() != BANK) {
            throw new IllegalArgumentException("boot promise: expected the bank of SHA-256");
        }
        if (!quoted.selects(LeaseLog.REGISTER) || bound.selects(LeaseLog.REGISTER)) {
            throw new IllegalArgumentException(
                    "boot promise: expected register 15 quoted and not bound");
        }
        if ((bound.mask() & ~quoted.mask()) != 0 || bound.mask() == 0) {
            throw new IllegalArgumentException("boot promise: expected bound registers quoted");
        }
        for (int register : required.keySet()) {
            if (!quoted.selects(register)) {
                throw new IllegalArgumentException(
                        "boot promise: expected register " + register + " quoted");
            }
        }
    }

    /// The bound registers out of all that were quoted.
    ///
    /// @throws IllegalArgumentException if one is missing
    public PcrValues bound(PcrValues values) {
        SortedMap<Integer, Octets> some = new TreeMap<>();
        for (Map.Entry<Integer, Octets> entry : values.values().entrySet()) {
            if (bound.selects(entry.getKey())) {
                some.put(entry.getKey(), entry.getValue());
            }
        }
        PcrValues found = new PcrValues(values.bank(), some);
        if (!found.selection().equals(bound)) {
            throw new IllegalArgumentException(
                    "boot promise: expected values of " + bound + ", got " + found.selection());
        }
        return found;
    }
}
