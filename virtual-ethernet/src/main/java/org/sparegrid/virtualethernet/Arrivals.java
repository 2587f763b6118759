// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.sparegrid.virtualethernet.path.MappingCheck;
import org.sparegrid.virtualethernet.path.PunchedAddress;
import org.sparegrid.virtualethernet.probe.ProbeSeal;
import org.sparegrid.virtualethernet.relay.RelayAddress;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.relay.RelayTable;
import org.sparegrid.virtualethernet.relay.StreamAddress;
import org.sparegrid.virtualethernet.session.IndexTable;
import org.sparegrid.virtualethernet.stun.StunMessage;
import org.sparegrid.virtualethernet.wire.CookieReply;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.HandshakeResponse;
import org.sparegrid.virtualethernet.wire.TransportData;
import org.sparegrid.virtualethernet.wire.WireFormatException;
import org.sparegrid.virtualethernet.wire.WireGuardMessage;

/// Tells apart what arrives at the ports of one process, and hands it to whom it is for.
///
/// Source: docs/protocol/path-probe.md, section 1, for the first bytes of each kind.
final class Arrivals {
    private static final System.Logger LOG = System.getLogger(Arrivals.class.getName());

    private final List<NetworkAttachment> attachments;
    private final IndexTable indices;
    private final RelayTable relays;
    private final StunQuestions questions = new StunQuestions();
    private final Knocks knocks = new Knocks();
    private final MappingCheck mapping;
    private final SteadyClock clock;
    private final BiConsumer<byte[], InetSocketAddress> sender;

    /// @param attachments those of the process, which may change
    /// @param sender sends a datagram, as far as the network takes it
    Arrivals(
            List<NetworkAttachment> attachments,
            IndexTable indices,
            RelayTable relays,
            MappingCheck mapping,
            SteadyClock clock,
            BiConsumer<byte[], InetSocketAddress> sender) {
        this.attachments = attachments;
        this.indices = indices;
        this.relays = relays;
        this.mapping = mapping;
        this.clock = clock;
        this.sender = sender;
    }

    /// Whoever asks STUN servers waits for their answers here.
    StunQuestions questions() {
        return questions;
    }

    /// Whoever was told of a knock waits for it here.
    Knocks knocks() {
        return knocks;
    }

    /// Takes datagrams of the UDP port, of one sender, all of `segmentBytes`, the last one maybe
    /// shorter. Only on that port's thread.
    void receive(byte[] buffer, int length, int segmentBytes, InetSocketAddress from) {
        try {
            for (int at = 0; at < length; ) {
                int size = Math.min(segmentBytes, length - at);
                if (TransportData.isData(buffer, at, size)) {
                    int run = run(buffer, at, length, segmentBytes);
                    int start = at;
                    owner(TransportData.receiverIndex(buffer, at))
                            .ifPresent(a -> {
                                a.line().received(buffer, start, run, segmentBytes, from);
                                a.receiveData(buffer, start, run, segmentBytes, from);
                            });
                    at += run;
                } else {
                    receive(Arrays.copyOfRange(buffer, at, at + size), from);
                    at += size;
                }
            }
        } catch (RuntimeException fault) {
            LOG.log(Level.ERROR, "receive failed", fault);
        }
    }

    /// The bytes at `at` that are sealed data for one receiver index.
    private static int run(byte[] buffer, int at, int length, int segmentBytes) {
        int index = TransportData.receiverIndex(buffer, at);
        int end = at;
        while (end < length) {
            int size = Math.min(segmentBytes, length - end);
            if (!TransportData.isData(buffer, end, size)
                    || TransportData.receiverIndex(buffer, end) != index) {
                break;
            }
            end += size;
        }
        return end - at;
    }

    private void receive(byte[] datagram, InetSocketAddress from) {
        try {
            if (RelayAddress.is(from) || StreamAddress.is(from) || PunchedAddress.is(from)) {
                LOG.log(Level.TRACE, "datagram comes from an address that no machine has");
            } else if (RelayMessage.isRelay(datagram)) {
                RelayMessage message = RelayMessage.parse(datagram);
                if (isRequest(message, from)) {
                    attachments.forEach(a -> a.memberRelays().receive(datagram, from));
                } else {
                    receiveRelay(message, from, true);
                }
            } else if (StunMessage.isStun(datagram)) {
                receiveStun(StunMessage.parse(datagram), from);
            } else {
                receivePeer(datagram, from, true);
            }
        } catch (WireFormatException malformed) {
            LOG.log(Level.TRACE, "datagram is malformed", malformed);
        }
    }

