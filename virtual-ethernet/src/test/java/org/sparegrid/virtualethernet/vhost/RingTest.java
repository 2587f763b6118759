// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.linux.FrontEnd;
import org.sparegrid.virtualethernet.linux.GuestFaultException;
import org.sparegrid.virtualethernet.linux.GuestMemory;

class RingTest {
    private static final int BUFFERS = 0x40000;
    private FrontEnd guest;
    private GuestMemory memory;
    private GuestRing ring;

    @BeforeEach
    void open() throws Exception {
        guest = new FrontEnd(FrontEnd.SEAL_SHRINK);
        memory = guest.map();
        ring = new GuestRing(guest.memory(), 0, 64);
    }

    @AfterEach
    void close() throws Exception {
        memory.close();
        guest.close();
    }

    private TransmitSide transmit() throws GuestFaultException {
        return new TransmitSide(split());
    }

    private SplitRing split() throws GuestFaultException {
        return new SplitRing(memory, ring.size(), ring.address(), 0);
    }

    private byte[] sent(TransmitSide side) throws GuestFaultException {
        byte[] into = new byte[TransmitSide.LENGTH_MAX];
        assertThat(side.ring().hasNext()).isTrue();
        return java.util.Arrays.copyOf(into, side.read(into));
    }

    @Test
    void readsAFrameThatIsSpreadOverTheGuestsMemory() throws Exception {
        guest.memory().put(BUFFERS, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
        guest.memory().put(FrontEnd.HIGH + 7, new byte[] {11, 12, 13});
        ring.descriptor(3, BUFFERS, 10, GuestRing.NEXT, 9)
                .descriptor(9, FrontEnd.HIGH_GUEST + 7, 3, 0, 0)
                .offer(3);
        TransmitSide side = transmit();
        assertThat(sent(side)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
        assertThat(ring.used()).isEqualTo(1);
        assertThat(ring.takeUsed()).containsExactly(3, 0);
        assertThat(side.ring().hasNext()).isFalse();
    }

    @Test
    void readsAFrameFromATable() throws Exception {
        guest.memory().put(BUFFERS, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 42});
        ring.put(0x80000, BUFFERS, 12, GuestRing.NEXT, 2);
        ring.put(0x80020, BUFFERS + 12, 1, 0, 0);
        ring.descriptor(0, 0x80000, 48, GuestRing.INDIRECT, 0).offer(0);
        assertThat(sent(transmit())).hasSize(13).endsWith((byte) 42);
    }

    @Test
    void givesAFrameThatIsTooLongBackUnread() throws Exception {
        ring.descriptor(0, 0, TransmitSide.LENGTH_MAX + 1, 0, 0).offer(0);
        assertThat(sent(transmit())).isEmpty();
        assertThat(ring.takeUsed()).containsExactly(0, 0);
    }

    @Test
    void spreadsAFrameOverTheBuffersThatThereAre() throws Exception {
        for (int i = 0; i < 4; i++) {
            ring.descriptor(
                    2 * i, BUFFERS + 100 * i, 7, GuestRing.WRITE | GuestRing.NEXT, 2 * i + 1);
            ring.descriptor(2 * i + 1, BUFFERS + 100 * i + 50, 4, GuestRing.WRITE, 0);
            ring.offer(2 * i);
        }
        ReceiveSide side = new ReceiveSide(split(), true);
        byte[] header = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0};
        byte[] frame = {50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62};
        assertThat(side.write(header, frame, 0, 13)).isTrue();
        assertThat(ring.used()).isEqualTo(3);
        assertThat(ring.takeUsed()).containsExactly(0, 11);
        assertThat(ring.takeUsed()).containsExactly(2, 11);
        assertThat(ring.takeUsed()).containsExactly(4, 3);
        assertThat(bytes(BUFFERS, 7)).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(bytes(BUFFERS + 50, 4)).containsExactly(8, 9, 10, 3);
        assertThat(bytes(BUFFERS + 100, 7)).containsExactly(0, 50, 51, 52, 53, 54, 55);
        assertThat(bytes(BUFFERS + 200, 3)).containsExactly(60, 61, 62);
        assertThat(side.write(header, frame, 0, 13)).as("one buffer is left").isFalse();
        assertThat(ring.used()).isEqualTo(3);
        assertThat(side.write(header, new byte[0], 0, 0)).as("not even its header fits").isFalse();
    }

