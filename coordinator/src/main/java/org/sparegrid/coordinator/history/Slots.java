// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.util.ArrayList;
import java.util.List;

/// Which slots of an ask can be had.
///
/// @param count how many there are, 1 to 100
/// @param open whether they are for sale at all
/// @param low the sold ones among the slots 0 to 63, a bit each
/// @param high the sold ones among the slots 64 to 127
public record Slots(int count, boolean open, long low, long high) {
    private static final int COUNT_MAX = 100;

    public Slots {
        if (count < 1 || count > COUNT_MAX) {
            throw new IllegalArgumentException(
                    "slots: expected 1 to " + COUNT_MAX + ", got " + count);
        }
    }

    /// How many can be had.
    public int free() {
        return open ? firstFree(count).size() : 0;
    }

    /// Whether that one can be had.
    public boolean isFree(int slot) {
        long word = slot < 64 ? low : high;
        return open && slot >= 0 && slot < count && (word >>> (slot & 63) & 1) == 0;
    }

    /// The numbers of the first that can be had, at most `wanted`.
    public List<Integer> firstFree(int wanted) {
        List<Integer> found = new ArrayList<>();
        for (int slot = 0; slot < count && found.size() < wanted; slot++) {
            if (isFree(slot)) {
                found.add(slot);
            }
        }
        return found;
    }
}
