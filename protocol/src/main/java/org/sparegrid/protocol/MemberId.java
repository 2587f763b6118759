// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names one attachment to a network: a machine, or a computer of the buyer.
///
/// @param value `mem-` and 12 characters of base 32
public record MemberId(String value) implements Identifier {
    /// What every identifier of this kind begins with.
    public static final String PREFIX = "mem-";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[a-z2-7]{12}");

    public MemberId {
        Identifier.check(value, PREFIX, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
