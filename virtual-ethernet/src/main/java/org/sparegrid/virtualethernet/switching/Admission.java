// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.frame.UdpDatagram;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.BridgeState;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.DhcpRequest;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Which frames a switch passes on: those of the local machine, and those of its peers.
final class Admission {
    private final GatewayOffer own;
    private final Offers offers;
    private final Leases leases;
    private final Map<PublicKey, TokenBucket> peerFlood = new HashMap<>();
    private @Nullable BridgeGuard guard;

    Admission(GatewayOffer own, Offers offers, Leases leases) {
        this.own = own;
        this.offers = offers;
        this.leases = leases;
    }

    void update(@Nullable Directory directory) {
        peerFlood.keySet().removeIf(key -> directory == null || directory.byKey(key) == null);
        if (own.bridge() && guard == null && directory != null) {
            guard = new BridgeGuard(directory.self.publicKey());
        }
    }

    BridgeState bridgeState(long nowNanos) {
        return guard == null ? BridgeState.NONE : guard.state(nowNanos);
    }

    /// What a gateway says on its LAN, if it is one and it is time.
    Optional<EthernetFrame> hello(Directory known, long nowNanos) {
        return guard == null
                ? Optional.empty()
                : guard.tick(known.map.vni(), known.self.mac(), nowNanos);
    }

    /// Why the local machine may not send a frame, if it may not.
    Optional<DropReason> sendingFault(EthernetFrame frame, Directory known, long nowNanos)
            throws FrameFormatException {
        boolean bridge = own.bridge() && known.self.bridge();
        if (BridgeGuard.isHello(frame)) {
            if (bridge && guard != null) {
                guard.heard(frame, known.map.vni(), false, nowNanos);
            }
            return Optional.of(DropReason.LINK_CONTROL);
        }
        Optional<DropReason> fault =
                bridge && own.lanLeases() && LinkRules.isDhcpAnswer(frame)
                        ? Optional.empty()
                        : LinkRules.judge(frame);
        if (fault.isEmpty()) {
            boolean router = own.internet() && known.self.bridge();
            fault = SourceRules.judge(frame, known.self, bridge || router, known, leases);
        }
        if (fault.isEmpty() && bridge && !isOpen(nowNanos) && !isOfSelf(frame, known)) {
            return Optional.of(DropReason.BRIDGE_CLOSED);
        }
        return fault;
    }

    /// Why a peer may not send a frame, if it may not.
    Optional<DropReason> receivingFault(
            EthernetFrame frame, Member sender, Directory known, long nowNanos)
            throws FrameFormatException {
        if (BridgeGuard.isHello(frame)) {
            if (guard != null && sender.bridge()) {
                guard.heard(frame, known.map.vni(), true, nowNanos);
            }
            return Optional.of(DropReason.LINK_CONTROL);
        }
        GatewayOffer offer = offers.of(sender);
        if (offer.names() && LinkRules.isDnsAnswer(frame, known.serviceAddress())) {
            return frame.source() == sender.mac().bits()
                    ? arrivalFault(frame, sender, known, nowNanos)
                    : Optional.of(DropReason.SPOOFED_MAC);
        }
        boolean lease = offer.lanLeases() && LinkRules.isDhcpAnswer(frame);
        Optional<DropReason> fault = lease ? Optional.empty() : LinkRules.judge(frame);
        if (fault.isEmpty()) {
            fault = SourceRules.judge(frame, sender, sender.bridge(), known, leases);
        }
        if (fault.isPresent() || (lease && !isTooLong(frame, known))) {
            // A lease is everybody's business, whoever the LAN's server has sent it to.
            return fault;
        }
        return arrivalFault(frame, sender, known, nowNanos);
    }

    private static boolean isTooLong(EthernetFrame frame, Directory known) {
        return frame.length() > EthernetFrame.HEADER_LENGTH + known.map.mtu();
    }

    private boolean isOpen(long nowNanos) {
        return guard != null && guard.isOpen(nowNanos);
    }

    /// Whether a frame is a packet of the local machine's own address to one member, which makes no
    /// loop.
    private static boolean isOfSelf(EthernetFrame frame, Directory known)
            throws FrameFormatException {
        return !frame.isForGroup()
                && frame.type() == EthernetFrame.IPV4
                && Ipv4Packet.parse(frame).source() == Ipv4.bits(known.self.address());
    }

    private Optional<DropReason> arrivalFault(
            EthernetFrame frame, Member sender, Directory known, long nowNanos)
            throws FrameFormatException {
        if (isTooLong(frame, known)) {
            return Optional.of(DropReason.MTU);
        }
        if (frame.type() == EthernetFrame.IPV4) {
            Ipv4Packet packet = Ipv4Packet.parse(frame);
            if (LinkRules.isUdpTo(packet, 67) && !mayAskLan(packet, sender)) {
                return Optional.of(DropReason.ROGUE_DHCP);
            }
        }
        if (isForAnother(frame, known)) {
            return Optional.of(DropReason.UNKNOWN_DESTINATION);
        }
        if (frame.isForGroup()) {
            TokenBucket bucket =
                    peerFlood.computeIfAbsent(
                            sender.publicKey(),
                            _ ->
                                    new TokenBucket(
                                            NetworkSwitch.FLOODED_PER_SECOND,
                                            NetworkSwitch.FLOODED_BURST));
            if (!bucket.take(nowNanos)) {
                return Optional.of(DropReason.FLOOD);
            }
        }
        boolean forLan = frame.destination() != known.self.mac().bits();
        if (own.bridge() && forLan && !isOpen(nowNanos)) {
            return Optional.of(DropReason.BRIDGE_CLOSED);
        }
        if (frame.isForGroup()) {
            return Optional.empty();
        }
        boolean forUs = frame.destination() == known.self.mac().bits();
        boolean forSomeoneBehindUs =
                own.bridge() && known.self.bridge() && known.byMac(frame.destination()) == null;
        return forUs || forSomeoneBehindUs
                ? Optional.empty()
                : Optional.of(DropReason.UNKNOWN_DESTINATION);
    }

    /// Whether a packet to the owner's computer is for another address than its own there. What
    /// that computer would do with it depends on how it is set up, and it is set up for others.
    private boolean isForAnother(EthernetFrame frame, Directory known) throws FrameFormatException {
        boolean host = known.self.bridge() && !own.bridge() && !own.internet();
        if (!host || frame.isForGroup() || frame.type() != EthernetFrame.IPV4) {
            return false;
        }
        return Ipv4Packet.parse(frame).destination() != Ipv4.bits(known.self.address());
    }

    /// Whether a machine may ask a DHCP server behind us: for itself only.
    private boolean mayAskLan(Ipv4Packet packet, Member sender) throws FrameFormatException {
        if (!own.lanLeases()) {
            return false;
        }
        try {
            return DhcpRequest.parse(UdpDatagram.parse(packet).payload()).clientMac()
                    == sender.mac().bits();
        } catch (WireFormatException malformed) {
            return false;
        }
    }
}
