// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names one slot of a seller's machine: the room for one guest.
///
/// @param value the seller's identifier, a slash and the slot's number from 0 to 99
public record SlotId(String value) implements Identifier {
    private static final Pattern PATTERN = Pattern.compile("[0-9a-f]{40}/[0-9]{1,2}");

    public SlotId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "slot: expected SELLER/NUMBER, got " + Identifier.quoted(value));
        }
    }

    /// The slot with that number on that seller's machine.
    public static SlotId of(SellerId seller, int number) {
        return new SlotId(seller.value() + "/" + number);
    }

    /// The seller whose machine it is.
    public SellerId seller() {
        return new SellerId(value.substring(0, 40));
    }

    /// The slot's number on the machine.
    public int number() {
        return Integer.parseInt(value.substring(41));
    }

    @Override
    public String toString() {
        return value;
    }
}
