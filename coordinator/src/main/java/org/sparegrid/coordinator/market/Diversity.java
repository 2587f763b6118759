// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

/// The most machines of one order that may come from the same place.
///
/// @param perCountry from one country; machines whose country isn't known count as of one
/// @param perHardware with one kind of processor
/// @param perOwner of one owner
public record Diversity(int perCountry, int perHardware, int perOwner) {
    /// No limit.
    public static final int ANY = Integer.MAX_VALUE;

    /// As it comes.
    public static final Diversity NONE = new Diversity(ANY, ANY, ANY);

    public Diversity {
        if (perCountry < 1 || perHardware < 1 || perOwner < 1) {
            throw new IllegalArgumentException("diversity: expected limits of 1 or more");
        }
    }
}
