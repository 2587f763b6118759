// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names one correction of the books by the operator.
///
/// @param value `adj-` and 12 characters of base 32
public record AdjustmentId(String value) implements Identifier {
    /// What every identifier of this kind begins with.
    public static final String PREFIX = "adj-";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[a-z2-7]{12}");

    public AdjustmentId {
        Identifier.check(value, PREFIX, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
