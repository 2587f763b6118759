// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.sparegrid.virtualethernet.frame.ArpPacket;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.IcmpFrames;
import org.sparegrid.virtualethernet.frame.Icmpv6Frames;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.frame.UdpDatagram;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.wire.DhcpReply;
import org.sparegrid.virtualethernet.wire.DhcpRequest;
import org.sparegrid.virtualethernet.wire.DnsQuery;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Answers the local machine's ARP, neighbour discovery, DHCP, DNS and ping without any frame
/// leaving this process.
final class LocalServices {
    private final Directory directory;
    private final Offers offers;
    private final Leases leases;
    private final DnsResponder dns;

    LocalServices(Directory directory, Offers offers, Leases leases) {
        this.directory = directory;
        this.offers = offers;
        this.leases = leases;
        this.dns = new DnsResponder(directory.map);
    }

    /// What became of a frame from the local machine.
    sealed interface Outcome {
        /// Not for us: to be forwarded.
        record Pass() implements Outcome {}

        /// For us, and there is nothing to say.
        record Silence() implements Outcome {}

        /// For us and not to be answered.
        record Refused(DropReason reason) implements Outcome {}

        /// For gateways: to be sent to them.
        ///
        /// @param asIs whether its destination address stays
        record Via(List<Member> gateways, boolean asIs) implements Outcome {}

        /// The answer, and whether it gave the machine its address.
        record Reply(EthernetFrame frame, boolean assignsAddress) implements Outcome {}
    }

    private static final Outcome PASS = new Outcome.Pass();

    Outcome handle(EthernetFrame frame) throws FrameFormatException {
        return switch (frame.type()) {
            case EthernetFrame.ARP -> handle(ArpPacket.parse(frame));
            case EthernetFrame.IPV4 -> handle(frame, Ipv4Packet.parse(frame));
            case EthernetFrame.IPV6 -> handleIpv6(frame);
            default -> PASS;
        };
    }

    /// Says where members are and how large packets may be. A question that goes to one station
    /// asks whether that station is still there, which only it can answer.
    private Outcome handleIpv6(EthernetFrame frame) {
        // Hosts of a LAN behind a gateway have their own routers.
        boolean ours = frame.source() == directory.self.mac().bits();
        if (ours && Icmpv6Frames.isRouterSolicitation(frame)) {
            return new Outcome.Reply(
                    Icmpv6Frames.routerAdvertisement(
                            frame, NetworkMap.SERVICE_MAC, directory.map.mtu()),
                    false);
        }
        OptionalLong wanted = Icmpv6Frames.solicitedNeighbour(frame);
        boolean forService = frame.destination() == NetworkMap.SERVICE_MAC.bits();
        if (wanted.isEmpty() || (!frame.isForGroup() && !forService)) {
            return PASS;
        }
        MacAddress owner = new MacAddress(wanted.getAsLong());
        if (owner.equals(directory.self.mac())) {
            return new Outcome.Silence();
        }
        boolean known =
                owner.equals(NetworkMap.SERVICE_MAC) || directory.byMac(owner.bits()) != null;
        return known
                ? new Outcome.Reply(Icmpv6Frames.neighbourAdvertisement(frame, owner), false)
                : PASS;
    }

    private Outcome handle(ArpPacket arp) {
        if (arp.operation() != ArpPacket.REQUEST) {
            return PASS;
        }
        int wanted = arp.targetAddress();
        Optional<MacAddress> owner = Optional.empty();
        if (wanted == directory.serviceAddress()) {
            owner = Optional.of(NetworkMap.SERVICE_MAC);
        } else if (wanted == Ipv4.bits(directory.self.address())) {
            return new Outcome.Silence();
        } else {
            owner =
                    Optional.ofNullable(directory.byAddress(wanted))
                            .map(Member::mac)
                            .or(() ->
                                    Optional.ofNullable(leases.holder(wanted))
                                            .map(MacAddress::new));
        }
        if (owner.isPresent()) {
            ArpPacket reply =
                    new ArpPacket(
                            ArpPacket.REPLY,
                            owner.get().bits(),
                            wanted,
                            arp.senderMac(),
                            arp.senderAddress());
            return new Outcome.Reply(reply.toFrame(new MacAddress(arp.senderMac())), false);
        }
        return directory.bridges.isEmpty()
                ? new Outcome.Refused(DropReason.UNKNOWN_DESTINATION)
                : PASS;
    }

