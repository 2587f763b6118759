// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.security.MessageDigest;
import java.util.Arrays;

/// A WireGuard private key: 32 secret bytes of X25519. Its text never shows them.
public final class PrivateKey {
    private final byte[] bytes;

    private PrivateKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Takes a copy of 32 bytes.
    public static PrivateKey of(byte[] bytes) {
        if (bytes.length != PublicKey.LENGTH_BYTES) {
            throw new IllegalArgumentException(
                    "private key: expected 32 bytes, got " + bytes.length);
        }
        return new PrivateKey(bytes.clone());
    }

    /// A copy of the key, to be stored where only its owner can read it.
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrivateKey key && MessageDigest.isEqual(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "private key of " + KeyPair.of(this).publicKey();
    }
}
