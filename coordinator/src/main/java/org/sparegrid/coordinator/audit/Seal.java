// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What stands for a record and for all that were made before it, in their order.
///
/// A record's seal is SHA-256 over the seal before it (32 bytes) and each of its fields: the length
/// in bytes (four, big-endian), then the text in UTF-8. Whoever knows one seal can tell whether any
/// record up to it was changed, removed or put in.
///
/// @param hex 64 hexadecimal digits
public record Seal(String hex) {
    /// What stands before the first record.
    public static final Seal NONE = new Seal("0".repeat(64));

    public Seal {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "seal: expected 64 hexadecimal digits, got " + hex.length() + " characters");
        }
    }

    /// The seal of the record that comes next.
    public Seal next(Object... fields) {
        MessageDigest digest = sha256();
        digest.update(HexFormat.of().parseHex(hex));
        for (Object field : fields) {
            byte[] text = field.toString().getBytes(StandardCharsets.UTF_8);
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).array());
            digest.update(text);
        }
        return new Seal(HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public String toString() {
        return hex;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("this Java has no SHA-256", impossible);
        }
    }
}
