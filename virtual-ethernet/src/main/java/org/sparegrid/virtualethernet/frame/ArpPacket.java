// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.MacAddress;

/// ARP for IPv4 on Ethernet. Source: RFC 826.
///
/// @param operation 1 asks, 2 answers
/// @param senderMac MAC address bits of the sender
/// @param senderAddress IPv4 address bits of the sender, 0 in a probe
/// @param targetMac MAC address bits of the target
/// @param targetAddress IPv4 address bits of the target
public record ArpPacket(
        int operation, long senderMac, int senderAddress, long targetMac, int targetAddress) {
    /// Operation of a question.
    public static final int REQUEST = 1;

    /// Operation of an answer.
    public static final int REPLY = 2;

    private static final int LENGTH = 28;

    /// Reads the payload of an ARP frame, padding ignored.
    public static ArpPacket parse(EthernetFrame frame) throws FrameFormatException {
        byte[] in = frame.bytes();
        int at = frame.payloadOffset();
        if (frame.end() < at + LENGTH) {
            throw new FrameFormatException("arp: expected 28 bytes, got " + (frame.end() - at));
        }
        if (Bytes.i32(in, at) != 0x0001_0800 || Bytes.u16(in, at + 4) != 0x0604) {
            throw new FrameFormatException(
                    "arp: expected Ethernet and IPv4 at offset 0, got "
                            + Integer.toHexString(Bytes.i32(in, at)));
        }
        int operation = Bytes.u16(in, at + 6);
        if (operation != REQUEST && operation != REPLY) {
            throw new FrameFormatException(
                    "arp: expected operation 1 or 2 at offset 6, got " + operation);
        }
        return new ArpPacket(
                operation,
                MacAddress.bits(in, at + 8),
                Ipv4.bits(in, at + 14),
                MacAddress.bits(in, at + 18),
                Ipv4.bits(in, at + 24));
    }

    /// The packet in a frame from its sender.
    public EthernetFrame toFrame(MacAddress destination) {
        EthernetFrame frame =
                EthernetFrame.create(
                        destination, new MacAddress(senderMac), EthernetFrame.ARP, LENGTH);
        byte[] out = frame.bytes();
        int at = EthernetFrame.HEADER_LENGTH;
        Bytes.put32(out, at, 0x0001_0800);
        Bytes.put16(out, at + 4, 0x0604);
        Bytes.put16(out, at + 6, operation);
        new MacAddress(senderMac).write(out, at + 8);
        Bytes.put32(out, at + 14, senderAddress);
        new MacAddress(targetMac).write(out, at + 18);
        Bytes.put32(out, at + 24, targetAddress);
        return frame;
    }
}
