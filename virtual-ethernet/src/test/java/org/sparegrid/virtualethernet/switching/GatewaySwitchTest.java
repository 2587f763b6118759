// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.frame.UdpDatagram;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.network.BridgeState;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.wire.DhcpLease;
import org.sparegrid.virtualethernet.wire.DhcpReply;
import org.sparegrid.virtualethernet.wire.DhcpRequest;
import org.sparegrid.virtualethernet.wire.WireFormatException;

class GatewaySwitchTest {
    private static final long SECOND = 1_000_000_000L;
    private static final GatewayOffer BRIDGE = new GatewayOffer(true, false, false, false);
    private static final GatewayOffer LEASES = new GatewayOffer(true, true, false, false);
    private static final GatewayOffer NAT = new GatewayOffer(false, false, true, false);
    private static final Member GATEWAY = Maps.bridge(Maps.node(1, KeyPair.generate().publicKey()));
    private static final Member VM = Maps.node(2, KeyPair.generate().publicKey());
    private static final Member OTHER = Maps.node(3, KeyPair.generate().publicKey());
    private static final NetworkMap MAP = Maps.map(1, GATEWAY, VM, OTHER);
    private static final int SERVICE = Ipv4.bits(MAP.serviceAddress());
    private static final MacAddress LAN_MAC = MacAddress.parse("00:11:22:33:44:55");
    private static final int LAN_SERVER = 0xc0a8_3201;
    private static final int LEASED = 0xc0a8_3264;

    /// A switch and all that it gives away.
    private static final class Rig implements SwitchOutlet {
        final Meter meter = new Meter();
        final List<byte[]> port = new ArrayList<>();
        final List<byte[]> tunnel = new ArrayList<>();
        final List<String> receivers = new ArrayList<>();
        final List<String> asked = new ArrayList<>();
        final NetworkSwitch network;
        int assigned;

        Rig(Member self, GatewayOffer own) {
            network = new NetworkSwitch(own, meter, this);
            network.update(MAP, self.publicKey());
        }

        @Override
        public boolean toPort(SuperFrame frame) {
            return port.add(bytes(frame));
        }

        @Override
        public void toPeer(Member peer, SuperFrame frame) {
            receivers.add(peer.name());
            tunnel.add(bytes(frame));
        }

        @Override
        public int mtu(Member peer) {
            return Integer.MAX_VALUE;
        }

        @Override
        public void nameAsked(Member peer, int address, int port, byte[] question) {
            asked.add(peer.name() + " " + port);
        }

        @Override
        public void addressAssigned() {
            assigned++;
        }

        @Override
        public boolean echoAnswered(int source, int label) {
            return false;
        }

        void fromPeer(Member peer, byte[] frame, long nowNanos) {
            network.fromPeer(peer.publicKey(), frame.clone(), 0, frame.length, 0, 0, nowNanos);
        }

        long drops(DropReason reason) {
            return meter.counters().drops().getOrDefault(reason, 0L);
        }

        private static byte[] bytes(SuperFrame frame) {
            return Arrays.copyOfRange(
                    frame.bytes(), frame.offset(), frame.offset() + frame.length());
        }
    }

    /// A gateway's switch that passes frames by now.
    private static Rig gateway(GatewayOffer own) {
        Rig rig = new Rig(GATEWAY, own);
        rig.network.tick(0);
        rig.port.clear();
        return rig;
    }

    /// A machine's switch whose gateway has said what it does.
    private static Rig machine(GatewayOffer offer) {
        Rig rig = new Rig(VM, GatewayOffer.NONE);
        rig.network.offered(GATEWAY.publicKey(), offer, 0);
        return rig;
    }

    private static byte[] udp(
            MacAddress to, MacAddress from, int destination, int source, int sport, int dport) {
        return udp(to, from, destination, source, sport, dport, new byte[40]);
    }

    private static byte[] udp(
            MacAddress to,
            MacAddress from,
            int destination,
            int source,
            int sport,
            int dport,
            byte[] payload) {
        return new UdpDatagram(sport, dport, payload)
                .toFrame(to, from, destination, source)
                .bytes();
    }

