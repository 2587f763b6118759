// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.chunk;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A SHA-256 digest: 32 bytes that name a chunk, a file or a manifest.
public final class Sha256Digest implements Comparable<Sha256Digest> {
    /// Length of a digest in bytes.
    public static final int LENGTH_BYTES = 32;

    private static final HexFormat HEX = HexFormat.of();

    private final byte[] bytes;

    private Sha256Digest(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Copies the 32 `bytes` of a digest.
    public static Sha256Digest of(byte[] bytes) {
        if (bytes.length != LENGTH_BYTES) {
            throw new IllegalArgumentException("digest: expected 32 bytes, got " + bytes.length);
        }
        return new Sha256Digest(bytes.clone());
    }

    /// Reads 64 lower-case hexadecimal digits.
    public static Sha256Digest parse(String hex) {
        if (!isHex(hex)) {
            throw new IllegalArgumentException(
                    "digest: expected 64 lower-case hexadecimal digits, got "
                            + hex.length()
                            + " characters");
        }
        return new Sha256Digest(HEX.parseHex(hex));
    }

    /// Tells whether `text` is a digest as [#toString] writes it.
    public static boolean isHex(String text) {
        return text.length() == 2 * LENGTH_BYTES
                && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    /// The digest of `content`.
    public static Sha256Digest ofContent(byte[] content) {
        return new Sha256Digest(algorithm().digest(content));
    }

    /// The digest of what remains in `content`, whose position does not change.
    public static Sha256Digest ofContent(ByteBuffer content) {
        MessageDigest sha256 = algorithm();
        sha256.update(content.duplicate());
        return new Sha256Digest(sha256.digest());
    }

    /// Finishes `sha256`, which the caller got from [#algorithm], and resets it.
    public static Sha256Digest finish(MessageDigest sha256) {
        return of(sha256.digest());
    }

    /// A new SHA-256 computation.
    public static MessageDigest algorithm() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256", missing);
        }
    }

    /// A copy of the 32 bytes.
    public byte[] toBytes() {
        return bytes.clone();
    }

    /// The first 12 digits, enough for a person to tell digests apart.
    public String brief() {
        return toString().substring(0, 12);
    }

    @Override
    public int compareTo(Sha256Digest other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256Digest digest && Arrays.equals(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// 64 lower-case hexadecimal digits.
    @Override
    public String toString() {
        return HEX.formatHex(bytes);
    }
}
