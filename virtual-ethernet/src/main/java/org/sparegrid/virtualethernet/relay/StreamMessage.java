// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Datagrams of a relay in one binary message of a WebSocket: before each its length in 2 bytes,
/// big-endian.
///
/// Source: docs/protocol/relay.md, section 4.
public final class StreamMessage {
    /// The longest message. Longer ones would delay what comes behind.
    public static final int LENGTH_MAX = 32_768;

    /// The longest datagram: a relay's header and the largest Ethernet frame in use, sealed.
    public static final int DATAGRAM_MAX = 9_216;

    private static final int PREFIX = 2;

    private StreamMessage() {}

    /// Takes as many datagrams from the front of `datagrams` as one message holds.
    public static byte[] join(java.util.Deque<byte[]> datagrams) {
        ByteBuffer out = ByteBuffer.allocate(LENGTH_MAX);
        byte[] next = datagrams.peek();
        while (next != null && out.remaining() >= PREFIX + next.length) {
            out.putShort((short) next.length).put(next);
            datagrams.remove();
            next = datagrams.peek();
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /// Takes a message apart.
    ///
    /// @throws WireFormatException if it holds anything but whole datagrams
    public static List<byte[]> divide(byte[] message) throws WireFormatException {
        if (message.length > LENGTH_MAX) {
            throw new WireFormatException(
                    "stream: expected up to 32768 bytes, got " + message.length);
        }
        List<byte[]> datagrams = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(message);
        while (in.hasRemaining()) {
            int length = in.remaining() < PREFIX ? 0 : Short.toUnsignedInt(in.getShort());
            if (length == 0 || length > DATAGRAM_MAX || length > in.remaining()) {
                throw new WireFormatException(
                        "stream: expected whole datagrams of 1 to 9216 bytes, got one of "
                                + length
                                + " before byte "
                                + in.position());
            }
            byte[] datagram = new byte[length];
            in.get(datagram);
            datagrams.add(datagram);
        }
        return datagrams;
    }
}
