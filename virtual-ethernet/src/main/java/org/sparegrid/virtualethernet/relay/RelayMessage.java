// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// What machines and a relay send each other: the base header of Geneve, and behind it a packet or
/// one of four questions and answers.
///
/// ```text
///  offset  size  field
///       0     1  00
///       1     1  00 = packet, 01 = packet that must not be divided, 80 = control
///       2     2  88 B5
///       4     3  session; 0 in control
///       7     1  00
///  packet:
///       8     n  what one peer sealed for the other
///  control:
///       8     1  type: 1 = bind, 2 = challenge, 3 = bound, 4 = refused
///       9     8  transaction, chosen by the machine
///  bind:
///      17    16  cookie; zeros if none is known
///      33    32  the machine's WireGuard public key
///      65    24  nonce
///      89    n  sealed names, bytes 0 to 88 associated; see RelaySeal
///  challenge:
///      17    16  cookie to bind with
///  bound:
///      17    24  nonce
///      41    n  sealed sessions, bytes 0 to 40 associated
///  refused:
///      17     1  reason: 1 = no member, 2 = busy
/// ```
///
/// Source: RFC 8926, section 3.4; docs/protocol/relay.md, section 1.
public sealed interface RelayMessage {
    /// Bytes before a packet.
    int HEADER_LENGTH = 8;

    /// Bytes of a cookie.
    int COOKIE_LENGTH = 16;

    /// Bytes of a bind that are bound to its sealed part.
    int BIND_HEAD = 89;

    /// Bytes of the answer that are bound to its sealed part.
    int BOUND_HEAD = 41;

    /// The longest packet that a relay takes, which is the longest in a datagram of Ethernet.
    int PACKET_MAX = 9000;

    /// Marks a packet that must not be divided.
    int WHOLE = 1;

    /// No member of any network that the relay serves.
    int NO_MEMBER = 1;

    /// More machines or names than the relay has room for.
    int BUSY = 2;

    /// A packet from one peer for the other.
    ///
    /// @param whole whether the relay must not let it be divided, so that it shows what the path
    ///   carries; the peer never sees that
    @SuppressWarnings("ArrayRecordComponent") // parts of one datagram, never compared
    record Packet(int session, boolean whole, byte[] packet) implements RelayMessage {
        @Override
        public byte[] toBytes() {
            return ByteBuffer.allocate(HEADER_LENGTH + packet.length)
                    .put(header(whole ? WHOLE : 0, session))
                    .put(packet)
                    .array();
        }
    }

    /// A machine says where it is and whom it wants to reach.
    @SuppressWarnings("ArrayRecordComponent") // parts of one datagram, never compared
    record Bind(long transaction, byte[] cookie, PublicKey machine, byte[] nonce, byte[] sealed)
            implements RelayMessage {
        /// The bytes to which the sealed part is bound.
        public byte[] head() {
            return control(1, transaction, BIND_HEAD)
                    .put(cookie)
                    .put(machine.bytes())
                    .put(nonce)
                    .array();
        }

        @Override
        public byte[] toBytes() {
            return join(head(), sealed);
        }
    }

    /// The relay wants to see that the machine receives at its address.
    @SuppressWarnings("ArrayRecordComponent") // parts of one datagram, never compared
    record Challenge(long transaction, byte[] cookie) implements RelayMessage {
        @Override
        public byte[] toBytes() {
            return control(2, transaction, 17 + COOKIE_LENGTH).put(cookie).array();
        }
    }

    /// The relay forwards for the machine.
    @SuppressWarnings("ArrayRecordComponent") // parts of one datagram, never compared
    record Bound(long transaction, byte[] nonce, byte[] sealed) implements RelayMessage {
        /// The bytes to which the sealed part is bound.
        public byte[] head() {
            return control(3, transaction, BOUND_HEAD).put(nonce).array();
        }

        @Override
        public byte[] toBytes() {
            return join(head(), sealed);
        }
    }

    /// The relay does not forward for the machine.
    record Refused(long transaction, int reason) implements RelayMessage {
        @Override
        public byte[] toBytes() {
            return control(4, transaction, 18).put((byte) reason).array();
        }
    }

