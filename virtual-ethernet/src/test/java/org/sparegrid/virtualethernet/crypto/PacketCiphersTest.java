// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class PacketCiphersTest {
    private static final List<PacketCiphers> ALL =
            List.of(PacketCiphers.jdk(), PacketCiphers.best());

    /// Source: Python's cryptography 38.0, key 00..1f, counter 0x0102030405060708.
    @Test
    void sealsAsAnotherImplementation() {
        byte[] key = new byte[32];
        for (int i = 0; i < 32; i++) {
            key[i] = (byte) i;
        }
        for (PacketCiphers ciphers : ALL) {
            try (PacketCipher gcm = ciphers.cipher(CipherSuite.AES_256_GCM, key);
                    PacketCipher chacha = ciphers.cipher(CipherSuite.CHACHA20_POLY1305, key)) {
                assertThat(sealed(gcm)).isEqualTo("1dfafcd7f669d782128b971001f5b20f061050");
                assertThat(sealed(chacha)).isEqualTo("f14baeb5bf83a08cdcc3b7b1eb23c20659bb24");
            }
        }
    }

    private static String sealed(PacketCipher cipher) {
        byte[] buffer = Arrays.copyOf(new byte[] {1, 2, 3}, 3 + PacketCipher.TAG_LENGTH);
        cipher.seal(0x0102_0304_0506_0708L, buffer, 0, 3);
        return HexFormat.of().formatHex(buffer);
    }

    @Test
    void opensWhatTheOtherSealedAndNothingThatWasChanged() {
        Property.holds(
                200,
                random -> {
                    byte[] key = new byte[32];
                    random.nextBytes(key);
                    CipherSuite suite =
                            CipherSuite.values()[random.nextInt(CipherSuite.values().length)];
                    int length = random.nextInt(1500);
                    int at = random.nextInt(20);
                    byte[] text = new byte[length];
                    random.nextBytes(text);
                    byte[] buffer = new byte[at + length + PacketCipher.TAG_LENGTH + 7];
                    System.arraycopy(text, 0, buffer, at, length);
                    long counter = random.nextLong();
                    int sealedLength = length + PacketCipher.TAG_LENGTH;
                    try (PacketCipher sealer = ALL.get(random.nextInt(2)).cipher(suite, key);
                            PacketCipher opener = ALL.get(random.nextInt(2)).cipher(suite, key)) {
                        sealer.seal(counter, buffer, at, length);
                        byte[] out = new byte[length + 16];
                        byte[] spoilt = buffer.clone();
                        spoilt[at + random.nextInt(sealedLength)] ^= 1;
                        assertThat(opener.open(counter, spoilt, at, sealedLength, out, 3))
                                .isEqualTo(PacketCipher.FORGED);
                        assertThat(opener.open(counter + 1, buffer, at, sealedLength, out, 3))
                                .isEqualTo(PacketCipher.FORGED);
                        assertThat(opener.open(counter, buffer, at, random.nextInt(16), out, 3))
                                .isEqualTo(PacketCipher.FORGED);
                        out = new byte[length + 16];
                        assertThat(opener.open(counter, buffer, at, sealedLength, out, 3))
                                .isEqualTo(length);
                        assertThat(Arrays.copyOfRange(out, 3, 3 + length)).isEqualTo(text);
                    }
                });
    }

    @Test
    void refusesToWorkOutsideTheArrayOrWithoutItsKey() {
        for (PacketCiphers ciphers : ALL) {
            PacketCipher cipher = ciphers.cipher(CipherSuite.AES_256_GCM, new byte[32]);
            assertThatThrownBy(() -> cipher.seal(0, new byte[30], 10, 10))
                    .isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> cipher.open(0, new byte[40], 0, 40, new byte[10], 0))
                    .isInstanceOf(RuntimeException.class);
            cipher.close();
            cipher.close();
        }
        assertThatThrownBy(() -> PacketCiphers.jdk().cipher(CipherSuite.AES_256_GCM, new byte[16]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
