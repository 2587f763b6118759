// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

/// Authenticated ciphers for packets: 32 bytes of key, a nonce of four zero bytes and the counter
/// in little-endian order, a tag of 16 bytes behind the text.
public enum CipherSuite {
    /// WireGuard's. Source: RFC 8439.
    CHACHA20_POLY1305("ChaCha20-Poly1305", "ChaCha20"),

    /// That of fast frames. Source: NIST SP 800-38D.
    AES_256_GCM("AES/GCM/NoPadding", "AES");

    private final String transformation;
    private final String keyAlgorithm;

    CipherSuite(String transformation, String keyAlgorithm) {
        this.transformation = transformation;
        this.keyAlgorithm = keyAlgorithm;
    }

    /// The JDK's name of the cipher.
    String transformation() {
        return transformation;
    }

    /// The JDK's name of its keys.
    String keyAlgorithm() {
        return keyAlgorithm;
    }
}
