// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.virtualethernet.vhost.PlayedCard.LOG_ALL;
import static org.sparegrid.virtualethernet.vhost.PlayedCard.RECEIVE;
import static org.sparegrid.virtualethernet.vhost.PlayedCard.TRANSMIT;
import static org.sparegrid.virtualethernet.vhost.PlayedCard.message;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.linux.FrontEnd;
import org.sparegrid.virtualethernet.vhost.CardFeatures;
import org.sparegrid.virtualethernet.vhost.GuestRing;
import org.sparegrid.virtualethernet.vhost.PlayedCard;

/// The test is QEMU and its guest: it listens at the socket and shares its memory.
@Timeout(60)
class VhostUserPortTest {
    private static final int BUFFERS = 0x80000;

    private final LinkedBlockingQueue<SuperCopy> received = new LinkedBlockingQueue<>();
    @TempDir private Path folder;
    private FrontEnd qemu;
    private PlayedCard card;
    private VhostUserPort port;
    private GuestRing receive;
    private GuestRing transmit;

    private record SuperCopy(byte[] bytes, int count) {}

    @BeforeEach
    void open() throws Exception {
        open(FrontEnd.SEAL_SHRINK);
    }

    private void open(int seals) throws Exception {
        Path socket = folder.resolve("nic" + seals);
        qemu = new FrontEnd(seals).listen(socket);
        card = new PlayedCard(qemu);
        receive = card.receive();
        transmit = card.transmit();
        port = new VhostUserPort(socket);
        port.start(
                new FramePort.Sink() {
                    @Override
                    public void accept(ByteBuffer frame) {
                        throw new AssertionError("superframes only");
                    }

                    @Override
                    public void add(SuperFrame frame) {
                        byte[] copy = new byte[frame.length()];
                        System.arraycopy(frame.bytes(), frame.offset(), copy, 0, copy.length);
                        received.add(new SuperCopy(copy, frame.count()));
                    }
                });
        qemu.accept();
    }

    @AfterEach
    void close() throws Exception {
        port.close();
        qemu.close();
    }

    private static byte[] frame(int length) {
        byte[] frame = new byte[length];
        for (int i = 14; i < length; i++) {
            frame[i] = (byte) i;
        }
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        return frame;
    }

    private void guestSends(int head, byte[] frame) throws Exception {
        qemu.memory().put(BUFFERS, new byte[12]).put(BUFFERS + 12, frame);
        transmit.descriptor(head, BUFFERS, 12 + frame.length, 0, 0).offer(head);
        qemu.kick(TRANSMIT);
    }

    private byte[] next() throws Exception {
        SuperCopy copy = received.poll(20, TimeUnit.SECONDS);
        assertThat(copy).isNotNull();
        return copy.bytes;
    }

    private byte[] bytes(int at, int length) {
        byte[] copy = new byte[length];
        qemu.memory().get(at, copy);
        return copy;
    }

    private String lost() throws Exception {
        assertThat(qemu.receive(1)).as("the port hangs up").isNull();
        while (port.lost().isEmpty()) {
            Thread.onSpinWait();
        }
        return port.lost().get();
    }

    @Test
    void takesWhatTheGuestSends() throws Exception {
        card.handshake(0);
        guestSends(5, frame(60));
        assertThat(next()).isEqualTo(frame(60));
        qemu.awaitCall(TRANSMIT);
        assertThat(transmit.used()).isEqualTo(1);
        assertThat(transmit.takeUsed()).containsExactly(5, 0);
        guestSends(6, frame(1514));
        assertThat(next()).isEqualTo(frame(1514));
    }

    /// QEMU 7.2 tells us what the driver chose only if we were there when it did.
    @Test
    void carriesWholeFramesForADriverWhoseChoiceWasForgotten() throws Exception {
        long onlyOfTheProtocol = 1L << 30;
        card.handshake(~onlyOfTheProtocol);
        guestSends(5, frame(60));
        assertThat(next()).isEqualTo(frame(60));
        receive.descriptor(0, BUFFERS, 1526, GuestRing.WRITE, 0).offer(0);
        await();
        assertThat(port.send(ByteBuffer.wrap(frame(1514)))).isTrue();
        assertThat(bytes(BUFFERS, 12)).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
        assertThat(bytes(BUFFERS + 12, 1514)).isEqualTo(frame(1514));
    }

