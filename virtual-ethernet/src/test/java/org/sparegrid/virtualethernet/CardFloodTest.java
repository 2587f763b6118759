// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.linux.FrontEnd;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;
import org.sparegrid.virtualethernet.port.QemuStreamPort;
import org.sparegrid.virtualethernet.port.VhostUserPort;
import org.sparegrid.virtualethernet.vhost.GuestRing;
import org.sparegrid.virtualethernet.vhost.PlayedCard;

/// A hostile guest does to its card whatever costs most, for as long as it likes: the threads of
/// its port take no more of the processors than they may. Times are those of the threads' clocks.
@Timeout(120)
class CardFloodTest {
    private static final double SHARE = 0.05;
    private static final long FLOOD_MILLIS = 1_500;
    private static final int FREE_TRIES = 40;

    /// What may be saved up, and what is used between two looks at the clock.
    private static final long MORE_NANOS = 30_000_000;

    private static final int BUFFERS = 0x80000;
    private static final int LONG_FRAME = 60_054;

    private final KeyPair guestKey = KeyPair.generate();
    private final KeyPair peerKey = KeyPair.generate();
    private final Port peerPort = new Port();
    @TempDir private Path folder;
    private VirtualEthernet seller;
    private VirtualEthernet buyer;
    private NetworkMap map;
    private Attachment guest;
    private FrontEnd qemu;
    private PlayedCard card;
    private VhostUserPort port;

    /// A machine that forgets what it gets.
    private static final class Port implements FramePort {
        private volatile Sink sink = _ -> {};

        @Override
        public void start(Sink given) {
            sink = given;
        }

        @Override
        public void configure(PortAddress address) {}

        @Override
        public boolean send(ByteBuffer frame) {
            return true;
        }

        @Override
        public void close() {}
    }

    /// What a guest, or a QEMU that it has taken over, can do without an end.
    private enum Flood {
        SHORT_FRAMES,
        MALFORMED_HEADERS,
        FRAMES_TOO_LONG_TO_BE_ANY,
        LONG_CHAINS,
        KICKS_WITHOUT_WORK,
        MESSAGES
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    @BeforeEach
    void open() throws Exception {
        seller = VirtualEthernet.open(new VirtualEthernet.Config(0));
        buyer = VirtualEthernet.open(new VirtualEthernet.Config(0));
        map =
                Maps.map(
                        1,
                        Maps.node(1, guestKey.publicKey(), loopback(seller)),
                        Maps.node(2, peerKey.publicKey(), loopback(buyer)));
        buyer.attach(AttachmentSpec.of(peerKey, Role.MACHINE), peerPort).update(map);
    }

    @AfterEach
    void close() throws Exception {
        seller.close();
        buyer.close();
        if (qemu != null) {
            qemu.close();
        }
    }

    private static InetSocketAddress loopback(VirtualEthernet ethernet) {
        return new InetSocketAddress(Inet4Address.ofLiteral("127.0.0.1"), ethernet.port());
    }

    private void attach(FramePort port) throws IOException {
        guest = seller.attach(AttachmentSpec.of(guestKey, Role.MACHINE), port);
        guest.update(map);
    }

    private void attachVhost() throws Exception {
        Path socket = folder.resolve("nic");
        qemu = new FrontEnd(FrontEnd.SEAL_SHRINK).listen(socket);
        card = new PlayedCard(qemu);
        port = new VhostUserPort(socket);
        attach(port);
        qemu.accept();
        card.handshake(0);
    }

    private byte[] frame(int from, int length) {
        Member sender = map.members().get(from - 1);
        Member receiver = map.members().get(2 - from);
        byte[] frame = new byte[length];
        receiver.mac().write(frame, 0);
        sender.mac().write(frame, 6);
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        return frame;
    }

    /// Processor time that the threads have used whose names begin so, in nanoseconds, as the
    /// kernel says. It knows the first 15 bytes of a name.
    private static long usedNanos(String name) throws IOException {
        long sum = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            for (Path thread : threads.toList()) {
                try {
                    if (Files.readString(thread.resolve("comm")).startsWith(name)) {
                        String used = Files.readString(thread.resolve("schedstat"));
                        sum += Long.parseLong(used.substring(0, used.indexOf(' ')));
                    }
                } catch (NoSuchFileException ended) {
                    // It had another name.
                }
            }
        }
        return sum;
    }

