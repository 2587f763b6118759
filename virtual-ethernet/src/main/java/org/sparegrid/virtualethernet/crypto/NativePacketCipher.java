// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import org.sparegrid.virtualethernet.linux.LibCrypto;

/// The ciphers of OpenSSL: fast from the first packet, and without garbage.
final class NativePacketCipher implements PacketCipher {
    private final LibCrypto.Context context;

    NativePacketCipher(CipherSuite suite, byte[] key) {
        context =
                LibCrypto.newContext(
                        switch (suite) {
                            case CHACHA20_POLY1305 -> LibCrypto.Algorithm.CHACHA20_POLY1305;
                            case AES_256_GCM -> LibCrypto.Algorithm.AES_256_GCM;
                        },
                        key);
    }

    @Override
    public void seal(long counter, byte[] buffer, int offset, int length) {
        context.seal(counter, buffer, offset, length);
    }

    @Override
    public int open(long counter, byte[] sealed, int offset, int length, byte[] out, int at) {
        if (length < TAG_LENGTH) {
            return FORGED;
        }
        return context.open(counter, sealed, offset, length - TAG_LENGTH, out, at)
                ? length - TAG_LENGTH
                : FORGED;
    }

    @Override
    public void close() {
        context.close();
    }
}
