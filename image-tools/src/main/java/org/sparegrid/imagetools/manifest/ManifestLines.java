// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Reads the lines of a manifest, of printable ASCII and ended by a line feed each.
final class ManifestLines {
    /// The longest line is `origin built` with two digests.
    private static final int LINE_CHARACTERS_MAX = 160;

    private static final int SHOWN_CHARACTERS_MAX = 40;

    private final ByteBuffer bytes;
    private int number;

    ManifestLines(ByteBuffer bytes) throws ManifestFormatException {
        if (bytes.remaining() > Manifest.BYTES_MAX) {
            throw new ManifestFormatException(
                    "manifest: expected at most 16777216 bytes, got " + bytes.remaining());
        }
        this.bytes = bytes;
    }

    String next() throws ManifestFormatException {
        number++;
        StringBuilder line = new StringBuilder();
        while (bytes.hasRemaining()) {
            char c = (char) (bytes.get() & 0xff);
            if (c == '\n') {
                return line.toString();
            }
            if (c < ' ' || c > '~') {
                throw fault("expected printable ASCII", "byte 0x" + Integer.toHexString(c));
            }
            if (line.length() == LINE_CHARACTERS_MAX) {
                throw fault("expected at most 160 characters", line.toString());
            }
            line.append(c);
        }
        throw fault("expected a line feed", "the end");
    }

    String value(String key) throws ManifestFormatException {
        String line = next();
        if (!line.startsWith(key + " ")) {
            throw fault("expected \"" + key + "\"", line);
        }
        return line.substring(key.length() + 1);
    }

    /// The value of the next line, if it has this key; else the line stays the next.
    Optional<String> optional(String key) throws ManifestFormatException {
        int start = bytes.position();
        byte[] begin = (key + " ").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < begin.length; i++) {
            if (start + i >= bytes.limit() || bytes.get(start + i) != begin[i]) {
                return Optional.empty();
            }
        }
        return Optional.of(value(key));
    }

    long number(String key, long min, long max) throws ManifestFormatException {
        return number(value(key), key, min, max);
    }

    long number(String digits, String what, long min, long max) throws ManifestFormatException {
        boolean decimal =
                !digits.isEmpty()
                        && digits.length() <= 18
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        long value = decimal ? Long.parseLong(digits) : -1;
        if (value < min || value > max || (digits.length() > 1 && digits.charAt(0) == '0')) {
            throw fault("expected " + what + " from " + min + " to " + max, digits);
        }
        return value;
    }

    Sha256Digest digest(String hex) throws ManifestFormatException {
        if (!Sha256Digest.isHex(hex)) {
            throw fault("expected 64 lower-case hexadecimal digits", hex);
        }
        return Sha256Digest.parse(hex);
    }

    void end() throws ManifestFormatException {
        if (bytes.hasRemaining()) {
            number++;
            throw fault("expected the end", bytes.remaining() + " more bytes");
        }
    }

    ManifestFormatException fault(String expected, String got) {
        String shown =
                got.length() > SHOWN_CHARACTERS_MAX
                        ? got.substring(0, SHOWN_CHARACTERS_MAX) + "…"
                        : got;
        return new ManifestFormatException(
                "manifest: " + expected + " in line " + number + ", got \"" + shown + "\"");
    }
}
