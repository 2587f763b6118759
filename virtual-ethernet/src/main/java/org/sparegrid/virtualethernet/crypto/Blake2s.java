// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.util.Arrays;
import org.bouncycastle.crypto.digests.Blake2sDigest;

/// BLAKE2s and what WireGuard builds from it. Source: RFC 7693, RFC 2104, RFC 5869.
public final class Blake2s {
    /// Bytes of a hash.
    public static final int HASH_LENGTH = 32;

    /// Bytes of a keyed MAC as WireGuard uses it.
    public static final int MAC_LENGTH = 16;

    private static final int BLOCK_LENGTH = 64;

    private Blake2s() {}

    /// The hash of all parts one behind the other.
    public static byte[] hash(byte[]... parts) {
        Blake2sDigest digest = new Blake2sDigest(8 * HASH_LENGTH);
        for (byte[] part : parts) {
            digest.update(part, 0, part.length);
        }
        byte[] hash = new byte[HASH_LENGTH];
        digest.doFinal(hash, 0);
        return hash;
    }

    /// The keyed hash of the first `length` bytes of `message`, 16 bytes long.
    public static byte[] mac(byte[] key, byte[] message, int length) {
        Blake2sDigest digest = new Blake2sDigest(key, MAC_LENGTH, null, null);
        digest.update(message, 0, length);
        byte[] mac = new byte[MAC_LENGTH];
        digest.doFinal(mac, 0);
        return mac;
    }

    /// HMAC with BLAKE2s. The key is at most one block long.
    static byte[] hmac(byte[] key, byte[]... parts) {
        byte[] inner = new byte[BLOCK_LENGTH];
        byte[] outer = new byte[BLOCK_LENGTH];
        for (int i = 0; i < BLOCK_LENGTH; i++) {
            byte keyByte = i < key.length ? key[i] : 0;
            inner[i] = (byte) (keyByte ^ 0x36);
            outer[i] = (byte) (keyByte ^ 0x5c);
        }
        byte[][] all = Arrays.copyOf(new byte[][] {inner}, parts.length + 1);
        System.arraycopy(parts, 0, all, 1, parts.length);
        return hash(outer, hash(all));
    }

    /// HKDF with `count` outputs of 32 bytes, 1 to 3.
    public static byte[][] derive(byte[] chainingKey, byte[] input, int count) {
        byte[] secret = hmac(chainingKey, input);
        byte[][] outputs = new byte[count][];
        byte[] last = {};
        for (int i = 0; i < count; i++) {
            last = hmac(secret, last, new byte[] {(byte) (i + 1)});
            outputs[i] = last;
        }
        return outputs;
    }
}
