// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.protocol.ImageId;

/// Asks a neighbour for a chunk of an image.
///
/// It has 68 bytes; integers are big-endian.
///
/// ```text
///  offset  size  field
///       0     1  version   1
///       1     1  reserved  0
///       2     2  wait      milliseconds in which it may be fetched, 0 to 10000; 0: only if it is here
///       4    32  image     SHA-256 of the signed manifest
///      36    32  chunk     SHA-256 of the chunk
/// ```
///
/// Source: docs/protocol/chunk-exchange.md, section 4.
///
/// @param waitMillis for how long the neighbour may fetch it meanwhile
record ChunkRequest(int waitMillis, ImageId image, Sha256Digest chunk) {
    static final int LENGTH_BYTES = 68;

    /// A thin line moves a chunk in less.
    static final int WAIT_MILLIS_MAX = 10_000;

    private static final int VERSION = 1;

    private static final HexFormat HEX = HexFormat.of();

    ChunkRequest {
        if (waitMillis < 0 || waitMillis > WAIT_MILLIS_MAX) {
            throw new IllegalArgumentException("chunk request: wait is out of range");
        }
    }

    /// Reads the request that `bytes` are.
    ///
    /// @throws ExchangeFormatException if the length or any field is not as specified
    static ChunkRequest parse(byte[] bytes) throws ExchangeFormatException {
        if (bytes.length != LENGTH_BYTES) {
            throw new ExchangeFormatException(
                    "chunk request: expected " + LENGTH_BYTES + " bytes, got " + bytes.length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int version = Byte.toUnsignedInt(in.get());
        if (version != VERSION) {
            throw new ExchangeFormatException(
                    "chunk request: expected version 1 at offset 0, got " + version);
        }
        int reserved = Byte.toUnsignedInt(in.get());
        if (reserved != 0) {
            throw new ExchangeFormatException(
                    "chunk request: expected 0 at offset 1, got " + reserved);
        }
        int waitMillis = Short.toUnsignedInt(in.getShort());
        if (waitMillis > WAIT_MILLIS_MAX) {
            throw new ExchangeFormatException(
                    "chunk request: expected at most 10000 ms at offset 2, got " + waitMillis);
        }
        byte[] image = new byte[Sha256Digest.LENGTH_BYTES];
        byte[] chunk = new byte[Sha256Digest.LENGTH_BYTES];
        in.get(image).get(chunk);
        return new ChunkRequest(
                waitMillis, new ImageId(HEX.formatHex(image)), Sha256Digest.of(chunk));
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(LENGTH_BYTES)
                .put((byte) VERSION)
                .put((byte) 0)
                .putShort((short) waitMillis)
                .put(HEX.parseHex(image.value()))
                .put(chunk.toBytes())
                .array();
    }
}
