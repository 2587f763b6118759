// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// Bytes that must not become known. Prints only a fingerprint and compares in constant time.
public final class Secret {
    private final byte[] bytes;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
    }

    /// The secret that `bytes` are, copied.
    public static Secret of(byte[] bytes) {
        return new Secret(bytes.clone());
    }

    /// A new secret.
    ///
    /// @param random a generator fit for keys
    public static Secret random(int lengthBytes, RandomGenerator random) {
        byte[] bytes = new byte[lengthBytes];
        random.nextBytes(bytes);
        return new Secret(bytes);
    }

    /// The bytes, copied.
    public byte[] toBytes() {
        return bytes.clone();
    }

    /// Number of bytes.
    public int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return fingerprint()[0];
    }

    private byte[] fingerprint() {
        return HashAlgorithm.SHA256.hmac(
                "fingerprint".getBytes(java.nio.charset.StandardCharsets.US_ASCII), bytes);
    }

    @Override
    public String toString() {
        return "secret " + HexFormat.of().formatHex(fingerprint(), 0, 4);
    }
}
