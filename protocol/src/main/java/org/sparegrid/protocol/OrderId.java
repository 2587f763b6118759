// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names a buyer's request for machines.
///
/// @param value `ord-` and 12 characters of base 32
public record OrderId(String value) implements Identifier {
    /// What every identifier of this kind begins with.
    public static final String PREFIX = "ord-";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[a-z2-7]{12}");

    public OrderId {
        Identifier.check(value, PREFIX, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
