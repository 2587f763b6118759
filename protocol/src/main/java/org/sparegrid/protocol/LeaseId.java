// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names the use of one slot of a seller by one machine of an order.
///
/// @param value `vm-` and 12 characters of base 32
public record LeaseId(String value) implements Identifier {
    /// What every identifier of this kind begins with.
    public static final String PREFIX = "vm-";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[a-z2-7]{12}");

    public LeaseId {
        Identifier.check(value, PREFIX, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
