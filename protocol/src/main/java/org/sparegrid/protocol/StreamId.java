// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names one stream of bytes between the coordinator and a machine.
///
/// @param value `str-` and 12 characters of base 32
public record StreamId(String value) implements Identifier {
    /// What every identifier of this kind begins with.
    public static final String PREFIX = "str-";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[a-z2-7]{12}");

    public StreamId {
        Identifier.check(value, PREFIX, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
