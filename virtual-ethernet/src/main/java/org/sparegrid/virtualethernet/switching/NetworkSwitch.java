// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.GroupMessages;
import org.sparegrid.virtualethernet.frame.IcmpFrames;
import org.sparegrid.virtualethernet.frame.Icmpv6Frames;
import org.sparegrid.virtualethernet.frame.Ipv4Fragments;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.frame.TcpMss;
import org.sparegrid.virtualethernet.frame.UdpDatagram;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.network.BridgeState;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.DhcpLease;
import org.sparegrid.virtualethernet.wire.DhcpReply;

/// The Ethernet switch of one attachment: one local port and a tunnel to every other member.
///
/// A frame from a tunnel goes only to the port, so that a full mesh cannot loop. Every frame that
/// goes nowhere is counted. Not for two threads at once.
public final class NetworkSwitch {
    /// Broadcast, multicast and unknown destinations per second and sender, each of which costs a
    /// packet to every member.
    static final int FLOODED_PER_SECOND = 200;

    /// Such frames at once, for a machine that has just booted.
    static final int FLOODED_BURST = 400;

    /// Addresses learned behind bridges; more would only help an attacker fill memory.
    static final int LEARNED_MAX = 4096;

    /// What every path of IPv6 carries.
    private static final int MTU_IPV6_MIN = 1280;