    @Test
    void takesAnUndividedFrameOf64KilobytesOutOfATable() throws Exception {
        card.handshake(0);
        byte[] header = {1, 1, 54, 0, (byte) 0xb4, 5, 34, 0, 16, 0, 0, 0};
        byte[] frame = frame(54 + 60_000);
        frame[12] = 8;
        frame[13] = 0;
        frame[14] = 0x45;
        ByteBuffer.wrap(frame).putShort(16, (short) (frame.length - 14)).putShort(20, (short) 0);
        frame[23] = 6;
        frame[46] = 0x50;
        int at = FrontEnd.HIGH + 100;
        qemu.memory().put(at, header).put(at + 12, frame);
        long address = FrontEnd.HIGH_GUEST + 100;
        transmit.put(0x70000, address, 12, GuestRing.NEXT, 1);
        transmit.put(0x70010, address + 12, 30_000, GuestRing.NEXT, 2);
        transmit.put(0x70020, address + 30_012, frame.length - 30_000, 0, 0);
        transmit.descriptor(0, 0x70000, 48, GuestRing.INDIRECT, 0).offer(0);
        qemu.kick(TRANSMIT);
        SuperCopy copy = received.poll(20, TimeUnit.SECONDS);
        assertThat(copy).isNotNull();
        assertThat(copy.bytes).isEqualTo(frame);
        assertThat(copy.count).isEqualTo((60_000 + 1459) / 1460);
    }

    @Test
    void givesFramesToTheGuestAndWakesIt() throws Exception {
        card.handshake(0);
        for (int i = 0; i < 3; i++) {
            receive.descriptor(i, BUFFERS + 4096 * i, 1526, GuestRing.WRITE, 0).offer(i);
        }
        await();
        port.send(ByteBuffer.wrap(frame(1600)));
        qemu.awaitCall(RECEIVE);
        assertThat(receive.used()).isEqualTo(2);
        assertThat(receive.takeUsed()).containsExactly(0, 1526);
        assertThat(receive.takeUsed()).containsExactly(1, 1600 + 12 - 1526);
        assertThat(bytes(BUFFERS, 12)).endsWith(2, 0);
        assertThat(bytes(BUFFERS + 12, 100)).isEqualTo(java.util.Arrays.copyOf(frame(100), 100));
        assertThat(receive.wantsKicks()).isFalse();
    }

    /// Waits until the port has done what it was told.
    private void await() throws Exception {
        card.tellMemory(9);
        assertThat(card.answer(5)).isZero();
    }

    @Test
    void neverDividesForAGuestThatDoesNotTakeIt() throws Exception {
        card.handshake((1L << 7) | (1L << 1));
        receive.descriptor(0, BUFFERS, 1526, GuestRing.WRITE, 0).offer(0);
        await();
        assertThat(port.send(ByteBuffer.wrap(frame(60)))).isTrue();
        assertThat(receive.used()).isEqualTo(1);
        assertThat(port.send(ByteBuffer.wrap(frame(60)))).as("no buffer is left").isFalse();
    }

    @Test
    void resumesWhereTheGuestSawItsRingAfterItsOwnRestart() throws Exception {
        card.handshake(0);
        guestSends(5, frame(60));
        assertThat(next()).hasSize(60);
        qemu.awaitCall(TRANSMIT);
        Path socket = folder.resolve("nic" + FrontEnd.SEAL_SHRINK);
        port.close();
        guestSends(6, frame(70));
        port = new VhostUserPort(socket);
        port.start(frame -> received.add(new SuperCopy(new byte[frame.remaining()], 1)));
        qemu.accept();
        card.tell(16, 0);
        card.tell(2, card.ask(1) & ~LOG_ALL);
        card.tellMemory(1);
        card.start(transmit, transmit.used());
        assertThat(next()).hasSize(70);
    }

    @Test
    void saysWhereARingStoppedAndStartsItAgain() throws Exception {
        card.handshake(0);
        guestSends(5, frame(60));
        assertThat(next()).hasSize(60);
        card.tellRing(11, TRANSMIT, 0);
        assertThat(card.answer(11)).isEqualTo(TRANSMIT | (1L << 32));
        guestSends(6, frame(61));
        await();
        assertThat(received).isEmpty();
        card.start(transmit, 1);
        assertThat(next()).hasSize(61);
    }

    @Test
    void dialsAgainWhenQemuGoesAway() throws Exception {
        card.handshake(0);
        qemu.accept();
        card.handshake(0);
        guestSends(0, frame(60));
        assertThat(next()).hasSize(60);
        assertThat(port.lost()).isEmpty();
    }

    @Test
    void takesItsPortFromAGuestWhoseRingIsBroken() throws Exception {
        card.handshake(0);
        transmit.descriptor(0, FrontEnd.HIGH, 100, 0, 0).offer(0);
        qemu.kick(TRANSMIT);
        assertThat(lost()).contains("a buffer of 100 bytes inside a region, got 0x200000");
    }

