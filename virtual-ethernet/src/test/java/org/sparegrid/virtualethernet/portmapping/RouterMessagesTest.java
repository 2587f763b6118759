// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Everything that a router, or who pretends to be one, may say.
class RouterMessagesTest {
    private static final byte[] NONCE = HexFormat.of().parseHex("0102030405060708090a0b0c");

    /// RFC 6887, figures 3 and 10: port 41777 as 203.0.113.7:50000 for 3600 s.
    private static final String PCP_ANSWER =
            "02810000"
                    + "00000e10"
                    + "00000064"
                    + "00".repeat(12)
                    + "0102030405060708090a0b0c"
                    + "11000000"
                    + "a331"
                    + "c350"
                    + "00000000000000000000ffffcb007107";

    private static final String DESCRIPTION =
            """
            <?xml version="1.0"?>
            <root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceList><device>
            <serviceList>
              <service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType>
                <controlURL>/ctl/L3F</controlURL></service>
              <service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
                <controlURL> /ctl/IPConn </controlURL></service>
            </serviceList></device></deviceList></device></root>
            """;

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static Inet4Address v4(String text) {
        return (Inet4Address) InetAddress.ofLiteral(text);
    }

    @Test
    void asksAsTheStandardSays() {
        assertThat(
                        HexFormat.of()
                                .formatHex(
                                        PcpMessage.request(
                                                v4("192.168.1.2"), NONCE, 41_777, 41_777, 3600)))
                .isEqualTo(
                        "02010000"
                                + "00000e10"
                                + "00000000000000000000ffffc0a80102"
                                + "0102030405060708090a0b0c"
                                + "11000000"
                                + "a331a331"
                                + "00000000000000000000ffff00000000");
        assertThat(HexFormat.of().formatHex(NatPmpMessage.mapRequest(41_777, 50_000, 3600)))
                .isEqualTo("00010000a331c35000000e10");
        assertThat(NatPmpMessage.addressRequest()).isEqualTo(new byte[2]);
    }

    @Test
    void readsAnswersOfPcp() throws WireFormatException {
        assertThat(PcpMessage.parse(bytes(PCP_ANSWER), NONCE, 41_777))
                .isEqualTo(
                        new PcpMessage.Answer(
                                0, 3600, new InetSocketAddress(v4("203.0.113.7"), 50_000)));
        assertThat(PcpMessage.parse(bytes("02810002" + "00".repeat(20)), NONCE, 41_777).code())
                .isEqualTo(2);
    }

    @Test
    void takesNoAnswerToAnotherRequest() {
        assertThatThrownBy(() -> PcpMessage.parse(bytes(PCP_ANSWER), new byte[12], 41_777))
                .isInstanceOf(WireFormatException.class);
        assertThatThrownBy(() -> PcpMessage.parse(bytes(PCP_ANSWER), NONCE, 41_778))
                .isInstanceOf(WireFormatException.class);
        assertThatThrownBy(() ->
                        NatPmpMessage.parseMapped(
                                bytes("0081000000000001a331c35000000e10"), 41_778))
                .isInstanceOf(WireFormatException.class);
    }

    @Test
    void readsAnswersOfNatPmp() throws WireFormatException, MappingRefusedException {
        assertThat(NatPmpMessage.parseAddress(bytes("0080000000000001cb007107")))
                .isEqualTo(v4("203.0.113.7"));
        assertThat(NatPmpMessage.parseMapped(bytes("0081000000000001a331c35000000e10"), 41_777))
                .isEqualTo(new NatPmpMessage.Mapped(50_000, 3600));
        assertThatThrownBy(() -> NatPmpMessage.parseAddress(bytes("0080000300000001")))
                .isInstanceOf(MappingRefusedException.class)
                .hasMessage("NAT-PMP: the router has no connection to the Internet");
    }

