// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import org.sparegrid.virtualethernet.network.PublicKey;

/// The two MACs at the end of a handshake message, as seen by or for one receiver.
public final class HandshakeMacs {
    private static final byte[] MAC1_LABEL = "mac1----".getBytes(US_ASCII);
    private static final byte[] COOKIE_LABEL = "cookie--".getBytes(US_ASCII);

    private final byte[] mac1Key;
    private final byte[] cookieKey;

    /// The MACs of messages to the owner of `receiver`.
    public HandshakeMacs(PublicKey receiver) {
        mac1Key = Blake2s.hash(MAC1_LABEL, receiver.bytes());
        cookieKey = Blake2s.hash(COOKIE_LABEL, receiver.bytes());
    }

    /// Seals the cookies that the receiver hands out.
    public byte[] cookieKey() {
        return cookieKey.clone();
    }

    /// Writes `mac1` into the 16 bytes at `offset`.
    public void writeMac1(byte[] message, int offset) {
        System.arraycopy(Blake2s.mac(mac1Key, message, offset), 0, message, offset, 16);
    }

    /// Whether the sender knew whom it was writing to.
    public boolean isMac1Right(byte[] message, int offset) {
        return isRight(mac1Key, message, offset);
    }

    /// Writes `mac2` into the 16 bytes at `offset`.
    public static void writeMac2(byte[] cookie, byte[] message, int offset) {
        System.arraycopy(Blake2s.mac(cookie, message, offset), 0, message, offset, 16);
    }

    /// Whether the sender has received `cookie`.
    public static boolean isMac2Right(byte[] cookie, byte[] message, int offset) {
        return isRight(cookie, message, offset);
    }

    private static boolean isRight(byte[] key, byte[] message, int offset) {
        byte[] found = new byte[Blake2s.MAC_LENGTH];
        System.arraycopy(message, offset, found, 0, found.length);
        return MessageDigest.isEqual(Blake2s.mac(key, message, offset), found);
    }
}
