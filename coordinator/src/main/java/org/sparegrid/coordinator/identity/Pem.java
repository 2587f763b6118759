// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Text form of keys, certificates and requests. Source: RFC 7468.
final class Pem {
    private static final int LINE_CHARACTERS = 64;

    private Pem() {}

    static String text(String label, byte[] der) {
        return "-----BEGIN "
                + label
                + "-----\n"
                + Base64.getMimeEncoder(LINE_CHARACTERS, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END "
                + label
                + "-----\n";
    }

    /// The bytes of the first block with that label, if there is one.
    static Optional<byte[]> find(String label, String text) {
        Matcher block =
                Pattern.compile(
                                "-----BEGIN "
                                        + label
                                        + "-----\\R([A-Za-z0-9+/=\\r\\n]*)-----END "
                                        + label
                                        + "-----")
                        .matcher(text);
        if (!block.find()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Base64.getDecoder().decode(block.group(1).replaceAll("[\\r\\n]", "")));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
