// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;

class SuperFrameTest {
    private static final int HEADER = SuperFrame.HEADER_LENGTH;

    /// A frame as a kernel gives it: virtio's header, Ethernet, IP, TCP or UDP, payload.
    private static byte[] offloaded(
            RandomGenerator random, boolean ipv4, boolean udp, int payload, int segment) {
        int l4 = ipv4 ? 34 : 54;
        int headers = l4 + (udp ? 8 : 20 + 4 * random.nextInt(11));
        byte[] out = new byte[HEADER + headers + payload];
        random.nextBytes(out);
        out[0] = 1;
        out[1] = (byte) (payload <= segment ? 0 : udp ? 5 : ipv4 ? 1 : 4);
        little(out, 2, headers);
        little(out, 4, segment);
        little(out, 6, l4);
        little(out, 8, udp ? 6 : 16);
        int eth = HEADER;
        int ip = HEADER + 14;
        int transport = HEADER + l4;
        Bytes.put16(out, eth + 12, ipv4 ? 0x0800 : 0x86dd);
        long addresses;
        if (ipv4) {
            out[ip] = 0x45;
            Bytes.put16(out, ip + 2, out.length - ip);
            Bytes.put16(out, ip + 6, 0x4000);
            out[ip + 9] = (byte) (udp ? 17 : 6);
            Bytes.put16(out, ip + 10, 0);
            Bytes.put16(out, ip + 10, Checksums.of(out, ip, 20));
            addresses = Checksums.sum(out, ip + 12, 8);
        } else {
            out[ip] = 0x60;
            Bytes.put16(out, ip + 4, out.length - ip - 40);
            out[ip + 6] = (byte) (udp ? 17 : 6);
            addresses = Checksums.sum(out, ip + 8, 32);
        }
        int length = out.length - transport;
        if (udp) {
            Bytes.put16(out, transport + 4, length);
        } else {
            out[transport + 12] = (byte) ((headers - l4) / 4 << 4);
            out[transport + 13] = (byte) (random.nextBoolean() ? 0x18 : 0x10);
        }
        int partial = ~Checksums.fold(addresses + (udp ? 17 : 6) + length);
        Bytes.put16(out, transport + (udp ? 6 : 16), partial);
        return out;
    }

    private static void little(byte[] out, int at, int value) {
        out[at] = (byte) value;
        out[at + 1] = (byte) (value >>> 8);
    }

    /// Whether a plain frame's IP checksum is right, and its transport checksum is of the kind
    /// asked for: over everything, or the pseudo-header's sum that a card completes.
    private static boolean isRight(byte[] frame, boolean complete) {
        boolean ipv4 = frame[14] == 0x45;
        int l4 = ipv4 ? 34 : 54;
        int protocol = ipv4 ? frame[23] : frame[20];
        long addresses = ipv4 ? Checksums.sum(frame, 26, 8) : Checksums.sum(frame, 22, 32);
        int size = frame.length - l4;
        long pseudo = addresses + protocol + size;
        if (ipv4 && Checksums.of(frame, 14, 20) != 0) {
            return false;
        }
        return complete
                ? Checksums.fold(pseudo + Checksums.sum(frame, l4, size)) == 0
                : Checksums.fold(pseudo)
                        == (~Bytes.u16(frame, l4 + (protocol == 17 ? 6 : 16)) & 0xffff);
    }

    @Test
    void dividesIntoCompleteFramesThatJoinToTheSameAgain() {
        Property.holds(
                300,
                random -> {
                    boolean ipv4 = random.nextBoolean();
                    boolean udp = random.nextBoolean();
                    int segment = 100 + random.nextInt(1400);
                    int payload = 1 + random.nextInt(segment * (1 + random.nextInt(40)));
                    byte[] given = offloaded(random, ipv4, udp, payload, segment);
                    if (given.length - HEADER > 65_549) {
                        return;
                    }
                    SuperFrame whole = new SuperFrame().read(given, 0, given.length);
                    assertThat(whole.count()).isEqualTo((payload + segment - 1) / segment);
                    boolean complete = random.nextBoolean();
                    FrameJoiner joiner = new FrameJoiner(true);
                    long bytes = 0;
                    for (int i = 0; i < whole.count(); i++) {
                        byte[] out = new byte[whole.longest() + 5];
                        int length = whole.write(i, out, 5, complete);
                        assertThat(length).isEqualTo(whole.length(i));
                        byte[] frame = Arrays.copyOfRange(out, 5, 5 + length);
                        assertThat(isRight(frame, complete)).isTrue();
                        bytes += length;
                        SuperFrame one =
                                new SuperFrame()
                                        .set(
                                                frame,
                                                0,
                                                length,
                                                complete ? 0 : whole.checksumStart(),
                                                complete ? 0 : whole.checksumField());
                        assertThat(joiner.add(one)).isTrue();
                    }
                    assertThat(bytes).isEqualTo(whole.totalBytes());
                    SuperFrame joined = joiner.take();
                    assertThat(joiner.isEmpty()).isTrue();
                    byte[] back = new byte[given.length];
                    joined.writeHeader(back, 0);
                    System.arraycopy(
                            joined.bytes(), joined.offset(), back, HEADER, joined.length());
                    if (whole.count() > 1) {
                        assertThat(back).isEqualTo(given);
                    } else if (complete) {
                        assertThat(isRight(Arrays.copyOfRange(back, HEADER, back.length), true))
                                .isTrue();
                    }
                });
    }

