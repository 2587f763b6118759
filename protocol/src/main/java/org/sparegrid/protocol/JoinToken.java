// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/// Lets one computer join a coordinator as a seller: where it is, how to know it, and a secret.
///
/// Its text is `sgj1.` and the base64url of the three parts, one a line.
///
/// @param coordinator the coordinator's https address
/// @param authority the SHA-256 of the certificate of the coordinator's own authority, 64
///   hexadecimal digits
/// @param secret what the coordinator accepts once, 20 to 100 letters, digits, `-` and `_`
public record JoinToken(URI coordinator, String authority, String secret) {
    private static final String PREFIX = "sgj1.";
    private static final Pattern AUTHORITY = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{20,100}");

    public JoinToken {
        if (!"https".equals(coordinator.getScheme()) || coordinator.getHost() == null) {
            throw new IllegalArgumentException("join token: expected an https address inside");
        }
        if (!AUTHORITY.matcher(authority).matches() || !SECRET.matcher(secret).matches()) {
            throw new IllegalArgumentException(
                    "join token: the fingerprint or secret is malformed");
        }
    }

    /// Reads the text of a token.
    ///
    /// @throws IllegalArgumentException if it isn't one, or only a part of one
    public static JoinToken parse(String text) {
        if (!text.startsWith(PREFIX) || text.length() > 1000) {
            throw new IllegalArgumentException(
                    "join token: expected sgj1.…, got something else; copy the whole token");
        }
        try {
            String[] parts =
                    new String(
                                    Base64.getUrlDecoder().decode(text.substring(PREFIX.length())),
                                    StandardCharsets.UTF_8)
                            .split("\n", -1);
            if (parts.length != 3) {
                throw new IllegalArgumentException("three parts expected, got " + parts.length);
            }
            return new JoinToken(new URI(parts[0]), parts[1], parts[2]);
        } catch (IllegalArgumentException | URISyntaxException damaged) {
            throw new IllegalArgumentException(
                    "join token: it is damaged; copy the whole token", damaged);
        }
    }

    /// The text to hand over.
    public String text() {
        String parts = coordinator + "\n" + authority + "\n" + secret;
        return PREFIX
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(parts.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "JoinToken[coordinator=" + coordinator + "]";
    }
}