    private final GatewayOffer own;
    private final Meter meter;
    private final SwitchOutlet outlet;
    private final TokenBucket portFlood = new TokenBucket(FLOODED_PER_SECOND, FLOODED_BURST);
    private final Map<Long, PublicKey> learned =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, PublicKey> eldest) {
                    return size() > LEARNED_MAX;
                }
            };
    private final SuperFrame whole = new SuperFrame();
    private final SuperFrame arrived = new SuperFrame();
    private final SuperFrame made = new SuperFrame();
    private final Admission admission;
    private final Offers offers = new Offers();
    private final Leases leases = new Leases();
    private final LeaseNews news = new LeaseNews();
    private final Listeners listeners = new Listeners();
    private @Nullable Directory directory;
    private @Nullable LocalServices services;

    /// A switch without a map, which drops everything.
    ///
    /// @param own what the local machine does for others, as far as the map lets it
    public NetworkSwitch(GatewayOffer own, Meter meter, SwitchOutlet outlet) {
        this.own = own;
        this.admission = new Admission(own, offers, leases);
        this.meter = meter;
        this.outlet = outlet;
    }

    /// Replaces the map; if it does not name `self`, everything is dropped.
    public void update(NetworkMap map, PublicKey self) {
        Optional<Member> member = map.member(self);
        directory = member.map(me -> new Directory(map, me)).orElse(null);
        services = directory == null ? null : new LocalServices(directory, offers, leases);
        learned.values().removeIf(key -> directory == null || directory.byKey(key) == null);
        listeners.update(directory == null ? Set.of() : directory.keys());
        admission.update(directory);
    }

    /// Does what is due; to be called several times a second.
    public void tick(long nowNanos) {
        leases.sweep(directory, nowNanos);
        offers.sweep(directory, nowNanos);
        Directory known = directory;
        if (known != null) {
            admission.hello(known, nowNanos).ifPresent(hello -> toPort(made.set(hello)));
            news.tick(known, leases, nowNanos, (peer, ack) -> outlet.toPeer(peer, made.set(ack)));
            for (EthernetFrame question : listeners.tick(known, nowNanos)) {
                if (!own.bridge()) {
                    toPort(made.set(question));
                }
            }
        }
    }

    /// Takes note of what a peer does for others.
    public void offered(PublicKey peer, GatewayOffer offer, long nowNanos) {
        Directory known = directory;
        Member member = known == null ? null : known.byKey(peer);
        if (known != null && member != null) {
            offers.learn(member, offer, nowNanos);
            if (own.lanLeases() && known.self.bridge()) {
                news.met(peer, nowNanos);
            }
        }
    }

    /// Whether frames pass between the overlay and a LAN behind the local machine.
    public BridgeState bridgeState(long nowNanos) {
        return admission.bridgeState(nowNanos);
    }

    /// Addresses that LANs have given to members.
    public List<LanLease> leases(long nowNanos) {
        return leases.all(nowNanos);
    }

    /// Takes note of addresses that the LAN behind the local machine has given to members before.
    /// Those that the map lets nobody have are left out.
    public void restore(List<LanLease> given, long nowNanos) {
        Directory known = directory;
        if (known == null) {
            return;
        }
        for (LanLease each : given) {
            Member client = known.byMac(each.mac().bits());
            DhcpLease lease =
                    new DhcpLease(
                            each.mac().bits(),
                            Ipv4.bits(each.address()),
                            DhcpReply.ACK,
                            each.remaining().toSeconds());
            if (client != null && !client.bridge() && Leases.isLease(lease, known)) {
                leases.learn(client, lease, nowNanos);
            }
        }
    }

    /// Answers the question for a name that a peer has asked.
    public void answerName(PublicKey peer, int address, int port, byte[] answer) {
        Directory known = directory;
        Member member = known == null ? null : known.byKey(peer);
        if (known != null && member != null) {
            outlet.toPeer(
                    member,
                    made.set(
                            new UdpDatagram(LinkRules.DNS, port, answer)
                                    .toFrame(
                                            member.mac(),
                                            known.self.mac(),
                                            address,
                                            known.serviceAddress())));
        }
    }

    /// Takes a frame that the local machine sent; its array may be changed.
    public void fromPort(byte[] bytes, long nowNanos) {
        try {
            fromPort(whole.set(bytes, 0, bytes.length), nowNanos);
        } catch (FrameFormatException malformed) {
            meter.dropped(DropReason.MALFORMED);
        }
    }

    /// Takes a frame that the local machine sent, and that may stand for many; its array may be
    /// changed.
    public void fromPort(SuperFrame frame, long nowNanos) {
        Directory known = directory;
        LocalServices local = services;
        if (known == null || local == null) {
            meter.dropped(DropReason.NO_MAP, frame.count());
            return;
        }
        try {
            EthernetFrame first = frame.ethernet();
            Optional<DropReason> fault = admission.sendingFault(first, known, nowNanos);
            if (fault.isPresent()) {
                meter.dropped(fault.get(), frame.count());
            } else if (LinkRules.isDhcpAnswer(first)) {
                lend(frame, known, nowNanos);
            } else {
                serve(frame, known, local, nowNanos);
            }
        } catch (FrameFormatException malformed) {
            meter.dropped(DropReason.MALFORMED, frame.count());
        }
    }

    /// Takes the frame of `length` bytes at `offset` that came through the tunnel of `peer`; the
    /// array may be changed.
    ///
    /// @param checksumStart where its unfinished checksum counts from; 0 if it is complete
    /// @param checksumField where the checksum is to be put, from there
    public void fromPeer(
            PublicKey peer,
            byte[] bytes,
            int offset,
            int length,
            int checksumStart,
            int checksumField,
            long nowNanos) {
        Directory known = directory;
        Member sender = known == null ? null : known.byKey(peer);
        if (known == null || sender == null) {
            meter.dropped(DropReason.NO_MAP);
            return;
        }
        try {
            arrived.set(bytes, offset, length, checksumStart, checksumField);
            EthernetFrame frame = arrived.ethernet();
            Optional<DropReason> fault = admission.receivingFault(frame, sender, known, nowNanos);
            if (fault.isPresent()) {
                meter.dropped(fault.get());
                return;
            }
            clamp(frame, mtu(known, List.of(sender)));
            deliver(frame, sender, known, nowNanos);
        } catch (FrameFormatException malformed) {
            meter.dropped(DropReason.MALFORMED);
        }
    }

    /// Sends an echo request to a peer's machine in the local machine's name.
    ///
    /// @return false if there is no map, or no such peer
    public boolean sendEcho(String peer, int label) {
        Directory known = directory;
        if (known == null) {
            return false;
        }
        Optional<Member> target =
                known.peers.stream().filter(member -> member.name().equals(peer)).findFirst();
        target.ifPresent(member ->
                outlet.toPeer(
                        member,
                        made.set(
                                IcmpFrames.echoRequest(
                                        member.mac(),
                                        known.self.mac(),
                                        Ipv4.bits(member.address()),
                                        Ipv4.bits(known.self.address()),
                                        label >>> 16,
                                        label & 0xffff))));
        return target.isPresent();
    }

    /// Passes on what a DHCP server of the LAN answers to a member. All members are told of a
    /// lease, as each checks whose addresses it sees.
    private void lend(SuperFrame frame, Directory known, long nowNanos)
            throws FrameFormatException {
        DhcpLease lease = Leases.read(frame.ethernet());
        Member client = lease == null ? null : known.byMac(lease.clientMac());
        if (lease == null || client == null || client.bridge()) {
            meter.dropped(DropReason.ROGUE_DHCP);
            return;
        }
        boolean given = Leases.isLease(lease, known);
        if (given) {
            leases.learn(client, lease, nowNanos);
        }
        send(frame, given ? known.peers : List.of(client));
    }

    private void serve(SuperFrame frame, Directory known, LocalServices local, long nowNanos)
            throws FrameFormatException {
        switch (local.handle(frame.ethernet())) {
            case LocalServices.Outcome.Pass _ -> forward(frame, known, nowNanos);
            case LocalServices.Outcome.Silence _ -> {}
            case LocalServices.Outcome.Refused(DropReason reason) ->
                    meter.dropped(reason, frame.count());
            case LocalServices.Outcome.Via(List<Member> gateways, boolean asIs) ->
                    sendVia(frame, gateways, asIs, known);
            case LocalServices.Outcome.Reply(EthernetFrame reply, boolean assigns) -> {
                toPort(made.set(reply));
                if (assigns) {
                    outlet.addressAssigned();
                }
            }
        }
    }

    private void sendVia(SuperFrame frame, List<Member> gateways, boolean asIs, Directory known)
            throws FrameFormatException {
        if (!asIs) {
            gateways.getFirst().mac().write(frame.bytes(), frame.offset());
        }
        sendIpv4(frame, Ipv4Packet.parse(frame.ethernet()), gateways, known);
    }

    private void forward(SuperFrame frame, Directory known, long nowNanos)
            throws FrameFormatException {
        EthernetFrame first = frame.ethernet();
        List<Member> receivers = receivers(first, known, nowNanos);
        if (receivers.isEmpty()) {
            // A broadcast in a network of one reaches all members there are.
            if (!first.isForGroup()) {
                meter.dropped(DropReason.UNKNOWN_DESTINATION, frame.count());
            }
            return;
        }
        boolean flooded = first.isForGroup() || !isKnown(first.destination(), known);
        for (int i = 0; flooded && i < frame.count(); i++) {
            if (!portFlood.take(nowNanos)) {
                meter.dropped(DropReason.FLOOD, frame.count());
                return;
            }
        }
        boolean version6 = first.type() == EthernetFrame.IPV6 && !first.isForGroup();
        // Others cannot be told, and who uses IPv6 may send so much: the network divides the rest.
        int mtu = version6 ? Math.max(MTU_IPV6_MIN, mtu(known, receivers)) : known.map.mtu();
        if (first.type() == EthernetFrame.IPV4) {
            sendIpv4(frame, Ipv4Packet.parse(first), receivers, known);
        } else if (frame.longest() > EthernetFrame.HEADER_LENGTH + mtu) {
            meter.dropped(DropReason.MTU, frame.count());
            if (version6) {
                toPort(made.set(Icmpv6Frames.packetTooBig(first, NetworkMap.SERVICE_MAC, mtu)));
            }
        } else {
            send(frame, receivers);
        }
    }

    private void send(SuperFrame frame, List<Member> receivers) {
        meter.sentIn(frame.count(), frame.totalBytes());
        for (Member receiver : receivers) {
            meter.sentTo(receiver.publicKey(), frame.totalBytes());
            outlet.toPeer(receiver, frame);
        }
    }

    /// Whether an address is that of a member, or was seen behind one.
    private boolean isKnown(long mac, Directory known) {
        return known.byMac(mac) != null || bridgeOf(mac, known) != null;
    }

    private @Nullable Member bridgeOf(long mac, Directory known) {
        PublicKey behind = learned.get(mac);
        return behind == null ? null : known.byKey(behind);
    }

    private List<Member> receivers(EthernetFrame frame, Directory known, long nowNanos)
            throws FrameFormatException {
        if (frame.isForGroup()) {
            if (frame.type() == EthernetFrame.ARP) {
                return known.bridges;
            }
            return GroupMessages.changes(frame).isPresent()
                    ? known.peers
                    : listeners.of(frame.destination(), known, nowNanos);
        }
        Member owner = known.byMac(frame.destination());
        if (owner != null) {
            return owner.equals(known.self) ? List.of() : List.of(owner);
        }
        Member bridge = bridgeOf(frame.destination(), known);
        return bridge == null ? known.bridges : List.of(bridge);
    }

    /// Sends a packet: as it is, in fragments, or not at all if it is too large.
    private void sendIpv4(
            SuperFrame frame, Ipv4Packet packet, List<Member> receivers, Directory known)
            throws FrameFormatException {
        int mtu = mtu(known, receivers);
        if (TcpMss.concerns(packet)) {
            frame.finish();
            TcpMss.clamp(packet, mtu);
        }
        int length =
                frame.isDivided()
                        ? frame.longest() - EthernetFrame.HEADER_LENGTH
                        : packet.totalLength();
        if (length > mtu && !frame.isDivided() && !packet.dontFragment()) {
            frame.finish();
            for (EthernetFrame part : Ipv4Fragments.split(frame.ethernet(), packet, mtu)) {
                send(made.set(part), receivers);
            }
        } else if (length > mtu) {
            meter.dropped(DropReason.MTU, frame.count());
            toPort(
                    made.set(
                            IcmpFrames.fragmentationNeeded(
                                    frame.ethernet(),
                                    packet,
                                    NetworkMap.SERVICE_MAC,
                                    known.serviceAddress(),
                                    mtu)));
        } else if (frame.longest() > EthernetFrame.HEADER_LENGTH + mtu) {
            meter.dropped(DropReason.MTU);
        } else {
            send(frame, receivers);
        }
    }

    /// The longest packet for these members. For groups it is the network's, as everybody's path
    /// would make it the worst one's.
    private int mtu(Directory known, List<Member> receivers) {
        return receivers.size() == 1
                ? Math.min(known.map.mtu(), outlet.mtu(receivers.getFirst()))
                : known.map.mtu();
    }

    private void clamp(EthernetFrame frame, int mtu) throws FrameFormatException {
        if (frame.type() == EthernetFrame.IPV4) {
            Ipv4Packet packet = Ipv4Packet.parse(frame);
            if (TcpMss.concerns(packet)) {
                arrived.finish();
                TcpMss.clamp(packet, mtu);
            }
        }
    }

    private void deliver(EthernetFrame frame, Member sender, Directory known, long nowNanos)
            throws FrameFormatException {
        if (sender.bridge() && frame.source() != sender.mac().bits()) {
            learned.put(frame.source(), sender.publicKey());
        }
        if (frame.isForGroup()) {
            Optional<List<GroupMessages.Change>> said = GroupMessages.changes(frame);
            if (said.isPresent()) {
                listeners.heard(sender, said.get(), nowNanos);
            }
        }
        if (frame.type() == EthernetFrame.IPV4) {
            Ipv4Packet packet = Ipv4Packet.parse(frame);
            if (LinkRules.isDhcpAnswer(frame) && !borrow(frame, known, nowNanos)) {
                return;
            }
            if (own.names() && LinkRules.isDnsQuestion(frame, known.serviceAddress())) {
                UdpDatagram question = UdpDatagram.parse(packet);
                outlet.nameAsked(
                        sender, packet.source(), question.sourcePort(), question.payload());
                return;
            }
            if (packet.destination() == Ipv4.bits(known.self.address())
                    && IcmpFrames.isEcho(packet, IcmpFrames.ECHO_REPLY)
                    && outlet.echoAnswered(packet.source(), IcmpFrames.echoLabel(packet))) {
                return;
            }
        }
        if (toPort(arrived)) {
            meter.deliveredOut(sender.publicKey(), frame.length());
        }
    }

    /// Takes note of a lease of the LAN; false if it is not for the local machine.
    private boolean borrow(EthernetFrame frame, Directory known, long nowNanos)
            throws FrameFormatException {
        DhcpLease lease = Leases.read(frame);
        Member client = lease == null ? null : known.byMac(lease.clientMac());
        if (lease == null || client == null) {
            return false;
        }
        boolean ours = client.equals(known.self);
        if (Leases.isLease(lease, known)) {
            leases.learn(client, lease, nowNanos);
            if (ours) {
                outlet.addressAssigned();
            }
        }
        return ours;
    }

    private boolean toPort(SuperFrame frame) {
        boolean taken = outlet.toPort(frame);
        if (!taken) {
            meter.dropped(DropReason.PORT_FULL);
        }
        return taken;
    }
}