    @Test
    void leavesBuffersThatAreTooFewForTheNextFrame() throws Exception {
        ring.descriptor(0, BUFFERS, 20, GuestRing.WRITE, 0).offer(0);
        ReceiveSide side = new ReceiveSide(split(), false);
        assertThat(side.write(new byte[12], new byte[9], 0, 9)).isFalse();
        assertThat(side.write(new byte[12], new byte[8], 0, 8)).isTrue();
        assertThat(ring.takeUsed()).containsExactly(0, 20);
    }

    private byte[] bytes(int at, int length) {
        byte[] copy = new byte[length];
        guest.memory().get(at, copy);
        return copy;
    }

    private void refuses(String why) {
        assertThatThrownBy(() -> sent(transmit()))
                .isInstanceOf(GuestFaultException.class)
                .hasMessageContaining(why);
    }

    @Test
    void refusesMoreOffersThanTheRingHas() {
        ring.index(65);
        refuses("at most 64 offers, got 65");
    }

    @Test
    void refusesAHeadOutsideTheRing() {
        ring.offer(64);
        refuses("a descriptor of the ring, got 64");
    }

    @Test
    void refusesAChainWithoutEnd() {
        ring.descriptor(0, BUFFERS, 1, GuestRing.NEXT, 1)
                .descriptor(1, BUFFERS, 1, GuestRing.NEXT, 0)
                .offer(0);
        refuses("a chain that ends");
    }

    @Test
    void refusesAChainThatLeavesTheRing() {
        ring.descriptor(0, BUFFERS, 1, GuestRing.NEXT, 64).offer(0);
        refuses("a descriptor of the ring, got 64");
    }

    @Test
    void refusesBuffersOutsideTheMemory() {
        long[][] ranges = {
            {FrontEnd.HIGH - 5, 6},
            {FrontEnd.HIGH, 1},
            {FrontEnd.HIGH_GUEST - 1, 1},
            {FrontEnd.HIGH_GUEST + FrontEnd.SIZE - FrontEnd.HIGH, 1},
            {-1, 2},
            {Long.MIN_VALUE, 1},
            {Long.MAX_VALUE, 0xffffffffL},
            {0, 0xffffffffL},
        };
        for (long[] range : ranges) {
            ring = new GuestRing(guest.memory(), 0, 64);
            ring.descriptor(0, range[0], (int) range[1], 0, 0).offer(0);
            refuses("inside a region");
        }
    }

    @Test
    void refusesABufferOfNoLengthAndAFrameWithoutHeader() {
        ring.descriptor(0, BUFFERS, 0, 0, 0).offer(0);
        refuses("a buffer of some length");
        ring.descriptor(0, BUFFERS, 11, 0, 0);
        refuses("a header of 12 bytes, got 11");
    }

    @Test
    void refusesBuffersOfTheOtherDirection() throws Exception {
        ring.descriptor(0, BUFFERS, 100, GuestRing.WRITE, 0).offer(0);
        refuses("a buffer to read");
        ring.descriptor(0, BUFFERS, 100, 0, 0);
        ReceiveSide side = new ReceiveSide(split(), true);
        assertThatThrownBy(() -> side.write(new byte[12], new byte[60], 0, 60))
                .hasMessageContaining("a buffer to write");
        ring.descriptor(0, BUFFERS, 100, GuestRing.WRITE | GuestRing.NEXT, 1)
                .descriptor(1, BUFFERS, 100, 0, 0);
        refuses("buffers to read before those to write");
    }

