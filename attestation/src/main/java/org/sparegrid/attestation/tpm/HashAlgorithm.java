// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// The hashes of a TPM that this library computes.
///
/// Source: TCG Algorithm Registry, table 3.
public enum HashAlgorithm {
    /// SHA-1, only to replay old logs; never accepted in a signature or a quote.
    SHA1(0x0004, 20, "SHA-1", "HmacSHA1"),
    /// SHA-256.
    SHA256(0x000b, 32, "SHA-256", "HmacSHA256"),
    /// SHA-384.
    SHA384(0x000c, 48, "SHA-384", "HmacSHA384"),
    /// SHA-512.
    SHA512(0x000d, 64, "SHA-512", "HmacSHA512");

    private final int id;
    private final int lengthBytes;
    private final String digestName;
    private final String macName;

    HashAlgorithm(int id, int lengthBytes, String digestName, String macName) {
        this.id = id;
        this.lengthBytes = lengthBytes;
        this.digestName = digestName;
        this.macName = macName;
    }

    /// The hash that the TPM knows by `id`, if this library computes it.
    public static Optional<HashAlgorithm> of(int id) {
        for (HashAlgorithm hash : values()) {
            if (hash.id == id) {
                return Optional.of(hash);
            }
        }
        return Optional.empty();
    }

    static HashAlgorithm read(ByteReader in) throws EvidenceFormatException {
        int at = in.offset();
        int id = in.u16();
        return of(id).orElseThrow(
                        () -> in.malformed("a known hash", at, "0x" + Integer.toHexString(id)));
    }

    /// What the TPM calls it.
    public int id() {
        return id;
    }

    /// Length of a digest.
    public int lengthBytes() {
        return lengthBytes;
    }

    /// What Java calls it.
    public String digestName() {
        return digestName;
    }

    /// A new computation.
    public MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance(digestName);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("the JDK has " + digestName, impossible);
        }
    }

    /// The digest of all parts, one after the other.
    public byte[] hash(byte[]... parts) {
        MessageDigest digest = newDigest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    /// The keyed digest of all parts, one after the other; an empty key counts as one zero byte.
    public byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(macName);
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, macName));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("the JDK has " + macName, impossible);
        }
    }
}