    private Outcome handle(EthernetFrame frame, Ipv4Packet packet) throws FrameFormatException {
        if (LinkRules.isUdpTo(packet, 67)) {
            return dhcp(frame, packet);
        }
        if (packet.destination() != directory.serviceAddress()) {
            return frame.destination() == NetworkMap.SERVICE_MAC.bits()
                    ? route(frame, packet)
                    : PASS;
        }
        boolean whole = !packet.isLaterFragment() && !packet.hasMoreFragments();
        if (whole && IcmpFrames.isEcho(packet, IcmpFrames.ECHO_REQUEST)) {
            return new Outcome.Reply(
                    IcmpFrames.echoReply(frame, packet, NetworkMap.SERVICE_MAC), false);
        }
        if (whole && LinkRules.isUdpTo(packet, 53)) {
            return dns(frame, packet);
        }
        return new Outcome.Refused(DropReason.UNKNOWN_DESTINATION);
    }

    /// The service address is every machine's router, which knows one way out at most.
    private Outcome route(EthernetFrame frame, Ipv4Packet packet) {
        Optional<Member> gateway = offers.any(directory, GatewayOffer::internet);
        if (gateway.isPresent()) {
            return new Outcome.Via(List.of(gateway.get()), false);
        }
        if (packet.isLaterFragment() || !isHostAddress(packet.source())) {
            return new Outcome.Refused(DropReason.UNKNOWN_DESTINATION);
        }
        return new Outcome.Reply(
                IcmpFrames.prohibited(
                        frame, packet, NetworkMap.SERVICE_MAC, directory.serviceAddress()),
                false);
    }

    private static boolean isHostAddress(int address) {
        return address != 0 && address >>> 28 < 14;
    }

    private Outcome dns(EthernetFrame frame, Ipv4Packet packet) throws FrameFormatException {
        UdpDatagram question = UdpDatagram.parse(packet);
        try {
            DnsQuery query = DnsQuery.parse(question.payload());
            Optional<Member> gateway =
                    dns.knows(query)
                            ? Optional.empty()
                            : offers.any(directory, GatewayOffer::names);
            if (gateway.isPresent()) {
                return new Outcome.Via(List.of(gateway.get()), false);
            }
            byte[] answer = dns.answer(query);
            return new Outcome.Reply(
                    new UdpDatagram(53, question.sourcePort(), answer)
                            .toFrame(
                                    new MacAddress(frame.source()),
                                    NetworkMap.SERVICE_MAC,
                                    /* destination= */ packet.source(),
                                    /* source= */ packet.destination()),
                    false);
        } catch (WireFormatException malformed) {
            return new Outcome.Refused(DropReason.MALFORMED);
        }
    }

    private Outcome dhcp(EthernetFrame frame, Ipv4Packet packet) throws FrameFormatException {
        DhcpRequest request;
        try {
            request = DhcpRequest.parse(UdpDatagram.parse(packet).payload());
        } catch (WireFormatException malformed) {
            return new Outcome.Refused(DropReason.MALFORMED);
        }
        if (request.clientMac() != directory.self.mac().bits()
                || request.clientMac() != frame.source()) {
            return new Outcome.Refused(DropReason.ROGUE_DHCP);
        }
        List<Member> lessors = offers.all(directory, GatewayOffer::lanLeases);
        boolean ours = request.clientAddress() == Ipv4.bits(directory.self.address());
        if (!lessors.isEmpty() && !ours) {
            return new Outcome.Via(lessors, true);
        }
        Optional<DhcpResponder.Answer> answer =
                lessors.isEmpty()
                        ? DhcpResponder.answer(request, directory.self, directory.map)
                        : Optional.of(DhcpResponder.refuse(request, directory.serviceAddress()));
        if (answer.isEmpty()) {
            return new Outcome.Silence();
        }
        int type = answer.get().type();
        boolean broadcast = (request.flags() & 0x8000) != 0 || type == DhcpReply.NAK;
        EthernetFrame reply =
                new UdpDatagram(67, 68, answer.get().payload())
                        .toFrame(
                                broadcast ? MacAddress.BROADCAST : directory.self.mac(),
                                NetworkMap.SERVICE_MAC,
                                broadcast ? -1 : Ipv4.bits(directory.self.address()),
                                directory.serviceAddress());
        return new Outcome.Reply(reply, type == DhcpReply.ACK);
    }
}