    @Test
    void mutantsAreReadOrRefused() {
        List<byte[]> answers =
                List.of(
                        bytes(PCP_ANSWER),
                        bytes("0081000000000001a331c35000000e10"),
                        DESCRIPTION.getBytes(StandardCharsets.UTF_8));
        Property.holds(
                500,
                random -> {
                    for (byte[] answer : answers) {
                        byte[] mutant = mutant(answer, random);
                        quietly(() -> PcpMessage.parse(mutant, NONCE, 41_777));
                        quietly(() -> NatPmpMessage.parseMapped(mutant, 41_777));
                        quietly(() -> NatPmpMessage.parseAddress(mutant));
                        quietly(() -> GatewayDescription.service(mutant));
                    }
                });
    }

    private interface Parse {
        Object parse() throws WireFormatException, MappingRefusedException;
    }

    private static void quietly(Parse parse) {
        try {
            assertThat(parse.parse()).isNotNull();
        } catch (WireFormatException | MappingRefusedException refused) {
            assertThat(refused).hasMessageMatching("(?s)(pcp|nat-pmp|upnp|NAT-PMP): .+");
        }
    }

    private static byte[] mutant(byte[] original, RandomGenerator random) {
        byte[] mutant =
                java.util.Arrays.copyOf(
                        original,
                        random.nextInt(4) == 0
                                ? random.nextInt(original.length + 8)
                                : original.length);
        for (int i = random.nextInt(4); i > 0 && mutant.length > 0; i--) {
            mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
        }
        return mutant;
    }

    @Test
    void findsTheServiceThatMapsPorts() throws WireFormatException {
        assertThat(GatewayDescription.service(DESCRIPTION.getBytes(StandardCharsets.UTF_8)))
                .contains(
                        new GatewayDescription.Service(
                                "urn:schemas-upnp-org:service:WANIPConnection:1", "/ctl/IPConn"));
        assertThat(GatewayDescription.service("<root/>".getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/hostname\">]><r><controlURL>&a;</controlURL></r>",
                "<!DOCTYPE r [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>",
                "<a><b></a>",
                ""
            })
    void refusesHostileDocuments(String document) {
        assertThatThrownBy(
                        () -> GatewayDescription.texts(document.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(WireFormatException.class);
    }

    @Test
    void refusesDocumentsWithoutEnd() {
        byte[] deep = "<a>".repeat(40).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> GatewayDescription.texts(deep)).hasMessageContaining("depth");
        byte[] large = new byte[GatewayDescription.LENGTH_MAX + 1];
        assertThatThrownBy(() -> GatewayDescription.texts(large)).hasMessageContaining("65536");
    }

    @Test
    void callsNobodyButTheRouter() throws IOException {
        UpnpMapper mapper = new UpnpMapper(new Router(v4("192.168.1.1"), v4("192.168.1.2")));
        URI base = URI.create("http://192.168.1.1:5000/rootDesc.xml");
        assertThat(mapper.onRouter(base, "/ctl/IPConn"))
                .isEqualTo(URI.create("http://192.168.1.1:5000/ctl/IPConn"));
        for (String elsewhere :
                List.of(
                        "http://192.168.1.3/x",
                        "https://192.168.1.1/x",
                        "file:///etc/passwd",
                        "http://router.example.org/x",
                        "http://user@192.168.1.1/x",
                        "//192.168.1.3/x",
                        "http://[x")) {
            assertThatThrownBy(() -> mapper.onRouter(base, elsewhere))
                    .as(elsewhere)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void readsTheLocationOfASearchAnswer() {
        assertThat(
                        UpnpMapper.location(
                                "HTTP/1.1 200 OK\r\nST: x\r\nlocation: http://192.168.1.1:5000/d\r\n\r\n"))
                .contains(URI.create("http://192.168.1.1:5000/d"));
        assertThat(UpnpMapper.location("NOTIFY * HTTP/1.1\r\nLOCATION: http://a/\r\n")).isEmpty();
        assertThat(UpnpMapper.location("HTTP/1.1 200 OK\r\nLOCATION: http://[\r\n")).isEmpty();
    }

    @Test
    void findsTheDefaultRouteWithTheSmallestMetric() {
        assertThat(
                        Router.gateway(
                                List.of(
                                        "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT",
                                        "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0",
                                        "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0",
                                        "eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
                                        "nonsense")))
                .isEqualTo(Optional.of(v4("192.168.1.1")));
        assertThat(Router.gateway(List.of())).isEmpty();
    }
}
