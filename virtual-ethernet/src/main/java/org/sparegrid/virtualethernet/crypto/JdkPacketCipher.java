// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.virtualethernet.wire.LittleEndian;

/// The ciphers of the JDK, which are always there. About 1 to 2 KB of garbage per packet.
final class JdkPacketCipher implements PacketCipher {
    private static final int NONCE_LENGTH = 12;

    private final CipherSuite suite;
    private final SecretKeySpec key;
    private final byte[] nonce = new byte[NONCE_LENGTH];
    private Cipher cipher;

    JdkPacketCipher(CipherSuite suite, byte[] key) {
        this.suite = suite;
        this.key = new SecretKeySpec(key, suite.keyAlgorithm());
        this.cipher = newCipher();
    }

    @Override
    public void seal(long counter, byte[] buffer, int offset, int length) {
        try {
            init(Cipher.ENCRYPT_MODE, counter);
            cipher.doFinal(buffer, offset, length, buffer, offset);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("sealing failed", impossible);
        }
    }

    @Override
    public int open(long counter, byte[] sealed, int offset, int length, byte[] out, int at) {
        if (length < TAG_LENGTH) {
            return FORGED;
        }
        try {
            init(Cipher.DECRYPT_MODE, counter);
            return cipher.doFinal(sealed, offset, length, out, at);
        } catch (AEADBadTagException forged) {
            return FORGED;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("opening failed", impossible);
        }
    }

    /// The JDK keeps the key until the object is collected.
    @Override
    public void close() {}

    private void init(int mode, long counter) throws GeneralSecurityException {
        LittleEndian.putLong(nonce, 4, counter);
        try {
            cipher.init(mode, key, parameters());
        } catch (InvalidKeyException repeatedNonce) {
            // The JDK refuses the nonce of the call before, also for opening, where a forgery may
            // have come before the genuine packet. Sealing never repeats a counter.
            if (mode == Cipher.ENCRYPT_MODE) {
                throw repeatedNonce;
            }
            cipher = newCipher();
            cipher.init(mode, key, parameters());
        }
    }

    private AlgorithmParameterSpec parameters() {
        return switch (suite) {
            case CHACHA20_POLY1305 -> new IvParameterSpec(nonce);
            case AES_256_GCM -> new GCMParameterSpec(8 * TAG_LENGTH, nonce);
        };
    }

    private Cipher newCipher() {
        try {
            return Cipher.getInstance(suite.transformation());
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK has no " + suite.transformation(), missing);
        }
    }
}
