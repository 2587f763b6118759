// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.virtualethernet.wire.LittleEndian;

/// One ChaCha20-Poly1305 key for the fields of handshakes. Not for two threads at once.
///
/// Source: RFC 8439; the nonce is four zero bytes and the counter in little-endian order.
public final class AeadKey {
    /// Bytes of the tag behind the sealed text.
    public static final int TAG_LENGTH = 16;

    private static final int NONCE_LENGTH = 12;

    private final SecretKeySpec key;
    private final byte[] nonce = new byte[NONCE_LENGTH];
    private Cipher cipher;

    /// Takes a copy of 32 bytes.
    public AeadKey(byte[] key) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        this.cipher = newCipher();
    }

    /// Seals `text` bound to `associated`.
    public byte[] seal(long counter, byte[] text, byte[] associated) {
        try {
            init(Cipher.ENCRYPT_MODE, counter);
            cipher.updateAAD(associated);
            return cipher.doFinal(text);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("sealing failed", impossible);
        }
    }

    /// Opens what [#seal] made; empty if it was not made with this key, counter and data.
    public Optional<byte[]> open(long counter, byte[] sealed, byte[] associated) {
        if (sealed.length < TAG_LENGTH) {
            return Optional.empty();
        }
        try {
            init(Cipher.DECRYPT_MODE, counter);
            cipher.updateAAD(associated);
            return Optional.of(cipher.doFinal(sealed));
        } catch (AEADBadTagException forged) {
            return Optional.empty();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("opening failed", impossible);
        }
    }

    private void init(int mode, long counter) throws GeneralSecurityException {
        LittleEndian.putLong(nonce, 4, counter);
        try {
            cipher.init(mode, key, new IvParameterSpec(nonce));
        } catch (InvalidKeyException repeatedNonce) {
            // The JDK refuses the nonce of the call before, also for opening, where a forgery may
            // have come before the genuine packet. Sealing never repeats a counter.
            if (mode == Cipher.ENCRYPT_MODE) {
                throw repeatedNonce;
            }
            cipher = newCipher();
            cipher.init(mode, key, new IvParameterSpec(nonce));
        }
    }

    private static Cipher newCipher() {
        try {
            return Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK has no ChaCha20-Poly1305", missing);
        }
    }
}
