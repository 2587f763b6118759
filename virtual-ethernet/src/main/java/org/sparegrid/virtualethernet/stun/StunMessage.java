// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.stun;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// The Binding messages by which a machine learns how the world sees its UDP port.
///
/// Source: RFC 8489, sections 5, 6.3 and 14.
public sealed interface StunMessage {
    /// Bytes of the header, which is also the shortest message.
    int HEADER_LENGTH = 20;

    /// Bytes 4 to 7 of every STUN message.
    int MAGIC_COOKIE = 0x2112A442;

    /// More attributes than any client sends with a Binding request.
    int ATTRIBUTES_MAX = 32;

    /// The error that names attributes which the server must understand and does not.
    int UNKNOWN_ATTRIBUTE = 420;

    /// Says which answer belongs to which question.
    record Transaction(long first, int last) {
        /// A new one that nobody guesses.
        public static Transaction draw(RandomGenerator random) {
            return new Transaction(random.nextLong(), random.nextInt());
        }
    }

    /// Asks how the server sees the sender.
    ///
    /// @param unknown attributes that a server would have to understand, and we do not
    record Request(Transaction transaction, List<Integer> unknown) implements StunMessage {
        public Request {
            unknown = List.copyOf(unknown);
        }
    }

    /// The answer.
    ///
    /// @param seen whence the request came
    record Success(Transaction transaction, InetSocketAddress seen) implements StunMessage {}

    /// The server did not answer the question.
    ///
    /// @param code 300 to 699
    record Failure(Transaction transaction, int code, List<Integer> unknown)
            implements StunMessage {
        public Failure {
            unknown = List.copyOf(unknown);
        }
    }

    /// The transaction of the message.
    Transaction transaction();

    /// Whether a datagram can be STUN, which no other message on the port can.
    static boolean isStun(byte[] datagram) {
        return datagram.length >= HEADER_LENGTH
                && (datagram[0] & 0xc0) == 0
                && ByteBuffer.wrap(datagram).getInt(4) == MAGIC_COOKIE;
    }

    /// What a server answers that saw the request come from `from`.
    static StunMessage answer(Request request, InetSocketAddress from) {
        return request.unknown().isEmpty()
                ? new Success(request.transaction(), from)
                : new Failure(request.transaction(), UNKNOWN_ATTRIBUTE, request.unknown());
    }

    /// Reads the message that fills `datagram`.
    ///
    /// @throws WireFormatException if it is no Binding message as specified
    static StunMessage parse(byte[] datagram) throws WireFormatException {
        if (!isStun(datagram)) {
            throw new WireFormatException("stun: expected 20 bytes with the cookie 2112a442");
        }
        ByteBuffer in = ByteBuffer.wrap(datagram);
        int type = in.getShort();
        int length = Short.toUnsignedInt(in.getShort());
        if (length != datagram.length - HEADER_LENGTH || length % 4 != 0) {
            throw new WireFormatException(
                    "stun: expected a length of "
                            + (datagram.length - HEADER_LENGTH)
                            + " in whole words at offset 2, got "
                            + length);
        }
        in.getInt();
        Transaction transaction = new Transaction(in.getLong(), in.getInt());
        Attributes attributes = Attributes.read(in, transaction);
        return switch (type) {
            case Layout.REQUEST -> new Request(transaction, attributes.unknown);
            case Layout.SUCCESS -> new Success(transaction, attributes.seen());
            case Layout.FAILURE -> new Failure(transaction, attributes.code, List.of());
            default ->
                    throw new WireFormatException(
                            "stun: expected a Binding message at offset 0, got " + type);
        };
    }

