// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// The messages of NAT-PMP, the forerunner of the Port Control Protocol.
///
/// Source: RFC 6886, section 3.
final class NatPmpMessage {
    private static final int ADDRESS_LENGTH = 12;
    private static final int MAPPING_LENGTH = 16;
    private static final int MAP_UDP = 1;
    private static final int ANSWER = 0x80;

    private NatPmpMessage() {}

    /// The router's answer about a mapping.
    ///
    /// @param externalPort 0 if the mapping is gone
    record Mapped(int externalPort, long lifetimeSeconds) {}

    /// Asks for the router's outer address.
    static byte[] addressRequest() {
        return new byte[2];
    }

    /// Asks for a mapping, or with a lifetime of 0 for its end.
    static byte[] mapRequest(int ownPort, int wantedPort, long lifetimeSeconds) {
        return ByteBuffer.allocate(ADDRESS_LENGTH)
                .put((byte) 0)
                .put((byte) MAP_UDP)
                .putShort((short) 0)
                .putShort((short) ownPort)
                .putShort((short) wantedPort)
                .putInt((int) lifetimeSeconds)
                .array();
    }

    /// The router's outer address.
    static InetAddress parseAddress(byte[] message)
            throws WireFormatException, MappingRefusedException {
        check(message, 0, ADDRESS_LENGTH);
        return Endpoints.address(Arrays.copyOfRange(message, 8, ADDRESS_LENGTH));
    }

    /// The answer to [#mapRequest] for `ownPort`.
    static Mapped parseMapped(byte[] message, int ownPort)
            throws WireFormatException, MappingRefusedException {
        check(message, MAP_UDP, MAPPING_LENGTH);
        ByteBuffer in = ByteBuffer.wrap(message, 8, 8);
        int port = Short.toUnsignedInt(in.getShort());
        if (port != ownPort) {
            throw new WireFormatException(
                    "nat-pmp: expected an answer for port " + ownPort + ", got " + port);
        }
        return new Mapped(Short.toUnsignedInt(in.getShort()), Integer.toUnsignedLong(in.getInt()));
    }

    /// A refusal may be cut after its code.
    private static void check(byte[] message, int operation, int length)
            throws WireFormatException, MappingRefusedException {
        if (message.length < 8 || message[0] != 0 || message[1] != (byte) (ANSWER | operation)) {
            throw new WireFormatException(
                    "nat-pmp: expected an answer to " + operation + ", got " + message.length);
        }
        int code = Short.toUnsignedInt(ByteBuffer.wrap(message).getShort(2));
        if (code != 0) {
            throw new MappingRefusedException("NAT-PMP: the router " + reason(code));
        }
        if (message.length != length) {
            throw new WireFormatException(
                    "nat-pmp: expected " + length + " bytes, got " + message.length);
        }
    }

    /// Source: RFC 6886, section 3.5.
    private static String reason(int code) {
        return switch (code) {
            case 1 -> "does not speak version 0";
            case 2 -> "is not allowed to map ports";
            case 3 -> "has no connection to the Internet";
            case 4 -> "has no port left";
            case 5 -> "does not know the request";
            default -> "answers with code " + code;
        };
    }
}