    @Test
    void joinsOnlyWhatBelongsTogether() {
        Property.holds(
                300,
                random -> {
                    boolean ipv4 = random.nextBoolean();
                    byte[] given = offloaded(random, ipv4, random.nextInt(3) == 0, 2500, 1000);
                    SuperFrame whole = new SuperFrame().read(given, 0, given.length);
                    List<byte[]> frames = new ArrayList<>();
                    for (int i = 0; i < 2; i++) {
                        byte[] frame = new byte[whole.length(i)];
                        whole.write(i, frame, 0, true);
                        frames.add(frame);
                    }
                    FrameJoiner joiner = new FrameJoiner(true);
                    assertThat(joiner.add(new SuperFrame().set(frames.get(0), 0, whole.length(0))))
                            .isTrue();
                    byte[] spoilt = frames.get(1);
                    int at = random.nextInt(spoilt.length);
                    boolean free = ipv4 && (at == 18 || at == 19 || at == 24 || at == 25);
                    spoilt[at] ^= (byte) (1 << random.nextInt(8));
                    boolean joined = joiner.add(new SuperFrame().set(spoilt, 0, spoilt.length));
                    // The identification and the header's checksum are made anew.
                    assertThat(joined).as("byte " + at).isEqualTo(free);
                });
    }

    @Test
    void givesASingleFrameBackAsItCame() {
        Property.holds(
                300,
                random -> {
                    byte[] any = new byte[14 + random.nextInt(200)];
                    random.nextBytes(any);
                    FrameJoiner joiner = new FrameJoiner(random.nextBoolean());
                    assertThat(joiner.add(new SuperFrame().set(any, 0, any.length))).isTrue();
                    SuperFrame taken = joiner.take();
                    assertThat(taken.isUnfinished()).isFalse();
                    assertThat(
                                    Arrays.copyOfRange(
                                            taken.bytes(),
                                            taken.offset(),
                                            taken.offset() + taken.length()))
                            .isEqualTo(any);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00, 'an unfinished checksum in a divided frame'",
        "1, 03, 'a known kind of division'",
        "1, 04, 'a known kind of division'",
        "1, 05, 'a known kind of division'",
        "4, 00, 'at most 1400 frames'",
        "6, 21, 'the checksum of the transport header'",
        "8, 06, 'the checksum of the transport header'",
        "7, ff, 'a checksum inside the frame'",
        "24, 46, 'the checksum of the transport header'",
        "24, 65, 'the checksum of the transport header'",
        "26, 00, 'the length of the packet'",
        "30, 20, 'the checksum of the transport header'",
        "33, 11, 'the checksum of the transport header'",
        "56, 40, 'a payload'",
    })
    void refusesAHeaderThatDoesNotFitItsFrame(int at, String value, String why) {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        byte[] given = offloaded(random, true, false, 3000, 256);
        given[at] = HexFormat.of().parseHex(value)[0];
        if (at == 4) {
            given[4] = 1;
            given[5] = 0;
        }
        assertThatThrownBy(() -> new SuperFrame().read(given, 0, given.length))
                .isInstanceOf(FrameFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void letsNoHintPointAtWhatTheRulesHaveSeen() {
        byte[] given = offloaded(RandomGenerator.getDefault(), true, false, 100, 1000);
        byte[] frame = Arrays.copyOfRange(given, HEADER, given.length);
        for (int start = 1; start < 80; start++) {
            for (int field = 0; field < 80; field++) {
                if (start == 34 && field == 16) {
                    continue;
                }
                int from = start;
                int to = field;
                assertThatThrownBy(() -> new SuperFrame().set(frame, 0, frame.length, from, to))
                        .isInstanceOf(FrameFormatException.class);
            }
        }
    }

    @Test
    void doesNothingWorseThanRefuseAnyBytes() {
        Property.holds(
                20_000,
                random -> {
                    byte[] any =
                            offloaded(
                                    random,
                                    random.nextBoolean(),
                                    random.nextBoolean(),
                                    1 + random.nextInt(300),
                                    1 + random.nextInt(100));
                    for (int i = random.nextInt(6); i > 0; i--) {
                        any[random.nextInt(Math.min(90, any.length))] = (byte) random.nextInt();
                    }
                    int length = random.nextInt(any.length + 1);
                    try {
                        SuperFrame frame = new SuperFrame().read(any, 0, length);
                        byte[] out = new byte[frame.longest()];
                        for (int i = 0; i < frame.count(); i++) {
                            int written = frame.write(i, out, 0, random.nextBoolean());
                            assertThat(written).isBetween(14, out.length);
                        }
                    } catch (FrameFormatException expected) {
                        assertThat(expected.getMessage()).matches("(superframe|ethernet): .*");
                    }
                });
    }
}
