// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.sparegrid.virtualethernet.crypto.Blake2s;
import org.sparegrid.virtualethernet.crypto.ExtendedNonceAead;
import org.sparegrid.virtualethernet.crypto.HandshakeMacs;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.CookieReply;
import org.sparegrid.virtualethernet.wire.LittleEndian;

/// Gives cookies to senders and recognises them, without remembering any sender.
///
/// Source: the WireGuard white paper, section 5.3.
final class CookieChecker {
    private final HandshakeMacs macs;
    private final RandomGenerator random;
    private final long secretLifeNanos;
    private final byte[] secret = new byte[32];
    private long secretMadeNanos;
    private boolean hasSecret;

    CookieChecker(PublicKey local, Timers timers, RandomGenerator random) {
        this.macs = new HandshakeMacs(local);
        this.random = random;
        this.secretLifeNanos = timers.cookieLife().toNanos();
    }

    boolean isMac1Right(byte[] message, int mac1Offset) {
        return macs.isMac1Right(message, mac1Offset);
    }

    boolean isMac2Right(byte[] message, int mac1Offset, InetSocketAddress from, long nowNanos) {
        return hasSecret
                && nowNanos - secretMadeNanos < secretLifeNanos
                && HandshakeMacs.isMac2Right(cookie(from), message, mac1Offset + 16);
    }

    CookieReply reply(byte[] message, int mac1Offset, InetSocketAddress from, long nowNanos) {
        if (!hasSecret || nowNanos - secretMadeNanos >= secretLifeNanos) {
            random.nextBytes(secret);
            secretMadeNanos = nowNanos;
            hasSecret = true;
        }
        byte[] nonce = new byte[ExtendedNonceAead.NONCE_LENGTH];
        random.nextBytes(nonce);
        byte[] mac1 = Arrays.copyOfRange(message, mac1Offset, mac1Offset + 16);
        byte[] sealed = ExtendedNonceAead.seal(macs.cookieKey(), nonce, cookie(from), mac1);
        return CookieReply.of(LittleEndian.getInt(message, 4), nonce, sealed);
    }

    private byte[] cookie(InetSocketAddress from) {
        byte[] address = from.getAddress().getAddress();
        byte[] source =
                ByteBuffer.allocate(address.length + 2)
                        .put(address)
                        .putShort((short) from.getPort())
                        .array();
        return Blake2s.mac(secret, source, source.length);
    }
}
