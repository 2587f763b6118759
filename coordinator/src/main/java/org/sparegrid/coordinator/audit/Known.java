// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.audit;

/// A seal that was noted down earlier, outside the database.
///
/// @param number the record's
/// @param seal what it was
public record Known(long number, Seal seal) {
    /// Reads `NUMBER:SEAL`.
    ///
    /// @throws IllegalArgumentException if it is anything else
    public static Known parse(String text) {
        int colon = text.indexOf(':');
        if (!text.matches("[0-9]{1,18}:[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "expected NUMBER:SEAL as an earlier audit printed it, got " + text);
        }
        return new Known(
                Long.parseLong(text.substring(0, colon)), new Seal(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return number + ":" + seal;
    }
}
