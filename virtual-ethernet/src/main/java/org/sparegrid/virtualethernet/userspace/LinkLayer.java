// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.sparegrid.virtualethernet.frame.ArpPacket;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

/// Puts a host's packets into frames; asks for and tells MAC addresses. For one thread.
final class LinkLayer {
    private static final MacAddress UNKNOWN = new MacAddress(0);

    private final FramePort.Sink sink;
    private final PortAddress own;
    private final Neighbours neighbours = new Neighbours();
    private int identification;

    LinkLayer(FramePort.Sink sink, PortAddress own) {
        this.sink = sink;
        this.own = own;
    }

    PortAddress own() {
        return own;
    }

    /// Whether the frame is for this host, alone or among others.
    boolean isForMe(EthernetFrame frame) {
        return frame.isForGroup() || frame.destination() == own.mac().bits();
    }

    /// Whether `address` is this host's.
    boolean isMine(int address) {
        return address == Ipv4.bits(own.address());
    }

    void receiveArp(EthernetFrame frame, long nowNanos) throws FrameFormatException {
        ArpPacket packet = ArpPacket.parse(frame);
        if (!isMine(packet.targetAddress())) {
            return;
        }
        for (byte[] waiting :
                neighbours.learn(packet.senderAddress(), packet.senderMac(), nowNanos)) {
            send(waiting, packet.senderMac());
        }
        if (packet.operation() == ArpPacket.REQUEST) {
            sink.accept(
                    ByteBuffer.wrap(
                            new ArpPacket(
                                            ArpPacket.REPLY,
                                            own.mac().bits(),
                                            packet.targetAddress(),
                                            packet.senderMac(),
                                            packet.senderAddress())
                                    .toFrame(new MacAddress(packet.senderMac()))
                                    .bytes()));
        }
    }

    /// Sends a frame that is complete.
    void send(EthernetFrame frame) {
        sink.accept(ByteBuffer.wrap(frame.bytes()));
    }

    /// Sends a segment to a machine of the subnet.
    void send(TcpSegment segment, int destination, long nowNanos) {
        EthernetFrame frame =
                EthernetFrame.create(
                        UNKNOWN,
                        own.mac(),
                        EthernetFrame.IPV4,
                        Ipv4Packet.HEADER_LENGTH + segment.lengthBytes());
        int source = Ipv4.bits(own.address());
        int at = EthernetFrame.HEADER_LENGTH;
        segment.write(frame.bytes(), at + Ipv4Packet.HEADER_LENGTH, source, destination);
        Ipv4Packet.writeHeader(
                frame.bytes(), at, segment.lengthBytes(), Ipv4Packet.TCP, source, destination);
        // This host ignores the ICMP that would tell it to send less.
        Ipv4Packet.letDivide(frame.bytes(), at, identification++ & 0xffff);
        sendPacket(frame.bytes(), destination, nowNanos);
    }

    /// Sends an IPv4 frame whose destination MAC address is not known yet.
    void sendPacket(byte[] frame, int destination, long nowNanos) {
        OptionalLong mac = neighbours.find(destination, nowNanos);
        if (mac.isPresent()) {
            send(frame, mac.getAsLong());
        } else if (neighbours.await(destination, frame, nowNanos)) {
            ask(destination);
        }
    }

    private void send(byte[] frame, long mac) {
        new MacAddress(mac).write(frame, 0);
        sink.accept(ByteBuffer.wrap(frame));
    }

    private void ask(int address) {
        send(
                new ArpPacket(
                                ArpPacket.REQUEST,
                                own.mac().bits(),
                                Ipv4.bits(own.address()),
                                UNKNOWN.bits(),
                                address)
                        .toFrame(MacAddress.BROADCAST));
    }
}
