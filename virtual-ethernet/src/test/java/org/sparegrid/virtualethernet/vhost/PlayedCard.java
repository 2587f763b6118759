// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sparegrid.virtualethernet.linux.FrontEnd;

/// Starts a card as QEMU and a guest's driver do, by messages over a [FrontEnd] that was dialled.
public final class PlayedCard {
    public static final int RECEIVE = 0;
    public static final int TRANSMIT = 1;
    public static final int RING_SIZE = 64;
    public static final long LOG_ALL = 1L << 26;

    private final FrontEnd qemu;
    private final GuestRing receive;
    private final GuestRing transmit;

    public PlayedCard(FrontEnd qemu) {
        this.qemu = qemu;
        this.receive = new GuestRing(qemu.memory(), RECEIVE, RING_SIZE);
        this.transmit = new GuestRing(qemu.memory(), TRANSMIT, RING_SIZE);
    }

    public GuestRing receive() {
        return receive;
    }

    public GuestRing transmit() {
        return transmit;
    }

    public static ByteBuffer message(int request, int flags, int size) {
        return ByteBuffer.allocate(12 + size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(request)
                .putInt(flags)
                .putInt(size);
    }

    public void tell(int request, long value, int... files) throws IOException {
        qemu.send(message(request, 1, 8).putLong(value).array(), files);
    }

    public void tellRing(int request, int ring, int value) throws IOException {
        tell(request, ring | ((long) value << 32));
    }

    public long ask(int request) throws IOException {
        qemu.send(message(request, 1, 0).array());
        return answer(request);
    }

    public long answer(int request) throws IOException {
        byte[] bytes = qemu.receive(20);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(in.getInt()).isEqualTo(request);
        assertThat(in.getInt()).isEqualTo(5);
        assertThat(in.getInt()).isEqualTo(8);
        return in.getLong();
    }

    public void tellMemory(int flags) throws IOException {
        ByteBuffer table = message(5, flags, 72).putInt(2).putInt(0);
        table.putLong(0).putLong(FrontEnd.HIGH).putLong(FrontEnd.USER).putLong(0);
        table.putLong(FrontEnd.HIGH_GUEST).putLong(FrontEnd.SIZE - FrontEnd.HIGH);
        table.putLong(FrontEnd.HIGH_USER).putLong(FrontEnd.HIGH);
        qemu.send(table.array(), qemu.memoryFile(), qemu.memoryFile());
    }

    /// Starts the card as QEMU does, with all features but `without`.
    public void handshake(long without) throws IOException {
        long offered = ask(1);
        assertThat(offered).isEqualTo(CardFeatures.OFFERED);
        assertThat(ask(15)).isEqualTo(10);
        tell(16, 8);
        qemu.send(message(3, 1, 0).array());
        tell(2, offered & ~without & ~LOG_ALL);
        tellMemory(9);
        assertThat(answer(5)).isZero();
        for (GuestRing ring : new GuestRing[] {receive, transmit}) {
            start(ring, 0);
        }
    }

    public void start(GuestRing ring, int base) throws IOException {
        VhostMessage.SetRingAddress at = ring.address();
        tellRing(8, at.ring(), RING_SIZE);
        tellRing(10, at.ring(), base);
        ByteBuffer addresses = message(9, 1, 40).putInt(at.ring()).putInt(0);
        addresses.putLong(at.descriptors()).putLong(at.used()).putLong(at.available());
        qemu.send(addresses.array());
        tell(12, at.ring(), qemu.kickFile(at.ring()));
        tell(13, at.ring(), qemu.callFile(at.ring()));
        qemu.awaitCall(at.ring());
        tellRing(18, at.ring(), 1);
    }
}