    @Test
    void takesItsPortFromAGuestThatOffersNothingToWriteTo() throws Exception {
        card.handshake(0);
        receive.descriptor(0, FrontEnd.HIGH, 100, GuestRing.WRITE, 0).offer(0);
        await();
        port.send(ByteBuffer.wrap(frame(60)));
        assertThat(lost()).contains("inside a region");
        assertThat(port.send(ByteBuffer.wrap(frame(60)))).isFalse();
    }

    @Test
    void refusesMemoryThatCanShrink() throws Exception {
        close();
        open(0);
        card.tellMemory(1);
        assertThat(lost()).contains("sealed against shrinking");
    }

    @ParameterizedTest
    @CsvSource({
        "'0, 8192, 0, 0, 4096, 8192, 65536, 8192', regions that do not overlap",
        "'0, 8192, 0, 0, 8192, 8192, 4096, 8192', regions that do not overlap",
        "'0, 8192, 0, 1', an offset of whole pages",
        "'0, 8192, 0, 4190208', 'a region inside its file, of length, got 0x400000'",
        "'0, 0, 0, 0', a region of 1 B to 1 TiB",
        "'0, -1, 0, 0', a region of 1 B to 1 TiB",
        "'9223372036854775807, 8192, 0, 0', a guest address",
        "'0, 8192, -4096, 0', a user address",
        "'0, 8192, 0, 9223372036854771712', an offset of whole pages",
    })
    void refusesMemoryThatContradictsItself(String numbers, String why) throws Exception {
        String[] each = numbers.split(", ");
        int count = each.length / 4;
        ByteBuffer table = message(5, 1, 8 + 8 * each.length).putInt(count).putInt(0);
        for (String number : each) {
            table.putLong(Long.parseLong(number));
        }
        int[] files = new int[count];
        java.util.Arrays.fill(files, qemu.memoryFile());
        qemu.send(table.array(), files);
        assertThat(lost()).contains(why);
    }

    @ParameterizedTest
    @CsvSource({
        "99, 1, 8, 0, a known request",
        "1, 2, 0, 0, flags 1 or 9",
        "1, 5, 0, 0, flags 1 or 9",
        "2, 1, 2147483647, 0, a payload of at most 264 bytes",
        "2, 1, -1, 0, a payload of at most 264 bytes",
        "2, 1, 16, 0, a payload of its length",
        "2, 1, 8, 4, features that were offered",
        "2, 1, 8, 67108864, a guest that is not moved while it runs",
        "16, 1, 8, 4096, features that were offered",
        "8, 1, 8, 2, ring 0 or 1",
        "8, 1, 8, 0, a power of two",
        "8, 1, 8, 8589934592000, a power of two",
        "8, 1, 8, 8796093022208, a power of two",
        "10, 1, 8, 281474976710656, an entry of 16 bits",
        "12, 1, 8, 0, 'one file, or none and a flag'",
        "12, 1, 8, 256, a kick with a file",
        "13, 1, 8, 512, a ring and a flag",
        "5, 1, 8, 1, 32 bytes for each region",
        "5, 1, 8, 9, at most 8 regions",
        "5, 1, 8, 0, 1 to 8 regions",
    })
    void refusesMessagesThatAreNone(int request, int flags, int size, long value, String why)
            throws Exception {
        ByteBuffer bytes = message(request, flags, Math.clamp(size, 8, 16)).putLong(value);
        qemu.send(bytes.putInt(8, size).array());
        assertThat(lost()).contains(why);
    }

    @Test
    void refusesFilesThatAreNoCounters() throws Exception {
        card.tell(12, TRANSMIT, qemu.memoryFile());
        assertThat(lost()).contains("an eventfd, got /memfd:guest");
    }

    @Test
    void refusesMoreFilesThanAnyMessageHas() throws Exception {
        int file = qemu.memoryFile();
        qemu.send(new byte[] {1}, file, file, file, file, file, file, file, file, file);
        assertThat(lost()).contains("at most 8 files");
    }

    @Test
    void refusesARingWithoutMemory() throws Exception {
        card.tell(2, 1L << 32);
        card.tell(12, TRANSMIT, qemu.kickFile(TRANSMIT));
        assertThat(lost()).contains("memory, size and addresses before a ring starts");
    }

    @Test
    void readsMessagesInPieces() throws Exception {
        byte[] whole = message(2, 1, 8).putLong(0).array();
        for (byte one : whole) {
            qemu.send(new byte[] {one});
        }
        assertThat(card.ask(1)).isEqualTo(CardFeatures.OFFERED);
    }
}
