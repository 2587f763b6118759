// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.probe;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// What two members tell each other about the ways between them, always sealed.
///
/// ```text
///  offset  size  field
///       0     1  type     1 = ping, 2 = pong, 3 = call me, 4 = fan
///  ping:
///       1     8  transaction, random
///       9     n  zeros, at least 18, so that no pong is longer than its ping
///  pong:
///       1     8  transaction of the ping
///       9    16  address from which the ping came, IPv4 as ::ffff:a.b.c.d; :: if through a relay
///      25     2  its port
///  call me:
///       1     1  flags: 1 = answers a call, 2 = the sender's NAT maps each destination anew
///       2     2  milliseconds until the sender begins to ping
///       4     1  count, at most 16
///       5  18 n  addresses and ports at which to ping the sender
///  fan:
///       1     2  ports that the sender has opened towards the receiver
///       3     2  pings to random ports by which the receiver may look for one
/// ```
///
/// Source: docs/protocol/path-probe.md, section 2.
public sealed interface Probe {
    /// Bytes of a pong, and of the shortest ping.
    int PONG_LENGTH = 9 + Endpoints.LENGTH_BYTES;

    /// Longest text: no path carries more in one datagram than the largest Ethernet frame in use.
    int LENGTH_MAX = 9000;

    /// Addresses in a call: a host with several cards, mappings and both families.
    int CANDIDATES_MAX = 16;