    /// What they use of one processor while something is done again and again.
    private static long nanosDuring(String name, long millis, Step flood) throws IOException {
        long before = usedNanos(name);
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            flood.run();
        }
        return usedNanos(name) - before;
    }

    private void holdsItself(String threads, Step flood) throws IOException {
        long boundNanos = (long) (SHARE * FLOOD_MILLIS * 1_000_000) + MORE_NANOS;
        guest.limitProcessors(SHARE);
        nanosDuring(threads, 200, flood);
        long limited = nanosDuring(threads, FLOOD_MILLIS, flood);
        assertThat(limited).isLessThan(boundNanos);
        guest.limitProcessors(Double.POSITIVE_INFINITY);
        nanosDuring(threads, 200, flood);
        // A busy computer may have no time for more at first.
        long free = 0;
        for (int i = 0; i < FREE_TRIES && free <= boundNanos; i++) {
            free = nanosDuring(threads, FLOOD_MILLIS, flood);
        }
        assertThat(free).as("without a limit it costs more").isGreaterThan(boundNanos);
        guest.limitProcessors(0);
        nanosDuring(threads, 1_000, flood);
        long still = nanosDuring(threads, 1_000, flood);
        assertThat(still)
                .as("next to nothing for a guest that stands still")
                .isLessThan(MORE_NANOS);
    }

    private Step flood(Flood kind) throws IOException {
        qemu.memory().put(BUFFERS, new byte[12]).put(BUFFERS + 12, frame(1, 64));
        if (kind == Flood.MALFORMED_HEADERS) {
            qemu.memory().put(BUFFERS, new byte[] {1, 77, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0});
        }
        int last = PlayedCard.RING_SIZE - 1;
        for (int i = 0; i <= last; i++) {
            switch (kind) {
                // Each head begins a chain with all that follow.
                case LONG_CHAINS ->
                        card.transmit()
                                .descriptor(i, BUFFERS, 900, i < last ? GuestRing.NEXT : 0, i + 1);
                case FRAMES_TOO_LONG_TO_BE_ANY ->
                        card.transmit().descriptor(i, BUFFERS, 1 << 20, 0, 0);
                default -> card.transmit().descriptor(i, BUFFERS, 12 + 64, 0, 0);
            }
        }
        for (int i = 0; i <= last; i++) {
            card.transmit().offer(i);
        }
        return switch (kind) {
            case KICKS_WITHOUT_WORK -> () -> qemu.kick(PlayedCard.TRANSMIT);
            case MESSAGES -> () -> card.tellRing(18, PlayedCard.TRANSMIT, 1);
            default ->
                    () -> {
                        card.transmit().index(card.transmit().used() + PlayedCard.RING_SIZE);
                        qemu.kick(PlayedCard.TRANSMIT);
                    };
        };
    }

    @ParameterizedTest
    @EnumSource(Flood.class)
    void costsNoMoreThanItsPart(Flood kind) throws Exception {
        attachVhost();
        holdsItself("sparegrid-vhost", flood(kind));
        assertThat(port.lost()).isEmpty();
    }

    @Test
    void costsNoMoreThanItsPartWithAStream() throws Exception {
        Path socket = folder.resolve("nic");
        try (ServerSocketChannel listening =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            attach(new QemuStreamPort(socket));
            try (SocketChannel stream = listening.accept()) {
                ByteBuffer frames = ByteBuffer.allocate(64 * 68);
                for (int i = 0; i < 64; i++) {
                    frames.putInt(64).put(frame(1, 64));
                }
                frames.flip();
                stream.configureBlocking(false);
                holdsItself(
                        "sparegrid-qemu-",
                        () -> {
                            stream.write(frames);
                            if (!frames.hasRemaining()) {
                                frames.rewind();
                            }
                        });
            }
        }
    }

    /// 0.05 of a processor is what the smallest guest has.
    @Test
    void carries100MegabitsOfLongFramesInTheSmallestPart() throws Exception {
        attachVhost();
        byte[] header = {1, 1, 54, 0, 0x14, 5, 34, 0, 16, 0, 0, 0};
        byte[] frame = frame(1, LONG_FRAME);
        frame[12] = 8;
        frame[13] = 0;
        frame[14] = 0x45;
        ByteBuffer.wrap(frame).putShort(16, (short) (LONG_FRAME - 14));
        frame[22] = 64;
        frame[23] = 6;
        System.arraycopy(new byte[] {10, 77, 0, 1, 10, 77, 0, 2}, 0, frame, 26, 8);
        frame[46] = 0x50;
        qemu.memory().put(BUFFERS, header).put(BUFFERS + 12, frame);
        for (int i = 0; i < PlayedCard.RING_SIZE; i++) {
            card.transmit().descriptor(i, BUFFERS, 12 + LONG_FRAME, 0, 0).offer(i);
        }
        Step send =
                () -> {
                    card.transmit().index(card.transmit().used() + PlayedCard.RING_SIZE);
                    qemu.kick(PlayedCard.TRANSMIT);
                    Thread.onSpinWait();
                };
        nanosDuring("sparegrid-vhost", 3_000, send);
        guest.limitProcessors(SHARE);
        nanosDuring("sparegrid-vhost", 500, send);
        long before = guest.counters().bytesIn();
        nanosDuring("sparegrid-vhost", 2_000, send);
        assertThat(guest.counters().bytesIn() - before)
                .as("drops %s", guest.counters().drops())
                .isGreaterThan(2 * 12_500_000L);
    }

    @Test
    void wakesForNothingWhenTheGuestDoesNothing() throws Exception {
        attachVhost();
        guest.limitProcessors(0);
        assertThat(nanosDuring("sparegrid-vhost", 1_000, Thread::onSpinWait)).isLessThan(5_000_000);
    }

    @Test
    void dropsWhatAPeerSendsBeforeItCostsMore() throws Exception {
        attach(new Port());
        ByteBuffer frame = ByteBuffer.wrap(frame(2, 64));
        Step send = () -> peerPort.sink.accept(frame.duplicate());
        nanosDuring("none", 1_000, send);
        long all = delivered(send);
        guest.limitProcessors(0);
        long few = delivered(send);
        assertThat(few).isPositive().isLessThan(all / 2);
        assertThat(guest.counters().drops().get(DropReason.NO_TIME)).isGreaterThan(few);
        guest.limitProcessors(Double.POSITIVE_INFINITY);
        assertThat(delivered(send)).as("all is well again").isGreaterThan(few);
    }

    private long delivered(Step send) throws IOException {
        long before = guest.counters().framesOut();
        nanosDuring("none", 1_000, send);
        return guest.counters().framesOut() - before;
    }
}
