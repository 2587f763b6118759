// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.Optional;
import org.sparegrid.virtualethernet.frame.ArpPacket;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.IcmpFrames;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.frame.UdpDatagram;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.wire.DhcpReply;
import org.sparegrid.virtualethernet.wire.DhcpRequest;
import org.sparegrid.virtualethernet.wire.DnsQuery;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Answers the local machine's ARP, DHCP, DNS and ping without any frame leaving this process.
final class LocalServices {
    private final Directory directory;
    private final DnsResponder dns;

    LocalServices(Directory directory) {
        this.directory = directory;
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

        /// The answer, and whether it gave the machine its address.
        record Reply(EthernetFrame frame, boolean assignsAddress) implements Outcome {}
    }

    private static final Outcome PASS = new Outcome.Pass();

    Outcome handle(EthernetFrame frame) throws FrameFormatException {
        return switch (frame.type()) {
            case EthernetFrame.ARP -> handle(ArpPacket.parse(frame));
            case EthernetFrame.IPV4 -> handle(frame, Ipv4Packet.parse(frame));
            default -> PASS;
        };
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
            owner = Optional.ofNullable(directory.byAddress(wanted)).map(Member::mac);
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
            return PASS;
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

    private Outcome dns(EthernetFrame frame, Ipv4Packet packet) throws FrameFormatException {
        UdpDatagram question = UdpDatagram.parse(packet);
        try {
            byte[] answer = dns.answer(DnsQuery.parse(question.payload()));
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
        Optional<DhcpResponder.Answer> answer =
                DhcpResponder.answer(request, directory.self, directory.map);
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
