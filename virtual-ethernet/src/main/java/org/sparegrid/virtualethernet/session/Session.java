// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.util.Optional;
import org.sparegrid.virtualethernet.crypto.ReplayWindow;
import org.sparegrid.virtualethernet.crypto.TransportKeys;
import org.sparegrid.virtualethernet.wire.TransportData;

/// One pair of keys and how far it is used.
final class Session {
    private static final byte[] NOTHING = {};
    private static final int PADDING = 16;

    private final TransportKeys keys;
    private final int localIndex;
    private final int remoteIndex;
    private final boolean initiator;
    private final long createdNanos;
    private final ReplayWindow seen = new ReplayWindow();
    private long nextCounter;

    Session(
            TransportKeys keys,
            int localIndex,
            int remoteIndex,
            boolean initiator,
            long createdNanos) {
        this.keys = keys;
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

    long sentCount() {
        return nextCounter;
    }

    /// Seals a packet into a datagram, padded to a multiple of 16 bytes.
    byte[] seal(byte[] packet) {
        int padded = (packet.length + PADDING - 1) & -PADDING;
        byte[] datagram = new byte[TransportData.HEADER_LENGTH + padded + TransportData.TAG_LENGTH];
        TransportData.writeHeader(datagram, remoteIndex, nextCounter);
        System.arraycopy(packet, 0, datagram, TransportData.HEADER_LENGTH, packet.length);
        keys.send().sealInPlace(nextCounter, datagram, TransportData.HEADER_LENGTH, padded);
        nextCounter++;
        return datagram;
    }

    /// Opens a packet; empty if it is forged or was seen before.
    Optional<byte[]> open(TransportData data) {
        long counter = data.counter();
        if (counter < 0 || !seen.isNew(counter)) {
            return Optional.empty();
        }
        byte[] bytes = data.bytes();
        Optional<byte[]> packet =
                keys.receive()
                        .open(
                                counter,
                                bytes,
                                TransportData.HEADER_LENGTH,
                                bytes.length - TransportData.HEADER_LENGTH,
                                NOTHING);
        if (packet.isPresent()) {
            seen.remember(counter);
        }
        return packet;
    }
}
