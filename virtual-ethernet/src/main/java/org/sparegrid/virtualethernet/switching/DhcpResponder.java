// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Optional;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.wire.DhcpReply;
import org.sparegrid.virtualethernet.wire.DhcpRequest;
import org.sparegrid.virtualethernet.wire.DnsAnswer;

/// Gives the local machine the address that the network map says, and no other.
///
/// There is no router option: the network has no way out of itself.
final class DhcpResponder {
    /// A change of the map reaches a running machine at its next renewal, half of this.
    static final int LEASE_SECONDS = 3600;

    private DhcpResponder() {}

    /// An answer to a request of `member`'s machine.
    ///
    /// @param type message type
    /// @param payload the message
    @SuppressWarnings("ArrayRecordComponent") // lives for one packet, is never compared
    record Answer(int type, byte[] payload) {}

    static Optional<Answer> answer(DhcpRequest request, Member member, NetworkMap map) {
        int address = Ipv4.bits(member.address());
        int server = Ipv4.bits(map.serviceAddress());
        return switch (request.type()) {
            case DhcpRequest.DISCOVER -> Optional.of(lease(request, DhcpReply.OFFER, member, map));
            case DhcpRequest.REQUEST -> {
                if (request.server() != 0 && request.server() != server) {
                    yield Optional.empty();
                }
                int wanted =
                        request.requestedAddress() != 0
                                ? request.requestedAddress()
                                : request.clientAddress();
                yield Optional.of(
                        wanted == address
                                ? lease(request, DhcpReply.ACK, member, map)
                                : refuse(request, server));
            }
            case DhcpRequest.INFORM -> {
                DhcpReply reply = new DhcpReply(request, DhcpReply.ACK, 0, server);
                yield Optional.of(
                        new Answer(DhcpReply.ACK, settings(reply, member, map).toBytes()));
            }
            default -> Optional.empty();
        };
    }

    static Answer refuse(DhcpRequest request, int server) {
        return new Answer(
                DhcpReply.NAK, new DhcpReply(request, DhcpReply.NAK, 0, server).toBytes());
    }

    private static Answer lease(DhcpRequest request, int type, Member member, NetworkMap map) {
        DhcpReply reply =
                new DhcpReply(
                        request,
                        type,
                        Ipv4.bits(member.address()),
                        Ipv4.bits(map.serviceAddress()));
        reply.option(51, LEASE_SECONDS);
        return new Answer(type, settings(reply, member, map).toBytes());
    }

    private static DhcpReply settings(DhcpReply reply, Member member, NetworkMap map) {
        byte[] mtu = new byte[2];
        Bytes.put16(mtu, 0, map.mtu());
        return reply.option(1, map.subnet().maskBits())
                .option(28, map.subnet().broadcastBits())
                .option(3, Ipv4.bits(map.serviceAddress()))
                .option(6, Ipv4.bits(map.serviceAddress()))
                .option(12, member.name().getBytes(US_ASCII))
                .option(15, map.domain().getBytes(US_ASCII))
                .option(26, mtu)
                .option(119, DnsAnswer.encode(map.domain()));
    }
}
