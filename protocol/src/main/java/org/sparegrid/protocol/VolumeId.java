// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names a volume: a disk of a buyer that outlives his machines.
///
/// @param value `vol-` and 12 characters of base 32
public record VolumeId(String value) implements Identifier {
    /// What every identifier of this kind begins with.
    public static final String PREFIX = "vol-";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[a-z2-7]{12}");

    public VolumeId {
        Identifier.check(value, PREFIX, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
