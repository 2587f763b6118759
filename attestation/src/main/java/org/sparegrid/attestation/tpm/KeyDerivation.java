// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.sparegrid.attestation.wire.ByteWriter;

/// The two ways in which a TPM derives keys.
///
/// Source: TPM 2.0 library, part 1, sections 11.4.10.2 and 11.4.10.3.
public final class KeyDerivation {
    private KeyDerivation() {}

    /// KDFa: from a key, by HMAC in counter mode.
    ///
    /// @param label what for, without the zero byte that follows it
    /// @param bits wanted length, a multiple of 8
    public static byte[] fromKey(
            HashAlgorithm hash, byte[] key, String label, byte[] u, byte[] v, int bits) {
        byte[] derived = new byte[bits / 8];
        byte[] tail = new ByteWriter().bytes(text(label)).bytes(u).bytes(v).u32(bits).toBytes();
        for (int done = 0, i = 1; done < derived.length; i++) {
            byte[] block = hash.hmac(key, new ByteWriter().u32(i).toBytes(), tail);
            done += append(block, derived, done);
        }
        return derived;
    }

    /// KDFe: from the shared number of a Diffie-Hellman exchange, by a hash in counter mode.
    ///
    /// @param shared the x coordinate, as long as the curve's coordinates
    /// @param label what for, without the zero byte that follows it
    /// @param bits wanted length, a multiple of 8
    public static byte[] fromExchange(
            HashAlgorithm hash, byte[] shared, String label, byte[] u, byte[] v, int bits) {
        byte[] derived = new byte[bits / 8];
        for (int done = 0, i = 1; done < derived.length; i++) {
            MessageDigest digest = hash.newDigest();
            digest.update(new ByteWriter().u32(i).toBytes());
            digest.update(shared);
            digest.update(text(label));
            digest.update(u);
            digest.update(v);
            done += append(digest.digest(), derived, done);
        }
        return derived;
    }

    private static int append(byte[] block, byte[] derived, int done) {
        int length = Math.min(block.length, derived.length - done);
        System.arraycopy(block, 0, derived, done, length);
        return length;
    }

    private static byte[] text(String label) {
        byte[] ascii = label.getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(ascii, ascii.length + 1);
    }
}
