// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names one API key of an account; it is no secret.
///
/// @param value `key-` and 12 characters of base 32
public record KeyId(String value) implements Identifier {
    /// What every identifier of this kind begins with.
    public static final String PREFIX = "key-";

    private static final Pattern PATTERN = Pattern.compile(PREFIX + "[a-z2-7]{12}");

    public KeyId {
        Identifier.check(value, PREFIX, PATTERN);
    }

    @Override
    public String toString() {
        return value;
    }
}
