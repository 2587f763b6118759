// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names a person or firm that buys, sells or both.
///
/// @param value `acc-` and 12 characters of base 32
public record AccountId(String value) implements Identifier {
    /// What every identifier of this kind begins with.
    public static final String PREFIX = "acc-";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[a-z2-7]{12}");

    public AccountId {
        Identifier.check(value, PREFIX, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
