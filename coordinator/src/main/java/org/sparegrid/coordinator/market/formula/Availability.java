// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

/// Which part of the time a provider's processor and line are there for guests.
///
/// @param cpu 0 to 1
/// @param bandwidth 0 to 1
public record Availability(double cpu, double bandwidth) {
    /// A machine that is always there.
    public static final Availability ALWAYS = new Availability(1, 1);

    public Availability {
        if (!(cpu >= 0 && cpu <= 1 && bandwidth >= 0 && bandwidth <= 1)) {
            throw new IllegalArgumentException(
                    "availability: expected 0 to 1, got " + cpu + " and " + bandwidth);
        }
    }
}
