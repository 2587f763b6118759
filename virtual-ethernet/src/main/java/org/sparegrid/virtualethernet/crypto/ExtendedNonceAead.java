// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.util.Optional;
import org.sparegrid.virtualethernet.wire.LittleEndian;

/// XChaCha20-Poly1305 with a random nonce of 24 bytes. Source: draft-irtf-cfrg-xchacha-03.
public final class ExtendedNonceAead {
    /// Bytes of the nonce.
    public static final int NONCE_LENGTH = 24;

    private ExtendedNonceAead() {}

    /// Seals `text` bound to `associated`; a nonce is used once with a key.
    public static byte[] seal(byte[] key, byte[] nonce, byte[] text, byte[] associated) {
        return subKey(key, nonce).seal(LittleEndian.getLong(nonce, 16), text, associated);
    }

    /// Opens what [#seal] made; empty if key, nonce or data differ.
    public static Optional<byte[]> open(
            byte[] key, byte[] nonce, byte[] sealed, byte[] associated) {
        return subKey(key, nonce).open(LittleEndian.getLong(nonce, 16), sealed, associated);
    }

    private static AeadKey subKey(byte[] key, byte[] nonce) {
        return new AeadKey(hChaCha20(key, nonce));
    }

    /// The key that `key` and the first 16 bytes of `nonce` give.
    static byte[] hChaCha20(byte[] key, byte[] nonce) {
        int[] state = new int[16];
        byte[] constant = {
            'e', 'x', 'p', 'a', 'n', 'd', ' ', '3', '2', '-', 'b', 'y', 't', 'e', ' ', 'k'
        };
        for (int i = 0; i < 4; i++) {
            state[i] = LittleEndian.getInt(constant, 4 * i);
            state[4 + i] = LittleEndian.getInt(key, 4 * i);
            state[8 + i] = LittleEndian.getInt(key, 16 + 4 * i);
            state[12 + i] = LittleEndian.getInt(nonce, 4 * i);
        }
        for (int i = 0; i < 10; i++) {
            doubleRound(state);
        }
        byte[] derived = new byte[32];
        for (int i = 0; i < 4; i++) {
            LittleEndian.putInt(derived, 4 * i, state[i]);
            LittleEndian.putInt(derived, 16 + 4 * i, state[12 + i]);
        }
        return derived;
    }

    private static void doubleRound(int[] s) {
        for (int column = 0; column < 4; column++) {
            quarterRound(s, column, 4 + column, 8 + column, 12 + column);
        }
        for (int i = 0; i < 4; i++) {
            quarterRound(s, i, 4 + ((i + 1) & 3), 8 + ((i + 2) & 3), 12 + ((i + 3) & 3));
        }
    }

    private static void quarterRound(int[] s, int a, int b, int c, int d) {
        s[a] += s[b];
        s[d] = Integer.rotateLeft(s[d] ^ s[a], 16);
        s[c] += s[d];
        s[b] = Integer.rotateLeft(s[b] ^ s[c], 12);
        s[a] += s[b];
        s[d] = Integer.rotateLeft(s[d] ^ s[a], 8);
        s[c] += s[d];
        s[b] = Integer.rotateLeft(s[b] ^ s[c], 7);
    }
}
