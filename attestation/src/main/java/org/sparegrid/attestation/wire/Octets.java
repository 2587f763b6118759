// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.wire;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/// A value of some bytes that never changes, such as a digest, a name or a public key.
public final class Octets {
    /// No bytes.
    public static final Octets EMPTY = new Octets(new byte[0]);

    private final byte[] bytes;

    private Octets(byte[] bytes) {
        this.bytes = bytes;
    }

    /// The value of `bytes`, copied.
    public static Octets of(byte[] bytes) {
        return new Octets(bytes.clone());
    }

    /// The value that pairs of hexadecimal digits write.
    public static Octets ofHex(String hex) {
        return new Octets(HexFormat.of().parseHex(hex));
    }

    /// `length` bytes of the same value.
    public static Octets repeated(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return new Octets(bytes);
    }

    /// Number of bytes.
    public int length() {
        return bytes.length;
    }

    /// The bytes, copied.
    public byte[] toBytes() {
        return bytes.clone();
    }

    /// Compares in a time that depends on the lengths alone.
    @Override
    public boolean equals(Object other) {
        return other instanceof Octets that
                && bytes.length == that.bytes.length // isEqual goes over all of the longer one
                && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// The bytes in hexadecimal.
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
