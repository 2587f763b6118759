// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.sparegrid.virtualethernet.linux.LibCrypto;

/// Makes packet ciphers: OpenSSL's if the computer has a libcrypto that works, else the JDK's.
public final class PacketCiphers {
    private static final System.Logger LOG = System.getLogger(PacketCiphers.class.getName());
    private static final PacketCiphers JDK = new PacketCiphers("jdk", JdkPacketCipher::new);

    private final String name;
    private final BiFunction<CipherSuite, byte[], PacketCipher> maker;

    private PacketCiphers(String name, BiFunction<CipherSuite, byte[], PacketCipher> maker) {
        this.name = name;
        this.maker = maker;
    }

    /// The JDK's ciphers.
    public static PacketCiphers jdk() {
        return JDK;
    }

    /// The best there are; libcrypto is used only if it agrees with the JDK on every suite.
    public static PacketCiphers best() {
        return Best.CIPHERS;
    }

    /// `jdk` or `libcrypto`.
    public String name() {
        return name;
    }

    /// A cipher with a copy of 32 bytes of key.
    public PacketCipher cipher(CipherSuite suite, byte[] key) {
        if (key.length != 32) {
            throw new IllegalArgumentException("cipher: expected 32 bytes, got " + key.length);
        }
        return maker.apply(suite, key);
    }

    /// Found once per process, when first asked for.
    private static final class Best {
        static final PacketCiphers CIPHERS = find();

        private static PacketCiphers find() {
            if (!LibCrypto.isPresent()) {
                LOG.log(Level.DEBUG, "no libcrypto; using the ciphers of the JDK");
                return JDK;
            }
            PacketCiphers found = new PacketCiphers("libcrypto", NativePacketCipher::new);
            for (CipherSuite suite : CipherSuite.values()) {
                if (!agrees(found, suite)) {
                    LOG.log(Level.WARNING, () -> "libcrypto is wrong and not used cipher=" + suite);
                    return JDK;
                }
            }
            return found;
        }
    }

    /// Whether each opens what the other sealed, and refuses a forgery.
    private static boolean agrees(PacketCiphers tested, CipherSuite suite) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) 7);
        for (int length : new int[] {0, 1, 64, 1420}) {
            byte[] theirs = new byte[length + PacketCipher.TAG_LENGTH];
            byte[] ours = theirs.clone();
            byte[] opened = theirs.clone();
            try (PacketCipher other = tested.cipher(suite, secret);
                    PacketCipher jdk = JDK.cipher(suite, secret)) {
                other.seal(length, theirs, 0, length);
                jdk.seal(length, ours, 0, length);
                boolean good =
                        Arrays.equals(ours, theirs)
                                && other.open(length, ours, 0, ours.length, opened, 0) == length
                                && Arrays.equals(opened, new byte[ours.length]);
                ours[length] ^= 1;
                if (!good
                        || other.open(length, ours, 0, ours.length, opened, 0)
                                != PacketCipher.FORGED) {
                    return false;
                }
            }
        }
        return true;
    }
}
