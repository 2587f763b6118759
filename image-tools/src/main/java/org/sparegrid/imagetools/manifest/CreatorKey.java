// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// The Ed25519 public key of the person who made an image: who they are, as far as images go.
public final class CreatorKey {
    /// Length of an encoded key in bytes.
    public static final int LENGTH_BYTES = 32;

    /// What precedes the key in its X.509 form. Source: RFC 8410, section 4.
    static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final byte[] bytes;

    private CreatorKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Copies a key encoded as RFC 8032, section 5.1.5 says.
    public static CreatorKey of(byte[] bytes) {
        if (bytes.length != LENGTH_BYTES) {
            throw new IllegalArgumentException(
                    "creator key: expected 32 bytes, got " + bytes.length);
        }
        return new CreatorKey(bytes.clone());
    }

    /// Reads 64 hexadecimal digits as [#toString] writes them.
    public static CreatorKey parse(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    /// A copy of the 32 bytes.
    public byte[] toBytes() {
        return bytes.clone();
    }

    /// Tells whether `signature` is this key's over `message`.
    public boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(publicKey());
            ed25519.update(message);
            return ed25519.verify(signature);
        } catch (GeneralSecurityException refused) {
            // Not a point of the curve, or not the form of a signature: it verifies nothing.
            return false;
        }
    }

    private PublicKey publicKey() throws GeneralSecurityException {
        byte[] encoded = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + LENGTH_BYTES);
        System.arraycopy(bytes, 0, encoded, X509_PREFIX.length, LENGTH_BYTES);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CreatorKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// 64 lower-case hexadecimal digits.
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