    /// Whether another machine wants something relayed. Relays of our own are known by their
    /// addresses, and who is a relay uses no other member as one.
    private boolean isRequest(RelayMessage message, InetSocketAddress from) {
        return switch (message) {
            case RelayMessage.Bind _ -> true;
            case RelayMessage.Packet(int session, _, _) -> relays.origin(from, session).isEmpty();
            case RelayMessage.Challenge _, RelayMessage.Bound _, RelayMessage.Refused _ -> false;
        };
    }

    private void receiveStun(StunMessage message, InetSocketAddress from) {
        questions.take(message);
        knocks.take(message);
        mapping.take(message, from, clock.nowNanos())
                .ifPresent(next -> sender.accept(next.datagram(), next.to()));
    }

    /// Takes a datagram that a further port has let in.
    void receivePunched(long door, byte[] datagram) {
        try {
            receivePeer(datagram, PunchedAddress.of(door), false);
        } catch (RuntimeException fault) {
            LOG.log(Level.ERROR, "receive failed", fault);
        }
    }

    /// Takes a datagram of a relay that came over a stream.
    void receiveStream(byte[] datagram, InetSocketAddress from) {
        try {
            if (RelayMessage.isRelay(datagram)) {
                receiveRelay(RelayMessage.parse(datagram), from, false);
            }
        } catch (WireFormatException malformed) {
            LOG.log(Level.TRACE, "datagram is malformed", malformed);
        } catch (RuntimeException fault) {
            LOG.log(Level.ERROR, "receive failed", fault);
        }
    }

    /// @param onPort whether on the thread of the UDP port
    private void receiveRelay(RelayMessage message, InetSocketAddress from, boolean onPort) {
        if (message instanceof RelayMessage.Packet(int session, _, byte[] packet)) {
            relays.origin(from, session).ifPresent(origin -> receivePeer(packet, origin, onPort));
        } else {
            attachments.forEach(attachment -> attachment.receiveRelay(message, from));
        }
    }

    private void receivePeer(byte[] datagram, InetSocketAddress from, boolean onPort) {
        if (ProbeSeal.isProbe(datagram)) {
            attachments.stream()
                    .filter(attachment -> attachment.isAddressedBy(datagram))
                    .findFirst()
                    .ifPresent(attachment -> {
                        attachment.line().received(datagram, from);
                        attachment.receiveProbe(datagram, from);
                    });
        } else if (TransportData.isData(datagram, 0, datagram.length)) {
            int length = datagram.length;
            owner(TransportData.receiverIndex(datagram, 0))
                    .ifPresent(a -> {
                        a.line().received(datagram, from);
                        if (onPort) {
                            a.receiveData(datagram, 0, length, length, from);
                        } else {
                            a.receiveData(datagram, from);
                        }
                    });
        } else {
            receiveWireGuard(datagram, from);
        }
    }

    private void receiveWireGuard(byte[] datagram, InetSocketAddress from) {
        try {
            WireGuardMessage message = WireGuardMessage.parse(datagram);
            receiver(message)
                    .ifPresent(attachment -> {
                        attachment.line().received(datagram, from);
                        attachment.receive(message, from);
                    });
        } catch (WireFormatException notOurs) {
            LOG.log(Level.TRACE, "datagram is not WireGuard", notOurs);
        }
    }

    /// The attachment that an initiation was made for, or that owns the receiver index.
    private Optional<NetworkAttachment> receiver(WireGuardMessage message) {
        return switch (message) {
            case HandshakeInitiation initiation ->
                    attachments.stream().filter(a -> a.isAddressedBy(initiation)).findFirst();
            case HandshakeResponse response -> owner(response.receiverIndex());
            case CookieReply reply -> owner(reply.receiverIndex());
            case TransportData data -> owner(data.receiverIndex());
        };
    }

    private Optional<NetworkAttachment> owner(int index) {
        return indices.owner(index)
                .flatMap(identity ->
                        attachments.stream().filter(a -> a.identity() == identity).findFirst());
    }
}