    /// The message as one datagram.
    byte[] toBytes();

    /// Whether a datagram can be a relay's message, which no other message on the port can.
    static boolean isRelay(byte[] datagram) {
        return datagram.length > HEADER_LENGTH
                && datagram[0] == 0
                && datagram[2] == (byte) 0x88
                && datagram[3] == (byte) 0xB5
                && datagram[7] == 0;
    }

    /// Whether a relay's message is a packet that must not be divided.
    static boolean isWhole(byte[] datagram) {
        return datagram[1] == WHOLE;
    }

    /// The same packet without the mark, for a peer that may not know it.
    static byte[] unmarked(byte[] datagram) {
        byte[] plain = datagram.clone();
        plain[1] = 0;
        return plain;
    }

    /// Reads the message that fills `datagram`.
    ///
    /// @throws WireFormatException if it is not as specified
    static RelayMessage parse(byte[] datagram) throws WireFormatException {
        if (!isRelay(datagram)) {
            throw new WireFormatException("relay: expected a header 00 xx 88 b5");
        }
        int session = ByteBuffer.wrap(datagram).getInt(4) >>> 8;
        if (datagram[1] == 0 || datagram[1] == WHOLE) {
            return parsePacket(datagram, session);
        }
        if (datagram[1] != (byte) 0x80 || session != 0 || datagram.length < 18) {
            throw new WireFormatException(
                    "relay: expected 18 bytes of control without session, got "
                            + datagram.length
                            + " of session "
                            + session);
        }
        ByteBuffer in = ByteBuffer.wrap(datagram);
        long transaction = in.getLong(9);
        int type = datagram[8];
        return switch (type) {
            case 1 -> {
                check(datagram, BIND_HEAD + 16, PACKET_MAX);
                yield new Bind(
                        transaction,
                        Arrays.copyOfRange(datagram, 17, 33),
                        PublicKey.of(Arrays.copyOfRange(datagram, 33, 65)),
                        Arrays.copyOfRange(datagram, 65, BIND_HEAD),
                        Arrays.copyOfRange(datagram, BIND_HEAD, datagram.length));
            }
            case 2 -> {
                check(datagram, 33, 33);
                yield new Challenge(transaction, Arrays.copyOfRange(datagram, 17, 33));
            }
            case 3 -> {
                check(datagram, BOUND_HEAD + 16, PACKET_MAX);
                yield new Bound(
                        transaction,
                        Arrays.copyOfRange(datagram, 17, BOUND_HEAD),
                        Arrays.copyOfRange(datagram, BOUND_HEAD, datagram.length));
            }
            case 4 -> {
                check(datagram, 18, 18);
                yield new Refused(transaction, Byte.toUnsignedInt(datagram[17]));
            }
            default ->
                    throw new WireFormatException(
                            "relay: expected type 1 to 4 at offset 8, got " + type);
        };
    }

    private static Packet parsePacket(byte[] datagram, int session) throws WireFormatException {
        check(datagram, HEADER_LENGTH + 1, HEADER_LENGTH + PACKET_MAX);
        return new Packet(
                session,
                datagram[1] == WHOLE,
                Arrays.copyOfRange(datagram, HEADER_LENGTH, datagram.length));
    }

    private static void check(byte[] datagram, int least, int most) throws WireFormatException {
        if (datagram.length < least || datagram.length > most) {
            throw new WireFormatException(
                    "relay: expected "
                            + least
                            + " to "
                            + most
                            + " bytes of this type, got "
                            + datagram.length);
        }
    }

    private static byte[] header(int kind, int session) {
        return new byte[] {
            0,
            (byte) kind,
            (byte) 0x88,
            (byte) 0xB5,
            (byte) (session >>> 16),
            (byte) (session >>> 8),
            (byte) session,
            0
        };
    }

    private static ByteBuffer control(int type, long transaction, int length) {
        return ByteBuffer.allocate(length)
                .put(header(0x80, 0))
                .put((byte) type)
                .putLong(transaction);
    }

    private static byte[] join(byte[] head, byte[] sealed) {
        return ByteBuffer.allocate(head.length + sealed.length).put(head).put(sealed).array();
    }
}
