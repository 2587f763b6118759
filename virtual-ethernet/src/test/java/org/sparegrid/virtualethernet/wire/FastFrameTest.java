// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.network.GatewayOffer;

class FastFrameTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void looksAsThePageSays() throws Exception {
        byte[] out = new byte[21];
        FastFrame.writeHeader(out, 1, 0x0a0b0c0d, 0x0102030405060708L);
        FastFrame.writeHint(out, 17, 34, 16);
        assertThat(HEX.formatHex(out)).isEqualTo("00050000000d0c0b0a080706050403020101100022");
        assertThat(FastFrame.checksumStart(out, 17, 4)).isEqualTo(34);
        assertThat(FastFrame.checksumField(out, 17)).isEqualTo(16);
        assertThat(TransportData.receiverIndex(out, 1)).isEqualTo(0x0a0b0c0d);
        assertThat(TransportData.counter(out, 1)).isEqualTo(0x0102030405060708L);
        assertThat(TransportData.isFastFrame(out, 1)).isTrue();
        assertThat(TransportData.isData(out, 1, 20)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"00000001", "01000000", "02100022", "ff100022", "00100000"})
    void refusesHintsThatMeanNothing(String hint) {
        assertThatThrownBy(() -> FastFrame.checksumStart(HEX.parseHex(hint), 0, 4))
                .isInstanceOf(WireFormatException.class)
                .hasMessageStartingWith("fast frame: expected hint 0 or 1 at offset 0, got ");
    }

    @Test
    void announcementsAreReadAsWritten() {
        for (int i = 0; i < 32; i++) {
            Announcement said = new Announcement((i & 1) != 0, (i & 2) != 0, GatewayOffer.of(i));
            byte[] bytes = said.toBytes();
            assertThat(bytes).hasSize(16).startsWith(0xf0, 'S', 'G', 1);
            assertThat(Announcement.read(bytes, 0, 16)).contains(said);
            assertThat(Announcement.read(bytes, 0, 15)).isEmpty();
        }
    }

    @Test
    void noIpPacketIsTakenForAnAnnouncement() {
        Property.holds(
                2_000,
                random -> {
                    byte[] packet = new byte[16];
                    random.nextBytes(packet);
                    packet[0] = (byte) ((random.nextBoolean() ? 0x40 : 0x60) | random.nextInt(16));
                    assertThat(Announcement.read(packet, 0, packet.length)).isEmpty();
                });
    }
}