    private static DhcpRequest request(Member client, int type, int address) {
        return new DhcpRequest(7, 0, address, client.mac().bits(), type, 0, 0);
    }

    private static byte[] question(Member client, int type, int address) {
        byte[] payload = new byte[300];
        payload[0] = 1;
        payload[1] = 1;
        payload[2] = 6;
        Bytes.put32(payload, 12, address);
        client.mac().write(payload, 28);
        Bytes.put32(payload, 236, 0x6382_5363);
        payload[240] = 53;
        payload[241] = 1;
        payload[242] = (byte) type;
        payload[243] = (byte) 255;
        return udp(MacAddress.BROADCAST, client.mac(), -1, address, 68, 67, payload);
    }

    private static byte[] ack(Member client, int address) {
        DhcpReply reply =
                new DhcpReply(
                        request(client, DhcpRequest.REQUEST, 0),
                        DhcpReply.ACK,
                        address,
                        LAN_SERVER);
        byte[] payload = reply.option(51, 600).toBytes();
        return udp(client.mac(), LAN_MAC, address, LAN_SERVER, 67, 68, payload);
    }

    @Test
    void listensBeforeItPassesAnything() {
        Rig rig = new Rig(GATEWAY, BRIDGE);
        byte[] fromLan = udp(VM.mac(), LAN_MAC, Ipv4.bits(VM.address()), LAN_SERVER, 1, 2);
        byte[] toLan = udp(LAN_MAC, VM.mac(), LAN_SERVER, Ipv4.bits(VM.address()), 1, 2);
        rig.network.fromPort(fromLan.clone(), 0);
        rig.network.tick(0);
        assertThat(rig.port).hasSize(1);
        rig.fromPeer(VM, toLan, SECOND);
        assertThat(rig.drops(DropReason.BRIDGE_CLOSED)).isEqualTo(2);
        assertThat(rig.network.bridgeState(2 * SECOND)).isEqualTo(BridgeState.LISTENING);
        assertThat(rig.network.bridgeState(3 * SECOND)).isEqualTo(BridgeState.FORWARDING);
        rig.network.fromPort(fromLan, 3 * SECOND);
        rig.fromPeer(VM, toLan, 3 * SECOND);
        assertThat(rig.receivers).containsExactly("node2");
        assertThat(rig.port).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stopsWhileItsOwnHelloComesBack(boolean throughTunnel) {
        Rig rig = new Rig(GATEWAY, BRIDGE);
        rig.network.tick(0);
        byte[] hello = rig.port.getFirst();
        if (throughTunnel) {
            Member second = Maps.bridge(OTHER);
            rig.network.update(Maps.map(2, GATEWAY, VM, second), GATEWAY.publicKey());
            rig.fromPeer(second, hello, 4 * SECOND);
        } else {
            rig.network.fromPort(hello.clone(), 4 * SECOND);
        }
        assertThat(rig.network.bridgeState(33 * SECOND)).isEqualTo(BridgeState.LOOP);
        rig.network.fromPort(udp(MacAddress.BROADCAST, LAN_MAC, -1, LAN_SERVER, 1, 2), 33 * SECOND);
        assertThat(rig.drops(DropReason.BRIDGE_CLOSED)).isEqualTo(1);
        assertThat(rig.network.bridgeState(35 * SECOND)).isEqualTo(BridgeState.FORWARDING);
    }

    @Test
    void aMachineCannotCloseABridgeWithHellos() {
        Rig rig = gateway(BRIDGE);
        Rig again = new Rig(GATEWAY, BRIDGE);
        again.network.tick(0);
        rig.fromPeer(VM, again.port.getFirst(), 5 * SECOND);
        assertThat(rig.network.bridgeState(5 * SECOND)).isEqualTo(BridgeState.FORWARDING);
        assertThat(rig.port).isEmpty();
    }

    @Test
    void ofTwoGatewaysOnOneLanOneStandsByAndTakesOver() throws Exception {
        BridgeGuard low = new BridgeGuard(KeyPair.generate().publicKey());
        BridgeGuard high = new BridgeGuard(KeyPair.generate().publicKey());
        EthernetFrame ofLow = low.tick(9, LAN_MAC, 0).orElseThrow();
        EthernetFrame ofHigh = high.tick(9, LAN_MAC, 0).orElseThrow();
        low.heard(ofHigh, 9, false, SECOND);
        high.heard(ofLow, 9, false, SECOND);
        assertThat(List.of(low.state(4 * SECOND), high.state(4 * SECOND)))
                .containsExactlyInAnyOrder(BridgeState.FORWARDING, BridgeState.STANDBY);
        assertThat(List.of(low.state(9 * SECOND), high.state(9 * SECOND)))
                .containsOnly(BridgeState.FORWARDING);
        low.heard(ofHigh, 10, false, 9 * SECOND);
        high.heard(ofLow, 10, false, 9 * SECOND);
        assertThat(List.of(low.state(9 * SECOND), high.state(9 * SECOND)))
                .containsOnly(BridgeState.FORWARDING);
    }

    @Test
    void keepsDhcpApartUnlessTheLanLends() {
        Rig rig = gateway(BRIDGE);
        rig.network.fromPort(ack(VM, LEASED), 5 * SECOND);
        rig.fromPeer(VM, question(VM, DhcpRequest.DISCOVER, 0), 5 * SECOND);
        rig.network.fromPort(question(Maps.node(9, VM.publicKey()), 1, 0), 5 * SECOND);
        assertThat(rig.drops(DropReason.ROGUE_DHCP)).isEqualTo(3);
        assertThat(rig.receivers).isEmpty();
        Rig machine = machine(BRIDGE);
        machine.network.fromPort(question(VM, DhcpRequest.DISCOVER, 0), 0);
        assertThat(machine.port).hasSize(1);
        machine.fromPeer(GATEWAY, ack(VM, LEASED), 0);
        assertThat(machine.drops(DropReason.ROGUE_DHCP)).isEqualTo(1);
    }

    @Test
    void aMachineTakesALeaseOfTheLanAndAllKnowIt() {
        Rig machine = machine(LEASES);
        machine.network.fromPort(question(VM, DhcpRequest.DISCOVER, 0), 0);
        assertThat(machine.receivers).containsExactly("node1");
        Rig gateway = gateway(LEASES);
        gateway.fromPeer(VM, machine.tunnel.getFirst(), 5 * SECOND);
        assertThat(gateway.port).hasSize(1);
        gateway.network.fromPort(ack(VM, LEASED), 5 * SECOND);
        assertThat(gateway.receivers).containsExactly("node2", "node3");
        byte[] told = gateway.tunnel.getFirst();
        machine.fromPeer(GATEWAY, told, 0);
        assertThat(machine.port).hasSize(1);
        assertThat(machine.assigned).isEqualTo(1);

        byte[] packet = udp(LAN_MAC, VM.mac(), LAN_SERVER, LEASED, 1, 2);
        machine.network.fromPort(packet.clone(), 0);
        gateway.fromPeer(VM, packet, 6 * SECOND);
        assertThat(gateway.port).hasSize(2);
        gateway.network.tick(700 * SECOND);
        gateway.fromPeer(VM, packet, 700 * SECOND);
        assertThat(gateway.drops(DropReason.SPOOFED_ADDRESS)).isEqualTo(1);
    }

    private static final byte[] TO_OTHER =
            udp(OTHER.mac(), VM.mac(), Ipv4.bits(OTHER.address()), LEASED, 1, 2);

    @Test
    void othersKnowALeaseThatTheLanToldItsClientOnly() {
        Rig gateway = gateway(LEASES);
        gateway.network.fromPort(ack(VM, LEASED), 5 * SECOND);
        Rig other = new Rig(OTHER, GatewayOffer.NONE);
        other.network.offered(GATEWAY.publicKey(), LEASES, 0);
        other.fromPeer(VM, TO_OTHER, 0);
        assertThat(other.drops(DropReason.SPOOFED_ADDRESS)).isEqualTo(1);
        other.fromPeer(GATEWAY, gateway.tunnel.getFirst(), 0);
        assertThat(other.port).isEmpty();
        other.fromPeer(VM, TO_OTHER, SECOND);
        assertThat(other.port).hasSize(1);
    }

    @Test
    void whoComesLaterIsToldOfLeasesForAsLongAsTheyHold() {
        Rig gateway = gateway(LEASES);
        gateway.network.fromPort(ack(VM, LEASED), 5 * SECOND);
        gateway.receivers.clear();
        gateway.tunnel.clear();
        gateway.network.offered(OTHER.publicKey(), GatewayOffer.NONE, 405 * SECOND);
        gateway.network.tick(405 * SECOND);
        assertThat(gateway.receivers).isEmpty();
        gateway.network.tick(406 * SECOND);
        gateway.network.tick(407 * SECOND);
        assertThat(gateway.receivers).containsExactly("node3");
        Rig other = new Rig(OTHER, GatewayOffer.NONE);
        other.network.offered(GATEWAY.publicKey(), LEASES, 0);
        other.fromPeer(GATEWAY, gateway.tunnel.getFirst(), 0);
        other.fromPeer(VM, TO_OTHER, SECOND);
        assertThat(other.port).hasSize(1);
        other.network.tick(200 * SECOND);
        other.fromPeer(VM, TO_OTHER, 200 * SECOND);
        assertThat(other.drops(DropReason.SPOOFED_ADDRESS)).isEqualTo(1);
    }

    @Test
    void aGatewayGoesOnWithTheLeasesOfTheOneBefore() {
        Rig before = gateway(LEASES);
        before.network.fromPort(ack(VM, LEASED), 5 * SECOND);
        Rig gateway = gateway(LEASES);
        gateway.network.restore(before.network.leases(105 * SECOND), 5 * SECOND);
        byte[] toLan = udp(LAN_MAC, VM.mac(), LAN_SERVER, LEASED, 1, 2);
        gateway.fromPeer(VM, toLan, 5 * SECOND);
        assertThat(gateway.port).hasSize(1);
        gateway.network.tick(506 * SECOND);
        gateway.fromPeer(VM, toLan, 506 * SECOND);
        assertThat(gateway.drops(DropReason.SPOOFED_ADDRESS)).isEqualTo(1);

        Duration hour = Duration.ofHours(1);
        gateway.network.restore(
                List.of(
                        new LanLease(VM.mac(), OTHER.address(), hour),
                        new LanLease(GATEWAY.mac(), Ipv4.address(LEASED), hour),
                        new LanLease(LAN_MAC, Ipv4.address(LEASED), hour)),
                507 * SECOND);
        assertThat(gateway.network.leases(507 * SECOND)).isEmpty();
    }

    @Test
    void nobodyTakesAnAddressOfTheLanWithoutALease() {
        Rig gateway = gateway(LEASES);
        gateway.fromPeer(VM, udp(LAN_MAC, VM.mac(), 1, LAN_SERVER, 1, 2), 5 * SECOND);
        gateway.fromPeer(OTHER, question(VM, DhcpRequest.DISCOVER, 0), 5 * SECOND);
        gateway.network.fromPort(ack(VM, Ipv4.bits(OTHER.address())), 5 * SECOND);
        gateway.fromPeer(
                VM, udp(LAN_MAC, VM.mac(), 1, Ipv4.bits(OTHER.address()), 1, 2), 5 * SECOND);
        assertThat(gateway.port).isEmpty();
        assertThat(gateway.drops(DropReason.SPOOFED_ADDRESS)).isEqualTo(2);
        Rig machine = machine(LEASES);
        machine.fromPeer(OTHER, ack(VM, LEASED), 0);
        assertThat(machine.port).isEmpty();
    }

    @Test
    void refusesToRenewItsOwnLeaseOnceTheLanLends() throws Exception {
        Rig machine = machine(LEASES);
        machine.network.fromPort(question(VM, DhcpRequest.REQUEST, Ipv4.bits(VM.address())), 0);
        assertThat(DhcpLease.parse(payload(machine.port.getFirst())).type())
                .isEqualTo(DhcpReply.NAK);
    }

    private static byte[] payload(byte[] frame) throws FrameFormatException {
        return Arrays.copyOfRange(frame, 42, frame.length);
    }

    @Test
    void sendsToTheInternetOnlyIfAGatewayTakesIt() {
        byte[] out = udp(NetworkMap.SERVICE_MAC, VM.mac(), 0xc633_6407, vm(), 1, 2);
        Rig without = machine(BRIDGE);
        without.network.fromPort(out.clone(), 0);
        assertThat(without.receivers).isEmpty();
        assertThat(without.port.getFirst()[34]).isEqualTo((byte) 3);
        assertThat(without.port.getFirst()[35]).isEqualTo((byte) 13);
        Rig with = machine(NAT);
        with.network.fromPort(out.clone(), 0);
        assertThat(with.receivers).containsExactly("node1");
        byte[] sent = with.tunnel.getFirst();
        Rig gateway = gateway(NAT);
        gateway.fromPeer(VM, sent, 0);
        assertThat(gateway.port).hasSize(1);
        Rig plain = gateway(GatewayOffer.NONE);
        plain.fromPeer(VM, sent, 0);
        assertThat(plain.port).isEmpty();
        with.network.tick(301 * SECOND);
        with.network.fromPort(out, 301 * SECOND);
        assertThat(with.receivers).hasSize(1);
    }

    @Test
    void asksTheGatewayForNamesItDoesNotKnow() throws Exception {
        byte[] query = {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'x', 0, 0, 1, 0, 1};
        Rig machine = machine(BRIDGE);
        machine.network.fromPort(
                udp(NetworkMap.SERVICE_MAC, VM.mac(), SERVICE, vm(), 999, 53, query), 0);
        assertThat(machine.receivers).containsExactly("node1");
        Rig gateway = gateway(BRIDGE);
        gateway.fromPeer(VM, machine.tunnel.getFirst(), 5 * SECOND);
        assertThat(gateway.asked).containsExactly("node2 999");
        gateway.network.answerName(VM.publicKey(), vm(), 999, query);
        byte[] answer = gateway.tunnel.getFirst();
        machine.fromPeer(GATEWAY, answer, 0);
        assertThat(machine.port).hasSize(1);
        assertThat(payload(machine.port.getFirst())).isEqualTo(query);
        GATEWAY.mac().write(answer, 6);
        machine.fromPeer(OTHER, answer, 0);
        assertThat(machine.port).hasSize(1);
    }

    private static int vm() {
        return Ipv4.bits(VM.address());
    }

    @Test
    void tellsTheSenderOfAnIpv6PacketThatIsTooLarge() {
        byte[] large = new byte[1500];
        OTHER.mac().write(large, 0);
        VM.mac().write(large, 6);
        Bytes.put16(large, 12, 0x86dd);
        large[14] = 0x60;
        Bytes.put16(large, 18, 1446);
        large[20] = 59;
        Bytes.put32(large, 22, 0xfe80_0000);
        Bytes.put32(large, 30, 0x0053_47ff);
        Bytes.put32(large, 34, 0xfe00_0002);
        new Rig(VM, GatewayOffer.NONE).network.fromPort(large.clone(), 0);
        Rig rig = new Rig(VM, GatewayOffer.NONE);
        rig.network.fromPort(large, 0);
        assertThat(rig.drops(DropReason.MTU)).isEqualTo(1);
        byte[] reply = rig.port.getFirst();
        assertThat(reply).hasSize(14 + 1280);
        assertThat(reply[54]).isEqualTo((byte) 2);
        assertThat(Bytes.i32(reply, 58)).isEqualTo(NetworkMap.DEFAULT_MTU);
    }

    @Test
    void readsLeasesAndRefusesAllElse() {
        Property.holds(
                5_000,
                random -> {
                    byte[] any = payloadOf(random);
                    try {
                        assertThat(DhcpLease.parse(any).seconds()).isNotNegative();
                    } catch (WireFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("dhcp: ");
                    }
                });
    }

    private static byte[] payloadOf(java.util.random.RandomGenerator random) {
        byte[] any = new byte[random.nextInt(400)];
        random.nextBytes(any);
        if (any.length >= 240) {
            any[0] = 2;
            any[1] = 1;
            any[2] = 6;
            Bytes.put32(any, 236, 0x6382_5363);
        }
        return any;
    }
}
