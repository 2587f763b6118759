// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// The two MAP messages of the Port Control Protocol.
///
/// Source: RFC 6887, sections 7 and 11.
final class PcpMessage {
    static final int VERSION = 2;

    /// The server speaks another version, or only NAT-PMP.
    static final int UNSUPPORTED_VERSION = 1;

    /// Bytes of a request, and of an answer without options.
    static final int LENGTH = 60;

    /// Bytes of the header, to which a server that refuses may cut its answer.
    static final int HEADER_LENGTH = 24;

    /// What a NAT-PMP server answers to a version that it does not know. Source: RFC 6887, appendix
    /// A.
    private static final int NAT_PMP_REFUSAL_LENGTH = 8;

    static final int NONCE_LENGTH = 12;

    /// The longest message of the protocol.
    static final int LENGTH_MAX = 1100;

    private static final int MAP = 1;
    private static final int ANSWER = 0x80;
    private static final int UDP = 17;

    private PcpMessage() {}

    /// What the router answers.
    ///
    /// @param code 0 if the port is mapped
    /// @param lifetimeSeconds of the mapping, or of the refusal
    /// @param external the mapped address; without meaning if the code is not 0
    record Answer(int code, long lifetimeSeconds, InetSocketAddress external) {}

    /// Asks for a mapping, or with a lifetime of 0 for its end.
    static byte[] request(
            InetAddress own, byte[] nonce, int ownPort, int wantedPort, long lifetimeSeconds) {
        ByteBuffer out = ByteBuffer.allocate(LENGTH);
        out.put((byte) VERSION).put((byte) MAP).putShort((short) 0);
        out.putInt((int) lifetimeSeconds);
        writeAddress(out, own);
        out.put(nonce, 0, NONCE_LENGTH).put((byte) UDP).put(new byte[3]);
        out.putShort((short) ownPort).putShort((short) wantedPort);
        writeAddress(out, InetAddress.ofLiteral("0.0.0.0"));
        return out.array();
    }

    /// Reads the answer to a request with this nonce and port.
    ///
    /// @throws WireFormatException if it is no answer, or one to another request
    static Answer parse(byte[] message, byte[] nonce, int ownPort) throws WireFormatException {
        InetSocketAddress none = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0);
        if (message.length == NAT_PMP_REFUSAL_LENGTH && message[0] == 0) {
            return new Answer(UNSUPPORTED_VERSION, 0, none);
        }
        if (message.length < HEADER_LENGTH
                || message.length > LENGTH_MAX
                || message.length % 4 != 0
                || message[1] != (byte) (ANSWER | MAP)) {
            throw new WireFormatException(
                    "pcp: expected an answer to MAP of 24 to 1100 bytes, got " + message.length);
        }
        ByteBuffer in = ByteBuffer.wrap(message);
        int version = in.get();
        in.position(3);
        int code = Byte.toUnsignedInt(in.get());
        long lifetime = Integer.toUnsignedLong(in.getInt());
        if (code != 0) {
            return new Answer(code, lifetime, none);
        }
        if (version != VERSION || message.length < LENGTH) {
            throw new WireFormatException(
                    "pcp: expected version 2 and 60 bytes, got version " + version);
        }
        in.position(HEADER_LENGTH);
        byte[] answered = new byte[NONCE_LENGTH];
        in.get(answered);
        int protocol = in.get();
        in.position(in.position() + 3);
        int port = Short.toUnsignedInt(in.getShort());
        int externalPort = Short.toUnsignedInt(in.getShort());
        byte[] address = new byte[16];
        in.get(address);
        if (!Arrays.equals(answered, nonce) || protocol != UDP || port != ownPort) {
            throw new WireFormatException("pcp: the answer is to another request");
        }
        return new Answer(
                0, lifetime, new InetSocketAddress(Endpoints.address(address), externalPort));
    }

    private static void writeAddress(ByteBuffer out, InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            out.putLong(0).putShort((short) 0).putShort((short) 0xffff);
        }
        out.put(bytes);
    }
}
