// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.Checksums;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;

class TcpSegmentTest {
    private static final int SOURCE = 0x0a63_0001;
    private static final int DESTINATION = 0x0a63_0002;

    /// A packet with these bytes behind its header.
    private static Ipv4Packet packet(byte[] payload) throws FrameFormatException {
        byte[] bytes = new byte[Ipv4Packet.HEADER_LENGTH + payload.length];
        Ipv4Packet.writeHeader(bytes, 0, payload.length, Ipv4Packet.TCP, SOURCE, DESTINATION);
        System.arraycopy(payload, 0, bytes, Ipv4Packet.HEADER_LENGTH, payload.length);
        return Ipv4Packet.parse(bytes, 0);
    }

    private static byte[] withChecksum(byte[] segment) {
        if (segment.length >= TcpSegment.HEADER_LENGTH) {
            Bytes.put16(segment, 16, 0);
            long sum =
                    Checksums.pseudoHeader(SOURCE, DESTINATION, Ipv4Packet.TCP, segment.length)
                            + Checksums.sum(segment, 0, segment.length);
            Bytes.put16(segment, 16, Checksums.fold(sum));
        }
        return segment;
    }

    @ParameterizedTest
    @CsvSource({
        "00160017, 'expected at least 20 bytes, got 4'",
        "0016001700000001000000024002100000000000, 'header of 20 to 20 bytes at offset 12, got 16'",
        "0016001700000001000000026002100000000000, 'header of 20 to 20 bytes at offset 12, got 24'",
        "001600170000000100000002600210000000000002010000, 'expected an option of 2 to 4 bytes'",
        "001600170000000100000002600210000000000002060000, 'at offset 20, got 6'",
        "001600170000000100000002600210000000000001010102, 'at offset 23, got 0'",
    })
    void rejectsAndSaysWhy(String hex, String why) {
        byte[] bytes = withChecksum(HexFormat.of().parseHex(hex));
        assertThatThrownBy(() -> TcpSegment.parse(packet(bytes)))
                .isInstanceOf(FrameFormatException.class)
                .hasMessageStartingWith("tcp: ")
                .hasMessageContaining(why);
    }

    @Test
    void rejectsAWrongChecksum() {
        byte[] bytes =
                withChecksum(HexFormat.of().parseHex("0016001700000001000000025002100000000000"));
        bytes[4] ^= 1;
        assertThatThrownBy(() -> TcpSegment.parse(packet(bytes)))
                .hasMessage("tcp: expected a correct checksum at offset 16");
    }

    @Test
    void readsWhatItWrote() {
        Property.holds(
                2000,
                random -> {
                    TcpSegment segment = any(random);
                    byte[] bytes = new byte[segment.lengthBytes()];
                    segment.write(bytes, 0, SOURCE, DESTINATION);
                    assertThat(TcpSegment.parse(packet(bytes)))
                            .usingRecursiveComparison()
                            .isEqualTo(segment);
                });
    }

    private static TcpSegment any(RandomGenerator random) {
        byte[] payload = new byte[random.nextInt(100)];
        random.nextBytes(payload);
        return new TcpSegment(
                random.nextInt(65_536),
                random.nextInt(65_536),
                random.nextInt(),
                random.nextInt(),
                random.nextInt(64),
                random.nextInt(65_536),
                random.nextBoolean() ? 0 : 1 + random.nextInt(65_535),
                random.nextBoolean() ? -1 : random.nextInt(TcpSegment.WINDOW_SHIFT_MAX + 1),
                payload);
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        Property.holds(
                10_000,
                random -> {
                    byte[] any = new byte[random.nextInt(80)];
                    random.nextBytes(any);
                    try {
                        TcpSegment segment = TcpSegment.parse(packet(withChecksum(any)));
                        assertThat(segment.payload().length).isLessThanOrEqualTo(any.length - 20);
                    } catch (FrameFormatException refused) {
                        assertThat(refused).hasMessageStartingWith("tcp: ");
                    }
                });
    }
}