    @Test
    void refusesTablesThatAreNone() {
        ring.descriptor(0, BUFFERS, 17, GuestRing.INDIRECT, 0).offer(0);
        refuses("a table of 1 to 1024 descriptors, got 17");
        ring.descriptor(0, BUFFERS, 16 * 1025, GuestRing.INDIRECT, 0);
        refuses("a table of 1 to 1024 descriptors");
        ring.descriptor(0, BUFFERS, 16, GuestRing.INDIRECT | GuestRing.NEXT, 0);
        refuses("a table at the end of its chain");
        ring.descriptor(0, FrontEnd.HIGH - 16, 32, GuestRing.INDIRECT, 0);
        refuses("inside a region");
        ring.descriptor(0, BUFFERS, 32, GuestRing.INDIRECT, 0);
        ring.put(BUFFERS, BUFFERS, 16, GuestRing.INDIRECT, 0);
        refuses("no table in a table");
        ring.put(BUFFERS, BUFFERS, 16, GuestRing.NEXT, 2);
        refuses("a descriptor of the table, got 2");
        ring.put(BUFFERS, BUFFERS, 16, GuestRing.NEXT, 0);
        refuses("a table that ends");
    }

    @Test
    void refusesRingsThatAreNotWhollyInOneRegion() {
        long last = FrontEnd.USER + FrontEnd.HIGH;
        long good = FrontEnd.USER + 0x1000;
        long[][] places = {
            {last - 16 * 64 + 16, good, good},
            {good, last - 4 - 8 * 64 + 4, good},
            {good, good, last - 4 - 2 * 64 + 2},
            {good + 8, good, good},
            {good, good + 2, good},
            {good, good, good + 1},
            {0, good, good},
            {-16, good, good},
        };
        for (long[] place : places) {
            assertThatThrownBy(() ->
                            new SplitRing(
                                    memory,
                                    64,
                                    new VhostMessage.SetRingAddress(
                                            0, place[0], place[1], place[2]),
                                    0))
                    .isInstanceOf(GuestFaultException.class);
        }
    }

    @Test
    void doesNothingWorseThanRefuseOnAnyRing() {
        byte[] into = new byte[TransmitSide.LENGTH_MAX];
        int[] ended = new int[2];
        Property.holds(
                3000,
                random -> {
                    ring = new GuestRing(guest.memory(), 0, 64);
                    scribble(random);
                    try {
                        SplitRing split = new SplitRing(memory, 64, ring.address(), 0);
                        if (random.nextBoolean()) {
                            TransmitSide side = new TransmitSide(split);
                            for (int i = 0; side.ring().hasNext(); i++) {
                                assertThat(i).isLessThan(64);
                                assertThat(side.read(into)).isBetween(0, into.length);
                            }
                        } else {
                            ReceiveSide side = new ReceiveSide(split, random.nextBoolean());
                            int length = random.nextInt(20_000);
                            // A buffer may lie over the ring itself and offer more.
                            for (int i = 0;
                                    i < 200 && side.write(new byte[12], into, 0, length);
                                    i++) {
                                assertThat(side.ring().next()).isBetween(0, 0xffff);
                            }
                        }
                        ended[0]++;
                    } catch (GuestFaultException expected) {
                        assertThat(expected.getMessage()).matches("(virtio ring|vhost-user): .*");
                        ended[1]++;
                    }
                });
        assertThat(ended).as("ends well, ends badly").doesNotContain(0);
    }

    /// Fills the ring with descriptors that are mostly plausible.
    private void scribble(RandomGenerator random) {
        int sane = random.nextInt(101);
        int direction = random.nextBoolean() ? GuestRing.WRITE : 0;
        for (int i = 0; i < 128; i++) {
            boolean good = random.nextInt(100) < sane;
            int where = i < 64 ? ring.at() + 16 * i : 0x80000 + 16 * (i - 64);
            if (good) {
                boolean table = i < 64 && random.nextInt(8) == 0;
                int flags = table ? GuestRing.INDIRECT : direction | (i % 4 == 3 ? 0 : 1);
                long address = table ? 0x80000 : BUFFERS + random.nextInt(0x1000);
                int length = table ? 64 : 12 + random.nextInt(3000);
                ring.put(where, address, length, flags, (i + 1) % 64);
            } else {
                ring.put(
                        where,
                        random.nextLong() >>> random.nextInt(64),
                        random.nextInt() >>> random.nextInt(32),
                        random.nextInt(8),
                        random.nextInt() >>> random.nextInt(32));
            }
        }
        for (int i = random.nextInt(20); i > 0; i--) {
            ring.offer(random.nextInt(100) < sane ? random.nextInt(64) : random.nextInt());
        }
        if (random.nextInt(100) >= sane) {
            ring.index(random.nextInt());
        }
    }
}
