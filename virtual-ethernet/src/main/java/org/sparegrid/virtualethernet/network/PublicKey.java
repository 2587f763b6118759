// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.util.Arrays;
import java.util.Base64;

/// A WireGuard public key: 32 bytes of X25519, written in base64 as `wg` does.
public final class PublicKey {
    /// The length of every X25519 key.
    public static final int LENGTH_BYTES = 32;

    private final byte[] bytes;

    /// Reckoned once, as each frame's sender is looked up by it.
    private final int hash;

    private PublicKey(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    /// Takes a copy of 32 bytes.
    public static PublicKey of(byte[] bytes) {
        if (bytes.length != LENGTH_BYTES) {
            throw new IllegalArgumentException(
                    "public key: expected 32 bytes, got " + bytes.length);
        }
        return new PublicKey(bytes.clone());
    }

    /// Reads 44 characters of base64.
    public static PublicKey parse(String base64) {
        try {
            return of(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException badText) {
            throw new IllegalArgumentException(
                    "public key: expected 32 bytes in base64, got " + base64, badText);
        }
    }

    /// A copy of the key.
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /// The key in base64.
    @Override
    public String toString() {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
