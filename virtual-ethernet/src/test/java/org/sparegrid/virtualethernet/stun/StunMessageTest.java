// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.wire.WireFormatException;

class StunMessageTest {
    /// Source: RFC 5769, section 2.2.
    private static final String IPV4_RESPONSE =
            "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
                    + "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
                    + "80280004c07d4c96";

    /// Source: RFC 5769, section 2.3.
    private static final String IPV6_RESPONSE =
            "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
                    + "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf1"
                    + "1784c97c8292c275bfe3ed4180280004c8fb0b4c";

    private static final StunMessage.Transaction TRANSACTION =
            new StunMessage.Transaction(0xb7e7a701bc34d686L, 0xfa87dfae);

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @Test
    void readsThePublishedResponses() throws WireFormatException {
        assertThat(StunMessage.parse(bytes(IPV4_RESPONSE)))
                .isEqualTo(new StunMessage.Success(TRANSACTION, at("192.0.2.1", 32_853)));
        assertThat(StunMessage.parse(bytes(IPV6_RESPONSE)))
                .isEqualTo(
                        new StunMessage.Success(
                                TRANSACTION, at("2001:db8:1234:5678:11:2233:4455:6677", 32_853)));
    }

    @Test
    void answersAsThePublishedResponseDoes() throws WireFormatException {
        StunMessage request = StunMessage.parse(bytes("000100002112a442b7e7a701bc34d686fa87dfae"));
        byte[] answer =
                StunMessage.answer((StunMessage.Request) request, at("192.0.2.1", 32_853))
                        .toBytes();
        assertThat(HexFormat.of().formatHex(answer))
                .isEqualTo("0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643");
    }

    @Test
    void refusesAttributesThatItWouldHaveToUnderstand() throws WireFormatException {
        byte[] changeRequest = bytes("000100082112a442b7e7a701bc34d686fa87dfae0003000400000002");
        StunMessage.Request request = (StunMessage.Request) StunMessage.parse(changeRequest);
        assertThat(request.wish()).contains(new StunMessage.Wish(true, 0, 0));
        StunMessage answer = StunMessage.answer(request, at("192.0.2.1", 1));
        assertThat(answer).isEqualTo(new StunMessage.Failure(TRANSACTION, 420, List.of(3)));
        assertThat(HexFormat.of().formatHex(answer.toBytes()))
                .isEqualTo(
                        "011100102112a442b7e7a701bc34d686fa87dfae"
                                + "0009000400000414000a000200030000");
    }

    @ParameterizedTest
    @CsvSource({
        "0001, 'expected 20 bytes'",
        "000100002112a443b7e7a701bc34d686fa87dfae, 'cookie'",
        "000100042112a442b7e7a701bc34d686fa87dfae, 'expected a length of 0'",
        "000300002112a442b7e7a701bc34d686fa87dfae, 'expected a Binding message at offset 0, got 3'",
        "010100002112a442b7e7a701bc34d686fa87dfae, 'expected XOR-MAPPED-ADDRESS, got none'",
        "010100082112a442b7e7a701bc34d686fa87dfae002000040001a147, 'with 4 bytes'",
        "000100042112a442b7e7a701bc34d686fa87dfae80220009, 'whole attributes, got one of 9'",
    })
    void rejectsAndSaysWhy(String hex, String why) {
        assertThatThrownBy(() -> StunMessage.parse(bytes(hex)))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void refusesAnIpv4AddressInTheFormOfIpv6() {
        // 203.0.113.7 as family 2: plain in OTHER-ADDRESS, masked in XOR-MAPPED-ADDRESS.
        String head = "2112a442b7e7a701bc34d686fa87dfae";
        String plain = "00000000000000000000ffffcb007107";
        String masked = "2112a442b7e7a701bc3429793187aea9";
        assertThatThrownBy(() ->
                        StunMessage.parse(bytes("01010018" + head + "002000140002a147" + masked)))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining("expected IPv4 in XOR-MAPPED-ADDRESS as family 1");
        assertThatThrownBy(() ->
                        StunMessage.parse(bytes("01010018" + head + "802c00140002a147" + plain)))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining("expected IPv4 in OTHER-ADDRESS as family 1");
    }

    @Test
    void readsAnIpv6AddressThatLooksLikeIpv4WhileItIsMasked() throws WireFormatException {
        StunMessage.Transaction transaction =
                new StunMessage.Transaction(0xb7e7a701bc34d686L, 0xfa87dfae);
        InetSocketAddress seen = at("2112:a442:b7e7:a701:bc34:2979:1:2", 4_711);
        StunMessage message = new StunMessage.Success(transaction, seen);
        assertThat(HexFormat.of().formatHex(message.toBytes(), 28, 40))
                .isEqualTo("00000000000000000000ffff");
        assertThat(StunMessage.parse(message.toBytes())).isEqualTo(message);
    }

    @Test
    void readsWishesThatItWrote() {
        Property.holds(
                500,
                random -> {
                    StunMessage message =
                            new StunMessage.Request(
                                    StunMessage.Transaction.draw(random),
                                    Optional.of(
                                            new StunMessage.Wish(
                                                    random.nextBoolean(),
                                                    random.nextInt(65_536),
                                                    4 * random.nextInt(2_000))),
                                    List.of());
                    assertThat(StunMessage.parse(message.toBytes())).isEqualTo(message);
                });
    }

    @Test
    void readsWhatItWrote() {
        Property.holds(
                1_000,
                random -> {
                    byte[] address = new byte[random.nextBoolean() ? 4 : 16];
                    random.nextBytes(address);
                    address[0] = 32;
                    StunMessage message =
                            new StunMessage.Success(
                                    StunMessage.Transaction.draw(random),
                                    new InetSocketAddress(
                                            InetAddress.getByAddress(address),
                                            random.nextInt(65_536)),
                                    random.nextBoolean()
                                            ? Optional.empty()
                                            : Optional.of(at("0.0.0.0", 7_444)));
                    assertThat(StunMessage.parse(message.toBytes())).isEqualTo(message);
                });
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        Property.holds(
                10_000,
                random -> {
                    byte[] any = bytes(random.nextBoolean() ? IPV4_RESPONSE : IPV6_RESPONSE);
                    for (int i = 0; i < 4; i++) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt();
                    }
                    try {
                        StunMessage.parse(any);
                    } catch (WireFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("stun: ");
                    }
                });
    }
}