    /// The message as one datagram.
    default byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(HEADER_LENGTH + 8 + 8 + 2 * ATTRIBUTES_MAX + 4);
        Transaction id = transaction();
        out.putShort((short) Layout.type(this)).putShort((short) 0).putInt(MAGIC_COOKIE);
        out.putLong(id.first()).putInt(id.last());
        switch (this) {
            case Request _ -> {}
            case Success success -> Layout.writeSeen(out, success.seen(), id);
            case Failure failure -> Layout.writeFailure(out, failure);
        }
        out.putShort(2, (short) (out.position() - HEADER_LENGTH));
        return Arrays.copyOf(out.array(), out.position());
    }

    /// The attributes of one message, of which these two are used.
    final class Attributes {
        private final List<Integer> unknown = new ArrayList<>();
        private @Nullable InetSocketAddress seen;
        private int code = 500;

        private Attributes() {}

        private InetSocketAddress seen() throws WireFormatException {
            if (seen == null) {
                throw new WireFormatException("stun: expected XOR-MAPPED-ADDRESS, got none");
            }
            return seen;
        }

        private static Attributes read(ByteBuffer in, Transaction transaction)
                throws WireFormatException {
            Attributes attributes = new Attributes();
            for (int i = 0; in.hasRemaining(); i++) {
                int type = Short.toUnsignedInt(in.getShort());
                int length = Short.toUnsignedInt(in.getShort());
                int padded = (length + 3) & ~3;
                if (i == ATTRIBUTES_MAX || padded > in.remaining()) {
                    throw new WireFormatException(
                            "stun: expected up to 32 whole attributes, got one of " + length);
                }
                attributes.take(type, in.slice(in.position(), length), transaction);
                in.position(in.position() + padded);
            }
            return attributes;
        }

        private void take(int type, ByteBuffer value, Transaction transaction)
                throws WireFormatException {
            if (type == Layout.XOR_MAPPED_ADDRESS) {
                seen = Layout.readSeen(value, transaction);
            } else if (type == Layout.ERROR_CODE && value.remaining() >= 4) {
                code = (value.get(2) & 7) * 100 + Byte.toUnsignedInt(value.get(3));
            } else if (type < 0x8000 && !Layout.KNOWN.contains(type)) {
                unknown.add(type);
            }
        }
    }

    /// Numbers and layouts of RFC 8489.
    final class Layout {
        private static final int REQUEST = 0x0001;
        private static final int SUCCESS = 0x0101;
        private static final int FAILURE = 0x0111;
        private static final int XOR_MAPPED_ADDRESS = 0x0020;
        private static final int ERROR_CODE = 0x0009;
        private static final int UNKNOWN_ATTRIBUTES = 0x000A;

        /// Understood, and not needed by a server that asks for no credentials.
        private static final Set<Integer> KNOWN =
                Set.of(0x0001, 0x0006, 0x0008, 0x0009, 0x000A, 0x0014, 0x0015, 0x001C, 0x001E);

        private Layout() {}

        private static int type(StunMessage message) {
            return switch (message) {
                case Request _ -> REQUEST;
                case Success _ -> SUCCESS;
                case Failure _ -> FAILURE;
            };
        }

        private static InetSocketAddress readSeen(ByteBuffer value, Transaction id)
                throws WireFormatException {
            int family = value.remaining() < 2 ? 0 : value.get(1);
            int expected = family == 1 ? 8 : 20;
            if ((family != 1 && family != 2) || value.remaining() != expected) {
                throw new WireFormatException(
                        "stun: expected XOR-MAPPED-ADDRESS of family 1 or 2, got "
                                + family
                                + " with "
                                + value.remaining()
                                + " bytes");
            }
            int port = Short.toUnsignedInt((short) (value.getShort(2) ^ (MAGIC_COOKIE >>> 16)));
            byte[] address = new byte[expected - 4];
            value.get(4, address);
            return new InetSocketAddress(Endpoints.address(mask(address, id)), port);
        }

        private static void writeSeen(ByteBuffer out, InetSocketAddress seen, Transaction id) {
            byte[] address = seen.getAddress().getAddress();
            out.putShort((short) XOR_MAPPED_ADDRESS).putShort((short) (address.length + 4));
            out.putShort((short) (address.length == 4 ? 1 : 2));
            out.putShort((short) (seen.getPort() ^ (MAGIC_COOKIE >>> 16)));
            out.put(mask(address, id));
        }

        private static void writeFailure(ByteBuffer out, Failure failure) {
            out.putShort((short) ERROR_CODE).putShort((short) 4).putShort((short) 0);
            out.put((byte) (failure.code() / 100)).put((byte) (failure.code() % 100));
            int count = Math.min(ATTRIBUTES_MAX, failure.unknown().size());
            if (count > 0) {
                out.putShort((short) UNKNOWN_ATTRIBUTES).putShort((short) (2 * count));
                failure.unknown().stream().limit(count).forEach(t -> out.putShort(t.shortValue()));
                if (count % 2 == 1) {
                    out.putShort((short) 0);
                }
            }
        }

        private static byte[] mask(byte[] address, Transaction id) {
            byte[] key =
                    ByteBuffer.allocate(16)
                            .putInt(MAGIC_COOKIE)
                            .putLong(id.first())
                            .putInt(id.last())
                            .array();
            byte[] masked = address.clone();
            for (int i = 0; i < masked.length; i++) {
                masked[i] ^= key[i];
            }
            return masked;
        }
    }
}
