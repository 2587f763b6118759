// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.security.MessageDigest;

/// A secret of 32 bytes for one direction and one cipher of a session.
public final class SessionKey {
    /// Bytes of a key.
    public static final int LENGTH = 32;

    private final byte[] bytes;

    private SessionKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Takes a copy.
    static SessionKey of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException(
                    "session key: expected 32 bytes, got " + bytes.length);
        }
        return new SessionKey(bytes.clone());
    }

    /// A cipher with this key.
    public PacketCipher cipher(PacketCiphers ciphers, CipherSuite suite) {
        return ciphers.cipher(suite, bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SessionKey key && MessageDigest.isEqual(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return bytes[0] << 8 | (bytes[1] & 0xff);
    }

    /// Says nothing of the secret.
    @Override
    public String toString() {
        return "SessionKey";
    }
}
