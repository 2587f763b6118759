// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

/// A piece of work: its data comes, it is computed, its result goes.
///
/// @param scuHours the work, in hours of one standard computing unit
/// @param in what is fetched before
/// @param out what is sent after
public record Task(double scuHours, DataSize in, DataSize out) {
    public Task {
        if (!(scuHours >= 0 && scuHours <= 1e9)) {
            throw new IllegalArgumentException(
                    "work: expected 0 to 1000000000 SCU hours, got " + scuHours);
        }
    }

    /// All data that is transferred.
    public DataSize data() {
        return in.plus(out);
    }
}
