// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.security.MessageDigest;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.wire.Octets;

/// Values of some registers of one bank.
///
/// @param bank their hash
/// @param values the values by number of the register
public record PcrValues(HashAlgorithm bank, SortedMap<Integer, Octets> values) {
    /// Copies the map and refuses values of another length than the bank's.
    public PcrValues {
        for (Map.Entry<Integer, Octets> entry : values.entrySet()) {
            int register = entry.getKey();
            if (register < 0 || register >= PcrSelection.REGISTERS) {
                throw new IllegalArgumentException(
                        "pcr values: expected registers 0 to 23, got " + register);
            }
            if (entry.getValue().length() != bank.lengthBytes()) {
                throw new IllegalArgumentException(
                        "pcr values: expected "
                                + bank.lengthBytes()
                                + " bytes in register "
                                + register
                                + ", got "
                                + entry.getValue().length());
            }
        }
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /// The selection of exactly these registers.
    public PcrSelection selection() {
        int mask = 0;
        for (int register : values.keySet()) {
            mask |= 1 << register;
        }
        return new PcrSelection(bank, mask);
    }

    /// The value of one register, if it is among them.
    public Optional<Octets> value(int register) {
        return Optional.ofNullable(values.get(register));
    }

    /// Digest over the values in rising order of the registers, as a quote or policy holds it.
    public Octets digest(HashAlgorithm hash) {
        MessageDigest digest = hash.newDigest();
        values.values().forEach(value -> digest.update(value.toBytes()));
        return Octets.of(digest.digest());
    }
}
