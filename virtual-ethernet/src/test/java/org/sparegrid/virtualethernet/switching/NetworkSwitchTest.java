// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.frame.ArpPacket;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.Checksums;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.IcmpFrames;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.frame.UdpDatagram;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.meter.TrafficCounters.Peer;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;

class NetworkSwitchTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final Member ONE = Maps.node(1, KeyPair.generate().publicKey());
    private static final Member TWO = Maps.node(2, KeyPair.generate().publicKey());
    private static final Member THREE = Maps.node(3, KeyPair.generate().publicKey());
    private static final NetworkMap MAP = Maps.map(1, ONE, TWO, THREE);
    private static final int SERVICE = Ipv4.bits(MAP.serviceAddress());

    private final Meter meter = new Meter();
    private final List<EthernetFrame> toPort = new ArrayList<>();
    private final List<String> toPeers = new ArrayList<>();
    private final List<EthernetFrame> sent = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private int assigned;
    private int pathMtu = Integer.MAX_VALUE;
    private final NetworkSwitch network = newSwitch(MAP);

    private NetworkSwitch newSwitch(NetworkMap map) {
        return newSwitch(map, GatewayOffer.NONE);
    }

    private NetworkSwitch newSwitch(NetworkMap map, GatewayOffer own) {
        NetworkSwitch made =
                new NetworkSwitch(
                        own,
                        meter,
                        new SwitchOutlet() {
                            @Override
                            public boolean toPort(SuperFrame frame) {
                                return toPort.add(copy(frame));
                            }

                            @Override
                            public void toPeer(Member peer, SuperFrame frame) {
                                toPeers.add(peer.name());
                                sent.add(copy(frame));
                            }

                            @Override
                            public int mtu(Member peer) {
                                return pathMtu;
                            }

                            @Override
                            public void nameAsked(
                                    Member peer, int address, int port, byte[] question) {
                                asked.add(peer.name());
                            }

                            @Override
                            public void addressAssigned() {
                                assigned++;
                            }

                            @Override
                            public boolean echoAnswered(int source, int label) {
                                return false;
                            }
                        });
        made.update(map, ONE.publicKey());
        return made;
    }

    private static EthernetFrame copy(SuperFrame frame) {
        return assertDoesNotThrow(() ->
                EthernetFrame.parse(
                        Arrays.copyOfRange(
                                frame.bytes(), frame.offset(), frame.offset() + frame.length())));
    }

    private static void fromPeer(NetworkSwitch to, PublicKey peer, byte[] bytes, long nowNanos) {
        byte[] inside = new byte[bytes.length + 20];
        System.arraycopy(bytes, 0, inside, 9, bytes.length);
        to.fromPeer(peer, inside, 9, bytes.length, 0, 0, nowNanos);
    }

    private static int address(Member member) {
        return Ipv4.bits(member.address());
    }

    private static EthernetFrame udp(
            MacAddress to, MacAddress from, int destination, int source, int sport, int dport) {
        return new UdpDatagram(sport, dport, new byte[32]).toFrame(to, from, destination, source);
    }

    /// A frame from the test machine to the second one.
    private static byte[] honest(int payloadLength) {
        return new UdpDatagram(1000, 2000, new byte[payloadLength])
                .toFrame(TWO.mac(), ONE.mac(), address(TWO), address(ONE))
                .bytes();
    }

    @Test
    void sendsAnHonestFrameToItsReceiverOnly() {
        network.fromPort(honest(100), 0);
        assertThat(toPeers).containsExactly("node2");
        assertThat(meter.counters().bytesIn()).isEqualTo(142);
        assertThat(meter.counters().drops()).isEmpty();
    }

    @Test
    void countsWhatPassesByPeer() {
        network.fromPort(honest(100), 0);
        network.fromPort(udp(MacAddress.BROADCAST, ONE.mac(), -1, address(ONE), 1, 2).bytes(), 0);
        byte[] theirs = udp(ONE.mac(), TWO.mac(), address(ONE), address(TWO), 1, 2).bytes();
        fromPeer(network, TWO.publicKey(), theirs, 0);
        fromPeer(network, TWO.publicKey(), new byte[20], 0);
        var peers = meter.counters().peers();
        assertThat(peers).containsOnlyKeys(TWO.publicKey(), THREE.publicKey());
        assertThat(peers.get(TWO.publicKey())).isEqualTo(new Peer(142 + 74, 74, 0, 0));
        assertThat(peers.get(THREE.publicKey())).isEqualTo(new Peer(74, 0, 0, 0));
    }

    @Test
    void sendsABroadcastToEveryPeerAndCountsItOnce() {
        network.fromPort(
                udp(MacAddress.BROADCAST, ONE.mac(), -1, address(ONE), 1000, 2000).bytes(), 0);
        assertThat(toPeers).containsExactly("node2", "node3");
        assertThat(meter.counters().framesIn()).isEqualTo(1);
    }

    /// Frames as a hostile guest, which is 02:53:47:00:00:01 and 10.77.0.1, might send them.
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "another MAC, 025347000002 025347000003 88b5 00, SPOOFED_MAC",
        "a group as source, 025347000002 035347000001 88b5 00, SPOOFED_MAC",
        "the service's MAC, 025347000002 025350475244 88b5 00, SPOOFED_MAC",
        "another IPv4 source, 025347000002 025347000001 0800"
                + " 4500001c0000000040110000 0a4d0003 0a4d0002 03e803e900080000, SPOOFED_ADDRESS",
        "the service's address, 025347000002 025347000001 0800"
                + " 4500001c0000000040110000 0a4d00fe 0a4d0002 03e803e900080000, SPOOFED_ADDRESS",
        "source 0.0.0.0 beside DHCP, 025347000002 025347000001 0800"
                + " 4500001c0000000040110000 00000000 0a4d0002 03e803e900080000, SPOOFED_ADDRESS",
        "ARP answer for another, 025347000002 025347000001 0806"
                + " 0001080006040002 025347000001 0a4d0003 025347000002 0a4d0002, SPOOFED_ADDRESS",
        "ARP with a foreign MAC inside, ffffffffffff 025347000001 0806"
                + " 0001080006040002 025347000003 0a4d0001 025347000002 0a4d0002, SPOOFED_ADDRESS",
        "gratuitous ARP for the service, ffffffffffff 025347000001 0806"
                + " 0001080006040001 025347000001 0a4d00fe 000000000000 0a4d00fe, SPOOFED_ADDRESS",
        "a DHCP answer, 025347000002 025347000001 0800"
                + " 4500001c0000000040110000 0a4d0001 0a4d0002 0043004400080000, ROGUE_DHCP",
        "a DHCP answer by broadcast, ffffffffffff 025347000001 0800"
                + " 4500001c0000000040110000 0a4d0001 ffffffff 0043004400080000, ROGUE_DHCP",
        "a VLAN tag, 025347000002 025347000001 8100 000a0800, VLAN_TAG",
        "a double VLAN tag, 025347000002 025347000001 88a8 000a81000014, VLAN_TAG",
        "PAUSE, 0180c2000001 025347000001 8808 0001ffff, LINK_CONTROL",
        "LLDP, 0180c200000e 025347000001 88cc 0207, LINK_CONTROL",
        "spanning tree, 0180c2000000 025347000001 0026 424203, LINK_CONTROL",
        "IPv6 from another, 333300000001 025347000001 86dd 6000000000083aff"
                + " fe800000000000000053 47fffe000003 ff020000000000000000000000000001"
                + " 8000000000000000, SPOOFED_ADDRESS",
        "a router advertisement, 333300000001 025347000001 86dd 6000000000083aff"
                + " fe800000000000000053 47fffe000001 ff020000000000000000000000000001"
                + " 8600000000000000, ROUTER_ADVERTISEMENT",
        "a router advertisement behind an option, 333300000001 025347000001 86dd 60000000001000ff"
                + " fe800000000000000053 47fffe000001 ff020000000000000000000000000001"
                + " 3a00010400000000 8600000000000000, ROUTER_ADVERTISEMENT",
        "a redirect in a first fragment, 333300000001 025347000001 86dd 6000000000102cff"
                + " fe800000000000000053 47fffe000001 ff020000000000000000000000000001"
                + " 3a00000100000000 8900000000000000, ROUTER_ADVERTISEMENT",
        "a DHCPv6 answer, 333300000001 025347000001 86dd 60000000000811ff"
                + " fe800000000000000053 47fffe000001 ff020000000000000000000000000001"
                + " 0223022200080000, ROGUE_DHCP",
        "a UDP header cut in two, 025347000002 025347000001 0800"
                + " 450000180000200040110000 0a4d0001 0a4d0002 00430044, MALFORMED",
        "an unknown receiver, 025347000009 025347000001 88b5 00, UNKNOWN_DESTINATION",
        "an IPv4 length beyond the frame, 025347000002 025347000001 0800"
                + " 450000ff0000000040110000 0a4d0001 0a4d0002, MALFORMED",
        "a frame without type, 025347000002, MALFORMED",
    })
    void dropsAndCounts(String what, String hex, DropReason reason) {
        network.fromPort(HEX.parseHex(hex.replace(" ", "")), 0);
        assertThat(toPeers).as(what).isEmpty();
        assertThat(toPort).isEmpty();
        assertThat(meter.counters().drops()).containsOnlyKeys(reason);
        assertThat(meter.counters().dropped(reason)).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a third member's MAC, 025347000001 025347000003 88b5 00, SPOOFED_MAC",
        "a third member's address, 025347000001 025347000002 0800"
                + " 4500001c0000000040110000 0a4d0003 0a4d0001 03e803e900080000, SPOOFED_ADDRESS",
        "ARP poison, 025347000001 025347000002 0806"
                + " 0001080006040002 025347000002 0a4d0003 025347000001 0a4d0001, SPOOFED_ADDRESS",
        "a DHCP answer, 025347000001 025347000002 0800"
                + " 4500001c0000000040110000 0a4d0002 0a4d0001 0043004400080000, ROGUE_DHCP",
        "a DHCP request, ffffffffffff 025347000002 0800"
                + " 4500001c0000000040110000 0a4d0002 ffffffff 0044004300080000, ROGUE_DHCP",
        "a router advertisement, 333300000001 025347000002 86dd 6000000000083aff"
                + " fe800000000000000053 47fffe000002 ff020000000000000000000000000001"
                + " 8600000000000000, ROUTER_ADVERTISEMENT",
        "a frame for a third, 025347000003 025347000002 88b5 00, UNKNOWN_DESTINATION",
    })
    void dropsFromAHostilePeerAndCounts(String what, String hex, DropReason reason) {
        fromPeer(network, TWO.publicKey(), HEX.parseHex(hex.replace(" ", "")), 0);
        assertThat(toPort).as(what).isEmpty();
        assertThat(toPeers).isEmpty();
        assertThat(meter.counters().drops()).containsOnlyKeys(reason);
    }

    @Test
    void passesTheLinkLocalAddressMadeFromTheMac() {
        String hex =
                "333300000001025347000001 86dd 6000000000083aff fe8000000000000000534"
                        + "7fffe000001 ff020000000000000000000000000001 8000000000000000";
        network.fromPort(HEX.parseHex(hex.replace(" ", "")), 0);
        assertThat(toPeers).containsExactly("node2", "node3");
    }

    @Test
    void limitsFloodsFromThePortAndFromEachPeer() {
        byte[] flood = udp(MacAddress.BROADCAST, ONE.mac(), -1, address(ONE), 1, 2).bytes();
        byte[] theirs = udp(MacAddress.BROADCAST, TWO.mac(), -1, address(TWO), 1, 2).bytes();
        for (int i = 0; i < 1000; i++) {
            network.fromPort(flood.clone(), 0);
            fromPeer(network, TWO.publicKey(), theirs.clone(), 0);
        }
        assertThat(sent).hasSize(400 * 2);
        assertThat(toPort).hasSize(400);
        assertThat(meter.counters().dropped(DropReason.FLOOD)).isEqualTo(1200);
        network.fromPort(flood.clone(), 1_000_000_000);
        assertThat(sent).hasSize(401 * 2);
    }

    @Test
    void answersArpForMembersAndItself() {
        for (Member asked : List.of(TWO, THREE)) {
            network.fromPort(arpFor(address(asked)), 0);
        }
        network.fromPort(arpFor(SERVICE), 0);
        network.fromPort(arpFor(address(ONE)), 0);
        network.fromPort(arpFor(Ipv4.bits(ONE.address()) + 50), 0);
        assertThat(toPort.stream().map(EthernetFrame::source))
                .containsExactly(
                        TWO.mac().bits(), THREE.mac().bits(), NetworkMap.SERVICE_MAC.bits());
        assertThat(toPeers).isEmpty();
        assertThat(meter.counters().dropped(DropReason.UNKNOWN_DESTINATION)).isEqualTo(1);
    }

    private static byte[] arpFor(int wanted) {
        return new ArpPacket(ArpPacket.REQUEST, ONE.mac().bits(), address(ONE), 0, wanted)
                .toFrame(MacAddress.BROADCAST)
                .bytes();
    }

    @Test
    void answersPingsToTheServiceAddress() throws Exception {
        EthernetFrame ping =
                IcmpFrames.echoRequest(
                        NetworkMap.SERVICE_MAC, ONE.mac(), SERVICE, address(ONE), 7, 9);
        network.fromPort(ping.bytes(), 0);
        Ipv4Packet reply = Ipv4Packet.parse(toPort.getFirst());
        assertThat(IcmpFrames.isEcho(reply, IcmpFrames.ECHO_REPLY)).isTrue();
        assertThat(IcmpFrames.echoLabel(reply)).isEqualTo(7 << 16 | 9);
        assertThat(Checksums.of(reply.bytes(), reply.payloadOffset(), reply.payloadLength()))
                .isZero();
    }

    @Test
    void tellsTheSenderOfAnOversizePacketThatMayNotBeDivided() throws Exception {
        network.fromPort(honest(1371 - 28), 0);
        assertThat(toPeers).isEmpty();
        assertThat(meter.counters().dropped(DropReason.MTU)).isEqualTo(1);
        Ipv4Packet told = Ipv4Packet.parse(toPort.getFirst());
        assertThat(Bytes.u16(told.bytes(), told.payloadOffset())).isEqualTo(0x0304);
        assertThat(Bytes.u16(told.bytes(), told.payloadOffset() + 6)).isEqualTo(1370);
        network.fromPort(honest(1370 - 28), 0);
        assertThat(toPeers).containsExactly("node2");
    }

    @Test
    void dividesAnOversizePacketThatMayBe() throws Exception {
        byte[] large = honest(4000);
        large[EthernetFrame.HEADER_LENGTH + 6] = 0;
        network.fromPort(large, 0);
        assertThat(sent).hasSize(3);
        byte[] whole = new byte[4008];
        for (EthernetFrame part : sent) {
            Ipv4Packet packet = Ipv4Packet.parse(part);
            assertThat(packet.totalLength()).isLessThanOrEqualTo(1370);
            assertThat(Checksums.of(packet.bytes(), packet.offset(), 20)).isZero();
            System.arraycopy(
                    packet.bytes(),
                    packet.payloadOffset(),
                    whole,
                    packet.fragmentOffsetBytes(),
                    packet.payloadLength());
        }
        assertThat(whole).isEqualTo(Arrays.copyOfRange(large, 34, large.length));
    }

    @Test
    void lowersTheSegmentSizeThatConnectionsAnnounceBothWays() throws Exception {
        byte[] there = syn(ONE, TWO);
        network.fromPort(there, 0);
        assertThat(mss(sent.getFirst())).isEqualTo(1330);
        fromPeer(network, TWO.publicKey(), syn(TWO, ONE), 0);
        assertThat(mss(toPort.getFirst())).isEqualTo(1330);
    }

    @Test
    void keepsToWhatThePathToAPeerCarries() throws Exception {
        pathMtu = 1186;
        network.fromPort(honest(1187 - 28), 0);
        assertThat(toPeers).isEmpty();
        Ipv4Packet told = Ipv4Packet.parse(toPort.getFirst());
        assertThat(Bytes.u16(told.bytes(), told.payloadOffset() + 6)).isEqualTo(1186);
        network.fromPort(honest(1186 - 28), 0);
        assertThat(sent).hasSize(1);
        byte[] divisible = honest(1300);
        divisible[EthernetFrame.HEADER_LENGTH + 6] = 0;
        network.fromPort(divisible, 0);
        assertThat(sent).hasSize(3);
        network.fromPort(syn(ONE, TWO), 0);
        assertThat(mss(sent.getLast())).isEqualTo(1146);
        fromPeer(network, TWO.publicKey(), syn(TWO, ONE), 0);
        assertThat(mss(toPort.getLast())).isEqualTo(1146);
    }

    private static byte[] syn(Member from, Member to) {
        EthernetFrame frame =
                EthernetFrame.create(to.mac(), from.mac(), EthernetFrame.IPV4, 20 + 24);
        byte[] out = frame.bytes();
        Ipv4Packet.writeHeader(out, 14, 24, Ipv4Packet.TCP, address(from), address(to));
        byte[] tcp = HEX.parseHex("03e80016000000010000000060020fff00000000020405b4");
        System.arraycopy(tcp, 0, out, 34, tcp.length);
        long sum = Checksums.pseudoHeader(address(from), address(to), Ipv4Packet.TCP, 24);
        Bytes.put16(out, 34 + 16, Checksums.fold(sum + Checksums.sum(out, 34, 24)));
        return out;
    }

    private static int mss(EthernetFrame frame) throws Exception {
        Ipv4Packet packet = Ipv4Packet.parse(frame);
        long sum =
                Checksums.pseudoHeader(packet.source(), packet.destination(), Ipv4Packet.TCP, 24)
                        + Checksums.sum(packet.bytes(), packet.payloadOffset(), 24);
        assertThat(Checksums.fold(sum)).as("checksum").isZero();
        return Bytes.u16(packet.bytes(), packet.payloadOffset() + 22);
    }

    @Test
    void letsABridgeSendForMachinesBehindItButForNoMember() {
        Member bridge = Maps.bridge(TWO);
        NetworkSwitch bridged = newSwitch(Maps.map(2, ONE, bridge, THREE));
        MacAddress behind = MacAddress.parse("0a:00:00:00:00:01");
        fromPeer(
                bridged, TWO.publicKey(), udp(ONE.mac(), behind, address(ONE), 1, 5, 6).bytes(), 0);
        assertThat(toPort).hasSize(1);
        bridged.fromPort(udp(behind, ONE.mac(), 1, address(ONE), 6, 5).bytes(), 0);
        assertThat(toPeers).containsExactly("node2");
        fromPeer(
                bridged,
                TWO.publicKey(),
                udp(ONE.mac(), THREE.mac(), address(ONE), address(THREE), 5, 6).bytes(),
                0);
        assertThat(meter.counters().dropped(DropReason.SPOOFED_MAC)).isEqualTo(1);
    }

    @Test
    void limitsFramesToALanOnlyWhileItHasNotHeardTheirReceiver() {
        NetworkSwitch bridged = newSwitch(Maps.map(2, ONE, Maps.bridge(TWO), THREE));
        MacAddress behind = MacAddress.parse("0a:00:00:00:00:01");
        byte[] question = udp(behind, ONE.mac(), 77, address(ONE), 6, 5).bytes();
        for (int i = 0; i < 500; i++) {
            bridged.fromPort(question.clone(), 0);
        }
        assertThat(sent).hasSize(400);
        byte[] answer = udp(ONE.mac(), behind, address(ONE), 77, 5, 6).bytes();
        fromPeer(bridged, TWO.publicKey(), answer, 0);
        for (int i = 0; i < 500; i++) {
            bridged.fromPort(question.clone(), 0);
        }
        assertThat(sent).hasSize(900);
        assertThat(meter.counters().dropped(DropReason.FLOOD)).isEqualTo(100);
    }

    @Test
    void takesAnyBytesFromBothSides() {
        byte[] template = honest(200);
        Property.holds(
                20_000,
                random -> {
                    byte[] any = new byte[random.nextInt(120)];
                    random.nextBytes(any);
                    int kept = Math.min(any.length, random.nextInt(60));
                    System.arraycopy(template, 0, any, 0, kept);
                    network.fromPort(any.clone(), 0);
                    fromPeer(network, TWO.publicKey(), any, 0);
                });
    }

    /// What a guest asks its IPv6 neighbours: for the second member, from its own address or none.
    private static byte[] solicitation(String destination, String source, String target) {
        return HEX.parseHex(
                (destination
                                + " 025347000001 86dd 6000000000203aff"
                                + source
                                + " ff0200000000000000000001ff000002"
                                + " 87000000 00000000"
                                + target
                                + " 0101025347000001")
                        .replace(" ", ""));
    }

    private static final String OWN = "fe800000000000000053 47fffe000001";
    private static final String SECOND = "fe800000000000000053 47fffe000002";

    @Test
    void tellsWhereAMemberIsByIpv6WithoutAskingAnyone() {
        network.fromPort(solicitation("3333ff000002", OWN, SECOND), 0);
        assertThat(toPeers).isEmpty();
        EthernetFrame answer = toPort.removeFirst();
        assertThat(answer.destination()).isEqualTo(ONE.mac().bits());
        assertThat(answer.source()).isEqualTo(TWO.mac().bits());
        int at = answer.payloadOffset() + 40;
        assertThat(Bytes.u8(answer.bytes(), at)).isEqualTo(136);
        assertThat(Bytes.u8(answer.bytes(), at + 4)).as("solicited, override").isEqualTo(0x60);
        assertThat(new MacAddress(MacAddress.bits(answer.bytes(), at + 26))).isEqualTo(TWO.mac());
        network.fromPort(solicitation("3333ff000002", "0".repeat(32), SECOND), 0);
        assertThat(toPort.removeFirst().destination()).isEqualTo(0x3333_0000_0001L);
        network.fromPort(solicitation("3333ff000001", "0".repeat(32), OWN), 0);
        assertThat(toPort).as("its own address is free").isEmpty();
        assertThat(meter.counters().drops()).isEmpty();
    }

    @Test
    void letsOnlyTheMemberItselfSayThatItIsStillThere() {
        network.fromPort(solicitation("025347000002", OWN, SECOND), 0);
        assertThat(toPeers).containsExactly("node2");
        assertThat(toPort).isEmpty();
    }

    @Test
    void tellsItsMachineHowLargePacketsOfIpv6MayBe() {
        String solicitation =
                "333300000002 025347000001 86dd 6000000000083aff"
                        + OWN
                        + " ff020000000000000000000000000002 8500000000000000";
        network.fromPort(HEX.parseHex(solicitation.replace(" ", "")), 0);
        assertThat(toPeers).isEmpty();
        EthernetFrame answer = toPort.removeFirst();
        int at = answer.payloadOffset() + 40;
        assertThat(Bytes.u8(answer.bytes(), at)).isEqualTo(134);
        assertThat(Bytes.u16(answer.bytes(), at + 6)).as("no router").isZero();
        assertThat(Bytes.i32(answer.bytes(), at + 20)).isEqualTo(MAP.mtu());
    }

    @Test
    void sendsAGroupOnlyToThoseWhoListen() {
        String report =
                "01005e000016 025347000003 0800 46000020 0000000001020000 0a4d0003 e0000016"
                        + " 94040000 16000000 e1010203";
        network.tick(0);
        assertThat(toPort).as("its machine is asked for its groups").hasSize(2);
        fromPeer(network, THREE.publicKey(), HEX.parseHex(report.replace(" ", "")), 1);
        byte[] toGroup =
                udp(new MacAddress(0x0100_5e01_0203L), ONE.mac(), 0xe101_0203, address(ONE), 1, 2)
                        .bytes();
        network.fromPort(toGroup.clone(), Listeners.LEARN_NANOS - 1);
        assertThat(toPeers).containsExactly("node2", "node3");
        toPeers.clear();
        network.fromPort(toGroup, Listeners.LEARN_NANOS);
        assertThat(toPeers).containsExactly("node3");
    }
}
