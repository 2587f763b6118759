// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.security.MessageDigest;
import java.util.Arrays;

/// A secret of 32 bytes that all members of a network mix into their handshakes.
public final class PresharedKey {
    /// No secret, which WireGuard writes as 32 zero bytes.
    public static final PresharedKey NONE = new PresharedKey(new byte[32]);

    private final byte[] bytes;

    private PresharedKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Takes a copy of 32 bytes.
    public static PresharedKey of(byte[] bytes) {
        if (bytes.length != 32) {
            throw new IllegalArgumentException(
                    "preshared key: expected 32 bytes, got " + bytes.length);
        }
        return new PresharedKey(bytes.clone());
    }

    /// A copy of the secret.
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PresharedKey key && MessageDigest.isEqual(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return equals(NONE) ? "no preshared key" : "preshared key";
    }
}