    /// Asks whether this address leads to the peer.
    ///
    /// @param lengthBytes bytes of the text; longer ones find out what the path can carry
    record Ping(long transaction, int lengthBytes) implements Probe {
        public Ping {
            if (lengthBytes < PONG_LENGTH || lengthBytes > LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "ping: expected 27 to 9000 bytes, got " + lengthBytes);
            }
        }
    }

    /// Says that it does.
    ///
    /// @param seen where the ping came from, unless from a relay
    record Pong(long transaction, Optional<InetSocketAddress> seen) implements Probe {}

    /// Asks the peer to ping these addresses, so that both NATs see something leave.
    ///
    /// @param answer whether it answers a call and needs no answer
    /// @param mappingVaries whether the sender's NAT uses another port for each destination
    /// @param startInMillis when the sender begins to ping, 0 to 65,535
    record CallMe(
            boolean answer,
            boolean mappingVaries,
            int startInMillis,
            List<InetSocketAddress> candidates)
            implements Probe {
        public CallMe {
            candidates = List.copyOf(candidates);
            if (candidates.size() > CANDIDATES_MAX || startInMillis >>> 16 != 0) {
                throw new IllegalArgumentException("call me: too many candidates or too late");
            }
        }
    }

    /// Says that the sender's NAT now lets the receiver in at many ports, which nobody knows.
    ///
    /// @param ports how many, 1 to 65,535
    /// @param pingsMax how often the receiver may ping random ports, 0 to 65,535
    record Fan(int ports, int pingsMax) implements Probe {
        public Fan {
            if (ports < 1 || ports >>> 16 != 0 || pingsMax >>> 16 != 0) {
                throw new IllegalArgumentException("fan: expected counts of 16 bits");
            }
        }
    }

    /// Reads an opened text.
    ///
    /// @throws WireFormatException if any field is not as specified
    static Probe parse(byte[] text) throws WireFormatException {
        if (text.length < 5 || text.length > LENGTH_MAX) {
            throw new WireFormatException("probe: expected 5 to 9000 bytes, got " + text.length);
        }
        ByteBuffer in = ByteBuffer.wrap(text);
        int type = in.get();
        return switch (type) {
            case 1 -> parsePing(in);
            case 2 -> parsePong(in);
            case 3 -> parseCall(in);
            case 4 -> parseFan(in);
            default ->
                    throw new WireFormatException(
                            "probe: expected type 1 to 4 at offset 0, got " + type);
        };
    }

    /// The text.
    default byte[] toBytes() {
        switch (this) {
            case Ping(long transaction, int length) -> {
                return ByteBuffer.allocate(length).put((byte) 1).putLong(transaction).array();
            }
            case Pong(long transaction, var seen) -> {
                ByteBuffer out = ByteBuffer.allocate(PONG_LENGTH);
                out.put((byte) 2).putLong(transaction);
                seen.ifPresent(endpoint -> Endpoints.write(out, endpoint));
                return out.array();
            }
            case CallMe call -> {
                int count = call.candidates().size();
                ByteBuffer out = ByteBuffer.allocate(5 + count * Endpoints.LENGTH_BYTES);
                int flags = (call.answer() ? 1 : 0) | (call.mappingVaries() ? 2 : 0);
                out.put((byte) 3).put((byte) flags).putShort((short) call.startInMillis());
                out.put((byte) count);
                call.candidates().forEach(candidate -> Endpoints.write(out, candidate));
                return out.array();
            }
            case Fan(int ports, int pingsMax) -> {
                ByteBuffer out = ByteBuffer.allocate(5).put((byte) 4);
                return out.putShort((short) ports).putShort((short) pingsMax).array();
            }
        }
    }

    private static Ping parsePing(ByteBuffer in) throws WireFormatException {
        if (in.limit() < PONG_LENGTH) {
            throw new WireFormatException(
                    "probe: expected a ping of 27 bytes or more, got " + in.limit());
        }
        Ping ping = new Ping(in.getLong(), in.limit());
        while (in.hasRemaining()) {
            if (in.get() != 0) {
                throw new WireFormatException(
                        "probe: expected zeros in a ping, got another at " + (in.position() - 1));
            }
        }
        return ping;
    }

    private static Pong parsePong(ByteBuffer in) throws WireFormatException {
        if (in.limit() != PONG_LENGTH) {
            throw new WireFormatException("probe: expected a pong of 27 bytes, got " + in.limit());
        }
        long transaction = in.getLong();
        InetSocketAddress seen = Endpoints.read(in);
        if (Endpoints.isUsable(seen)) {
            return new Pong(transaction, Optional.of(seen));
        }
        // 0.0.0.0, which is ::ffff:0.0.0.0 here, is not the zeros that stand for a relay.
        if (seen.getPort() != 0
                || !seen.getAddress().isAnyLocalAddress()
                || seen.getAddress() instanceof Inet4Address) {
            throw new WireFormatException(
                    "probe: expected an address or zeros at offset 9, got " + seen);
        }
        return new Pong(transaction, Optional.empty());
    }

    private static CallMe parseCall(ByteBuffer in) throws WireFormatException {
        int flags = in.get();
        int startIn = Short.toUnsignedInt(in.getShort());
        int count = Byte.toUnsignedInt(in.get());
        if (flags >>> 2 != 0 || count > CANDIDATES_MAX) {
            throw new WireFormatException(
                    "probe: expected known flags and up to 16 candidates, got "
                            + flags
                            + " and "
                            + count);
        }
        if (in.remaining() != count * Endpoints.LENGTH_BYTES) {
            throw new WireFormatException(
                    "probe: expected " + count + " candidates, got " + in.remaining() + " bytes");
        }
        List<InetSocketAddress> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            InetSocketAddress candidate = Endpoints.read(in);
            if (!Endpoints.isUsable(candidate)) {
                throw new WireFormatException(
                        "probe: expected a machine's address, got " + candidate);
            }
            candidates.add(candidate);
        }
        return new CallMe((flags & 1) != 0, (flags & 2) != 0, startIn, candidates);
    }

    private static Fan parseFan(ByteBuffer in) throws WireFormatException {
        int ports = in.remaining() == 4 ? Short.toUnsignedInt(in.getShort()) : 0;
        if (ports == 0) {
            throw new WireFormatException(
                    "probe: expected a fan of 5 bytes and some ports, got " + in.limit());
        }
        return new Fan(ports, Short.toUnsignedInt(in.getShort()));
    }
}
