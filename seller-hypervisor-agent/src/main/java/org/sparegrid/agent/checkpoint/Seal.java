// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.protocol.LeaseId;

/// AES-256-GCM over a stream, in chunks, so that none can be changed, moved, cut off or taken from
/// another lease.
///
/// A file begins with 8 bytes `SGCKPT01` and 7 random bytes; chunks of [#CHUNK_BYTES] follow, each
/// with its tag of 16 bytes behind it; only the last may be shorter, or empty. Chunk `i` has the
/// nonce random bytes, `i` as 4 bytes big-endian, and a byte that is 1 for the last and else 0; the
/// lease's name is its associated data.
///
/// Source: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated
/// Encryption and its Nonce-Reuse Misuse-Resistance", 2015, section 7; docs/protocol/checkpoint.md.
final class Seal {
    static final byte[] MAGIC = "SGCKPT01".getBytes(StandardCharsets.US_ASCII);
    static final int CHUNK_BYTES = 1 << 20;
    static final int TAG_BYTES = 16;
    static final int PREFIX_BYTES = 7;
    private static final int NONCE_BYTES = 12;

    private final Cipher cipher;
    private final SecretKeySpec key;
    private final byte[] lease;
    private final byte[] prefix;
    private int next;

    /// @param key 32 bytes in base64
    /// @param prefix the 7 random bytes of the file
    Seal(String key, LeaseId lease, byte[] prefix) throws IOException {
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException missing) {
            throw new IOException("this Java has no AES", missing);
        }
        this.key = new SecretKeySpec(Base64.getDecoder().decode(key), "AES");
        this.lease = lease.value().getBytes(StandardCharsets.US_ASCII);
        this.prefix = prefix.clone();
    }

    byte[] seal(byte[] chunk, int length, boolean last) throws IOException {
        return work(Cipher.ENCRYPT_MODE, chunk, length, last);
    }

    /// @throws IOException if it isn't what was sealed there
    byte[] open(byte[] sealed, int length, boolean last) throws IOException {
        return work(Cipher.DECRYPT_MODE, sealed, length, last);
    }

    private byte[] work(int mode, byte[] bytes, int length, boolean last) throws IOException {
        if (next < 0) {
            throw new IOException("checkpoint: too long");
        }
        byte[] nonce =
                ByteBuffer.allocate(NONCE_BYTES)
                        .put(prefix)
                        .putInt(next)
                        .put((byte) (last ? 1 : 0))
                        .array();
        try {
            cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            cipher.updateAAD(lease);
            byte[] done = cipher.doFinal(bytes, 0, length);
            next++;
            return done;
        } catch (GeneralSecurityException wrong) {
            throw new IOException(
                    "checkpoint: chunk " + next + " is damaged, or the key is another", wrong);
        }
    }
}
