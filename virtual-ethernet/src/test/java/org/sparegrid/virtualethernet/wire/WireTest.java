// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;

class WireTest {
    private static final String HEAD = "4500002a00004000401100 00c6130001c6130002".replace(" ", "");

    private interface Parser {
        Object parse(byte[] bytes) throws WireFormatException;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'wireguard: expected at least 4 bytes, got 0'",
        "05000000, 'wireguard: expected type 1 to 4 at offset 0, got 5'",
        "01000001, 'expected type 1 to 4 at offset 0, got 16777217'",
        "01000000, 'initiation: expected 148 bytes, got 4'",
        "02000000, 'response: expected 92 bytes, got 4'",
        "03000000, 'cookie reply: expected 64 bytes, got 4'",
        "04000000, 'transport: expected at least 32 bytes, got 4'",
    })
    void refusesWhatIsNotWireGuard(String text, String why) {
        assertThatThrownBy(() -> WireGuardMessage.parse(hex(text)))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 46, 'expected an IPv4 header of 20 bytes at offset 0, got 70'",
        "3, 2b, 'expected the length of the packet at offset 2, got 43'",
        "6, 20, 'expected no fragment at offset 6, got 8192'",
        "7, 01, 'expected no fragment at offset 6, got 16385'",
        "9, 06, 'expected UDP at offset 9, got 6'",
        "23, b6, 'expected port 4789 at offset 22, got 4790'",
        "25, 17, 'expected the length of the datagram at offset 24, got 23'",
        "28, 00, 'expected the flag of a valid VNI at offset 28, got 0'",
    })
    void refusesWhatIsNotVxlan(int at, String value, String why) throws Exception {
        byte[] packet = hex(HEAD + "c00012b500160000" + "0800000000109200" + "010203040506");
        assertThat(Vxlan.parse(packet, 0, packet.length).vni()).isEqualTo(4242);
        packet[at] = hex(value)[0];
        assertThatThrownBy(() -> Vxlan.parse(packet, 0, packet.length))
                .isInstanceOf(WireFormatException.class)
                .hasMessage("vxlan: " + why);
    }

    @Test
    void readsTheVxlanThatItWrote() {
        Property.holds(
                500,
                random -> {
                    byte[] frame = new byte[random.nextInt(1400)];
                    random.nextBytes(frame);
                    int vni = random.nextInt(1 << 24);
                    int at = random.nextInt(20);
                    byte[] packet = new byte[at + 36 + frame.length + 9];
                    System.arraycopy(frame, 0, packet, at + 36, frame.length);
                    Vxlan.writeHeaders(packet, at, random.nextInt(), 77, vni, frame.length);
                    Vxlan read = Vxlan.parse(packet, at, packet.length - at);
                    assertThat(read.frameOffset()).isEqualTo(at + 36);
                    assertThat(read.frameLength()).isEqualTo(frame.length);
                    assertThat(read.vni()).isEqualTo(vni);
                    assertThat(read.destination()).isEqualTo(77);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "000101000000000000000000, 'expected one question at offset 4, got 0'",
        "000181000001000000000000, 'expected a query at offset 2, got an answer'",
        "0001010000010000000000, 'expected at least 12 bytes, got 11'",
        "000101000001000000000000 c00c 0001 0001, 'labels of a name at offset 12, got 192'",
        "000101000001000000000000 0361, 'labels of a name at offset 12, got 3'",
        "000101000001000000000000 0161 00 0001, 'question runs past the end'",
    })
    void refusesWhatIsNotAQuestion(String text, String why) {
        assertThatThrownBy(() -> DnsQuery.parse(hex(text)))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void doesNothingWorseThanRefuseAnyBytes() {
        List<Parser> parsers =
                List.of(
                        WireGuardMessage::parse,
                        bytes -> Vxlan.parse(bytes, 0, bytes.length),
                        DnsQuery::parse,
                        DhcpRequest::parse);
        byte[] dhcp = new byte[240];
        System.arraycopy(hex("01010600"), 0, dhcp, 0, 4);
        System.arraycopy(hex("63825363"), 0, dhcp, 236, 4);
        List<byte[]> templates =
                List.of(
                        hex("04000000"),
                        hex(HEAD + "c00012b500160000" + "0800000000109200" + "010203040506"),
                        hex("000101000001000000000000" + "016100" + "00010001"),
                        dhcp);
        Property.holds(
                20_000,
                random -> {
                    int which = random.nextInt(parsers.size());
                    byte[] template = templates.get(random.nextInt(templates.size()));
                    byte[] any = new byte[random.nextInt(400)];
                    random.nextBytes(any);
                    int kept = Math.min(any.length, template.length);
                    System.arraycopy(template, 0, any, 0, kept);
                    for (int i = random.nextInt(3); i > 0 && any.length > 0; i--) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt();
                    }
                    try {
                        parsers.get(which).parse(any);
                    } catch (WireFormatException expected) {
                        assertThat(expected.getMessage()).contains(": ");
                    }
                });
    }
}
