// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

/// How fast a machine computes.
///
/// @param scu in standard computing units, one core of the reference machine being 1; 0 to
///   1,000,000
public record Speed(double scu) {
    /// A larger number is a slip of the pen.
    public static final double MAX = 1e6;

    public Speed {
        if (!(scu >= 0 && scu <= MAX)) {
            throw new IllegalArgumentException("speed: expected 0 to 1000000 SCU, got " + scu);
        }
    }
}
