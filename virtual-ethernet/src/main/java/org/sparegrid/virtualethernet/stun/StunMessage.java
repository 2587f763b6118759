// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.stun;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
    /// @param wish how a server with two ports is to answer; empty for any server
    /// @param unknown attributes that a server would have to understand, and we do not
    record Request(Transaction transaction, Optional<Wish> wish, List<Integer> unknown)
            implements StunMessage {
        public Request {
            unknown = List.copyOf(unknown);
        }

        /// A question for any server.
        public Request(Transaction transaction) {
            this(transaction, Optional.empty(), List.of());
        }
    }

    /// What RFC 5780 adds to a question.
    ///
    /// @param otherPort whether the server is to answer from its other port
    /// @param answerTo the port of the sender's address to answer to; 0 for that of the question
    /// @param paddingBytes zeros behind everything else, whole words
    record Wish(boolean otherPort, int answerTo, int paddingBytes) {
        /// The longest padding: with it the question fills the largest Ethernet frame in use.
        public static final int PADDING_MAX = 8_900;

        public Wish {
            if (answerTo >>> 16 != 0
                    || paddingBytes < 0
                    || paddingBytes > PADDING_MAX
                    || paddingBytes % 4 != 0) {
                throw new IllegalArgumentException("stun: port or padding is out of range");
            }
        }
    }

    /// The answer.
    ///
    /// @param seen whence the request came
    /// @param other where else the server answers; the address is zero if it is the same
    record Success(
            Transaction transaction, InetSocketAddress seen, Optional<InetSocketAddress> other)
            implements StunMessage {
        /// What a server with one port answers.
        public Success(Transaction transaction, InetSocketAddress seen) {
            this(transaction, seen, Optional.empty());
        }
    }

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

    /// What a server with one port answers that saw the request come from `from`.
    static StunMessage answer(Request request, InetSocketAddress from) {
        if (request.wish().isPresent()) {
            return new Failure(request.transaction(), UNKNOWN_ATTRIBUTE, List.of(Layout.CHANGE));
        }
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
            case Layout.REQUEST -> new Request(transaction, attributes.wish(), attributes.unknown);
            case Layout.SUCCESS ->
                    new Success(
                            transaction, attributes.seen(), Optional.ofNullable(attributes.other));
            case Layout.FAILURE -> new Failure(transaction, attributes.code, List.of());
            default ->
                    throw new WireFormatException(
                            "stun: expected a Binding message at offset 0, got " + type);
        };
    }

    /// The message as one datagram.
    default byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(Layout.LENGTH_MAX);
        Transaction id = transaction();
        out.putShort((short) Layout.type(this)).putShort((short) 0).putInt(MAGIC_COOKIE);
        out.putLong(id.first()).putInt(id.last());
        switch (this) {
            case Request request -> request.wish().ifPresent(wish -> Layout.writeWish(out, wish));
            case Success success -> {
                Layout.writeSeen(out, success.seen(), id);
                success.other().ifPresent(other -> Layout.writeOther(out, other));
            }
            case Failure failure -> Layout.writeFailure(out, failure);
        }
        out.putShort(2, (short) (out.position() - HEADER_LENGTH));
        return Arrays.copyOf(out.array(), out.position());
    }

    /// The attributes of one message, of which these two are used.
    final class Attributes {
        private final List<Integer> unknown = new ArrayList<>();
        private @Nullable InetSocketAddress seen;
        private @Nullable InetSocketAddress other;
        private int code = 500;
        private int change = -1;
        private int answerTo;
        private int padding;

        private Attributes() {}

        private InetSocketAddress seen() throws WireFormatException {
            if (seen == null) {
                throw new WireFormatException("stun: expected XOR-MAPPED-ADDRESS, got none");
            }
            return seen;
        }

        /// Only [CHANGE-REQUEST](https://www.rfc-editor.org/rfc/rfc5780#section-7.2) makes a wish.
        private Optional<Wish> wish() {
            return change < 0
                    ? Optional.empty()
                    : Optional.of(new Wish((change & 2) != 0, answerTo, padding));
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
            } else if (type == Layout.OTHER_ADDRESS) {
                other = Layout.readOther(value);
            } else if (type == Layout.CHANGE
                    && value.remaining() == 4
                    && value.getInt(0) >> 3 == 0) {
                change = value.getInt(0);
            } else if (type == Layout.ANSWER_TO && value.remaining() >= 2) {
                answerTo = Short.toUnsignedInt(value.getShort(0));
            } else if (type == Layout.PADDING) {
                padding = Math.min(Wish.PADDING_MAX, value.remaining() & ~3);
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

        /// RFC 5780, section 7: CHANGE-REQUEST, PADDING, RESPONSE-PORT and OTHER-ADDRESS.
        private static final int CHANGE = 0x0003;

        private static final int PADDING = 0x0026;
        private static final int ANSWER_TO = 0x0027;
        private static final int OTHER_ADDRESS = 0x802C;
        private static final int LENGTH_MAX =
                HEADER_LENGTH + 24 + 24 + 2 * ATTRIBUTES_MAX + 4 + Wish.PADDING_MAX;

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
            byte[] masked = readAddress(value, "XOR-MAPPED-ADDRESS");
            int port = Short.toUnsignedInt(value.getShort(2)) ^ (MAGIC_COOKIE >>> 16);
            return endpoint(mask(masked, id), port, "XOR-MAPPED-ADDRESS");
        }

        private static InetSocketAddress readOther(ByteBuffer value) throws WireFormatException {
            byte[] address = readAddress(value, "OTHER-ADDRESS");
            return endpoint(address, Short.toUnsignedInt(value.getShort(2)), "OTHER-ADDRESS");
        }

        /// The 4 or 16 bytes of an address, as they stand there.
        private static byte[] readAddress(ByteBuffer value, String name)
                throws WireFormatException {
            int family = value.remaining() < 2 ? 0 : value.get(1);
            int expected = family == 1 ? 8 : 20;
            if ((family != 1 && family != 2) || value.remaining() != expected) {
                throw new WireFormatException(
                        "stun: expected "
                                + name
                                + " of family 1 or 2, got "
                                + family
                                + " with "
                                + value.remaining()
                                + " bytes");
            }
            byte[] address = new byte[expected - 4];
            value.get(4, address);
            return address;
        }

        private static InetSocketAddress endpoint(byte[] address, int port, String name)
                throws WireFormatException {
            if (Endpoints.isMapped(address)) {
                throw new WireFormatException(
                        "stun: expected IPv4 in " + name + " as family 1, got it as family 2");
            }
            return new InetSocketAddress(Endpoints.address(address), port);
        }

        private static void writeSeen(ByteBuffer out, InetSocketAddress seen, Transaction id) {
            writeAddress(
                    out,
                    XOR_MAPPED_ADDRESS,
                    mask(seen.getAddress().getAddress(), id),
                    seen.getPort() ^ (MAGIC_COOKIE >>> 16));
        }

        private static void writeOther(ByteBuffer out, InetSocketAddress other) {
            writeAddress(out, OTHER_ADDRESS, other.getAddress().getAddress(), other.getPort());
        }

        private static void writeAddress(ByteBuffer out, int type, byte[] address, int port) {
            out.putShort((short) type).putShort((short) (address.length + 4));
            out.putShort((short) (address.length == 4 ? 1 : 2));
            out.putShort((short) port).put(address);
        }

        private static void writeWish(ByteBuffer out, Wish wish) {
            out.putShort((short) CHANGE).putShort((short) 4).putInt(wish.otherPort() ? 2 : 0);
            if (wish.answerTo() != 0) {
                out.putShort((short) ANSWER_TO).putShort((short) 4);
                out.putShort((short) wish.answerTo()).putShort((short) 0);
            }
            if (wish.paddingBytes() > 0) {
                out.putShort((short) PADDING).putShort((short) wish.paddingBytes());
                out.position(out.position() + wish.paddingBytes());
            }
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
