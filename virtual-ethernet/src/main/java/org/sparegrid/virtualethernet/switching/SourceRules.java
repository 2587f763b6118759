// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.Optional;
import org.sparegrid.virtualethernet.frame.ArpPacket;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;

/// Whether a frame shows only source addresses that its sender owns.
///
/// Checked where a frame leaves its machine, and again where it arrives, because the program that
/// should have checked it belongs to a seller.
final class SourceRules {
    private SourceRules() {}

    /// Why a frame of `sender` must be dropped, if it must.
    ///
    /// @param bridge whether the sender may send for machines behind it that are no members
    static Optional<DropReason> judge(
            EthernetFrame frame, Member sender, boolean bridge, Directory directory, Leases leases)
            throws FrameFormatException {
        if (!ownsMac(frame.source(), sender, bridge, directory)) {
            return Optional.of(DropReason.SPOOFED_MAC);
        }
        boolean honest =
                switch (frame.type()) {
                    case EthernetFrame.IPV4 ->
                            isHonest(Ipv4Packet.parse(frame), sender, bridge, directory, leases);
                    case EthernetFrame.ARP ->
                            isHonest(
                                    ArpPacket.parse(frame),
                                    frame,
                                    sender,
                                    bridge,
                                    directory,
                                    leases);
                    case EthernetFrame.IPV6 -> bridge || isHonestIpv6(frame, sender);
                    default -> true;
                };
        return honest ? Optional.empty() : Optional.of(DropReason.SPOOFED_ADDRESS);
    }

    private static boolean ownsMac(long mac, Member sender, boolean bridge, Directory directory) {
        if (mac == sender.mac().bits()) {
            return true;
        }
        return bridge
                && !new MacAddress(mac).isGroup()
                && mac != NetworkMap.SERVICE_MAC.bits()
                && directory.byMac(mac) == null;
    }

    private static boolean ownsAddress(
            int address, Member sender, boolean bridge, Directory directory, Leases leases) {
        if (address == Ipv4.bits(sender.address()) || leases.holds(sender.mac().bits(), address)) {
            return true;
        }
        return bridge
                && address != directory.serviceAddress()
                && directory.byAddress(address) == null
                && leases.holder(address) == null;
    }

    private static boolean isHonest(
            Ipv4Packet packet, Member sender, boolean bridge, Directory directory, Leases leases) {
        boolean asksForAddress = packet.source() == 0 && LinkRules.isUdpTo(packet, 67);
        return asksForAddress || ownsAddress(packet.source(), sender, bridge, directory, leases);
    }

    private static boolean isHonest(
            ArpPacket arp,
            EthernetFrame frame,
            Member sender,
            boolean bridge,
            Directory directory,
            Leases leases) {
        boolean sameMac =
                arp.senderMac() == frame.source()
                        || (bridge && ownsMac(arp.senderMac(), sender, true, directory));
        boolean probe = arp.senderAddress() == 0 && arp.operation() == ArpPacket.REQUEST;
        return sameMac
                && (probe || ownsAddress(arp.senderAddress(), sender, bridge, directory, leases));
    }

    /// Only the link-local address made from the MAC address, or none while it is being probed.
    private static boolean isHonestIpv6(EthernetFrame frame, Member sender) {
        byte[] in = frame.bytes();
        int source = frame.payloadOffset() + 8;
        if (frame.end() < source + 32) {
            return false;
        }
        long high = Bytes.i64(in, source);
        long low = Bytes.i64(in, source + 8);
        if (high == 0 && low == 0) {
            return Bytes.u8(in, source + 16) == 0xff;
        }
        long mac = sender.mac().bits();
        long identifier = ((mac & 0xffff_ff00_0000L) << 16) | 0xff_fe00_0000L | (mac & 0xff_ffffL);
        return high == 0xfe80_0000_0000_0000L && low == (identifier ^ 0x0200_0000_0000_0000L);
    }
}
