// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names an image by the SHA-256 of its signed manifest, as it is stored.
///
/// @param value 64 hexadecimal digits in lower case
public record ImageId(String value) implements Identifier {
    private static final Pattern PATTERN = Pattern.compile("[0-9a-f]{64}");

    public ImageId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "image identifier: expected 64 hexadecimal digits, got "
                            + Identifier.quoted(value));
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
