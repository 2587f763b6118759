// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.crypto.CipherSuite;
import org.sparegrid.virtualethernet.crypto.PacketCipher;
import org.sparegrid.virtualethernet.crypto.PacketCiphers;
import org.sparegrid.virtualethernet.crypto.ReplayWindow;
import org.sparegrid.virtualethernet.crypto.TransportKeys;
import org.sparegrid.virtualethernet.wire.FastFrame;
import org.sparegrid.virtualethernet.wire.TransportData;

/// The keys of one handshake and how far they are used.
final class Session implements AutoCloseable {
    private static final int PADDING = 16;
    private static final int PADDED_MAX = 1420;

    /// AES-GCM stays indistinguishable from chance, but for 2^-50, for so many frames of 1,500
    /// bytes under one key. Source: docs/protocol/fast-frames.md, section 4.
    private static final long FAST_FRAMES_MAX = 1L << 32;

    private final TransportKeys keys;
    private final PacketCiphers ciphers;
    private final PacketCipher sealer;
    private final PacketCipher opener;
    private final int localIndex;
    private final int remoteIndex;
    private final boolean initiator;
    private final long createdNanos;
    private final ReplayWindow seen = new ReplayWindow();
    private final ReplayWindow seenFast = new ReplayWindow();
    private @Nullable PacketCipher fastSealer;
    private @Nullable PacketCipher fastOpener;
    private boolean fast;
    private long nextCounter;
    private long nextFastCounter;

    Session(
            TransportKeys keys,
            PacketCiphers ciphers,
            int localIndex,
            int remoteIndex,
            boolean initiator,
            long createdNanos) {
        this.keys = keys;
        this.ciphers = ciphers;
        this.sealer = keys.send().cipher(ciphers, CipherSuite.CHACHA20_POLY1305);
        this.opener = keys.receive().cipher(ciphers, CipherSuite.CHACHA20_POLY1305);
        this.localIndex = localIndex;
        this.remoteIndex = remoteIndex;
        this.initiator = initiator;
        this.createdNanos = createdNanos;
    }

    int localIndex() {
        return localIndex;
    }

    boolean initiator() {
        return initiator;
    }

    long ageNanos(long nowNanos) {
        return nowNanos - createdNanos;
    }

    /// Whether the peer has announced, in this session, that it accepts fast frames.
    void fast(boolean accepted) {
        fast = accepted;
    }

    /// Whether to send fast frames.
    boolean isFast() {
        return fast && !isFastUsedUp();
    }

    /// Whether fast frames have sealed as much as one key may.
    boolean isFastUsedUp() {
        return nextFastCounter >= FAST_FRAMES_MAX;
    }

    /// Packets sent with the key that was used more.
    long sentCount() {
        return Math.max(nextCounter, nextFastCounter);
    }

    /// Bytes of the datagram of a packet of `length` bytes.
    static int sealedLength(int length) {
        return TransportData.HEADER_LENGTH + padded(length) + TransportData.TAG_LENGTH;
    }

    /// Makes a datagram of the packet of `length` bytes that is in its place, behind the header's
    /// 16 bytes at `at`: pads it with zeros, mostly to a multiple of 16 bytes, and seals it.
    ///
    /// @return the length of the datagram
    int seal(byte[] buffer, int at, int length) {
        int text = at + TransportData.HEADER_LENGTH;
        int padded = padded(length);
        for (int i = length; i < padded; i++) {
            buffer[text + i] = 0;
        }
        TransportData.writeHeader(buffer, at, remoteIndex, nextCounter);
        sealer.seal(nextCounter, buffer, text, padded);
        nextCounter++;
        return TransportData.HEADER_LENGTH + padded + TransportData.TAG_LENGTH;
    }

    /// Makes a datagram of the fast frame of `length` bytes that is in its place, behind the
    /// header's 16 bytes at `at`.
    ///
    /// @return the length of the datagram
    int sealFast(byte[] buffer, int at, int length) {
        FastFrame.writeHeader(buffer, at, remoteIndex, nextFastCounter);
        fastSealer().seal(nextFastCounter, buffer, at + FastFrame.HEADER_LENGTH, length);
        nextFastCounter++;
        return FastFrame.HEADER_LENGTH + length + PacketCipher.TAG_LENGTH;
    }

    /// Opens the sealed data of `length` bytes at `at`, header included, into `out`.
    ///
    /// @return the length of the packet, or of hint and frame, or -1 if it is forged or was seen
    ///   before
    int open(byte[] datagram, int at, int length, byte[] out) {
        boolean fast = TransportData.isFastFrame(datagram, at);
        ReplayWindow window = fast ? seenFast : seen;
        long counter = TransportData.counter(datagram, at);
        if (counter < 0 || !window.isNew(counter)) {
            return PacketCipher.FORGED;
        }
        int opened =
                (fast ? fastOpener() : opener)
                        .open(
                                counter,
                                datagram,
                                at + TransportData.HEADER_LENGTH,
                                length - TransportData.HEADER_LENGTH,
                                out,
                                0);
        if (opened >= 0) {
            window.remember(counter);
        }
        return opened;
    }

    @Override
    public void close() {
        sealer.close();
        opener.close();
        if (fastSealer != null) {
            fastSealer.close();
        }
        if (fastOpener != null) {
            fastOpener.close();
        }
    }

    private PacketCipher fastSealer() {
        PacketCipher cipher = fastSealer;
        if (cipher == null) {
            cipher = keys.fastSend().cipher(ciphers, CipherSuite.AES_256_GCM);
            fastSealer = cipher;
        }
        return cipher;
    }

    private PacketCipher fastOpener() {
        PacketCipher cipher = fastOpener;
        if (cipher == null) {
            cipher = keys.fastReceive().cipher(ciphers, CipherSuite.AES_256_GCM);
            fastOpener = cipher;
        }
        return cipher;
    }

    /// Padding makes no packet longer than fits a path of 1500 bytes over IPv6, as in WireGuard.
    private static int padded(int length) {
        return Math.max(length, Math.min((length + PADDING - 1) & -PADDING, PADDED_MAX));
    }

    /// The longest packet whose datagram has at most `datagramBytes`.
    static int packetMax(int datagramBytes) {
        int room = datagramBytes - TransportData.HEADER_LENGTH - TransportData.TAG_LENGTH;
        return room >= PADDED_MAX ? room : room & -PADDING;
    }
}
