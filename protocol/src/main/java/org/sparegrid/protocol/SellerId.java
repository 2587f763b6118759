// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.regex.Pattern;

/// Names a seller's machine by the first 20 bytes of the SHA-256 of its public key
/// (SubjectPublicKeyInfo).
///
/// @param value 40 hexadecimal digits in lower case
public record SellerId(String value) implements Identifier {
    private static final Pattern PATTERN = Pattern.compile("[0-9a-f]{40}");

    public SellerId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "seller identifier: expected 40 hexadecimal digits, got "
                            + Identifier.quoted(value));
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
