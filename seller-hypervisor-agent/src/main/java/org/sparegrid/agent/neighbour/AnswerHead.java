// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.nio.ByteBuffer;
import org.sparegrid.imagetools.chunk.ChunkReference;

/// What an answer begins with; the chunk follows.
///
/// It has 5 bytes; integers are big-endian.
///
/// ```text
///  offset  size  field
///       0     1  answer  0 = here it is, 1 = not here, 2 = not now
///       1     4  length  of the chunk, 1 to 262144; 0 unless it is here
/// ```
///
/// Source: docs/protocol/chunk-exchange.md, section 4.
record AnswerHead(Kind kind, int lengthBytes) {
    static final int LENGTH_BYTES = 5;

    static final AnswerHead NOT_HERE = new AnswerHead(Kind.NOT_HERE, 0);

    static final AnswerHead NOT_NOW = new AnswerHead(Kind.NOT_NOW, 0);

    /// What is answered.
    enum Kind {
        HERE(0),
        NOT_HERE(1),
        /// Its owner doesn't allow it now, or it has too much to do.
        NOT_NOW(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        private static Kind of(int number) throws ExchangeFormatException {
            return switch (number) {
                case 0 -> HERE;
                case 1 -> NOT_HERE;
                case 2 -> NOT_NOW;
                default ->
                        throw new ExchangeFormatException(
                                "chunk answer: expected 0, 1 or 2 at offset 0, got " + number);
            };
        }
    }

    AnswerHead {
        boolean right =
                kind == Kind.HERE
                        ? lengthBytes >= 1 && lengthBytes <= ChunkReference.LENGTH_BYTES_MAX
                        : lengthBytes == 0;
        if (!right) {
            throw new IllegalArgumentException("chunk answer: length " + lengthBytes);
        }
    }

    /// @throws ExchangeFormatException if the length or any field is not as specified
    static AnswerHead parse(byte[] bytes) throws ExchangeFormatException {
        if (bytes.length != LENGTH_BYTES) {
            throw new ExchangeFormatException(
                    "chunk answer: expected " + LENGTH_BYTES + " bytes, got " + bytes.length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Kind kind = Kind.of(Byte.toUnsignedInt(in.get()));
        int length = in.getInt();
        try {
            return new AnswerHead(kind, length);
        } catch (IllegalArgumentException wrong) {
            throw new ExchangeFormatException(
                    "chunk answer: expected 1 to 262144 at offset 1, or 0 without a chunk, got "
                            + length);
        }
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(LENGTH_BYTES)
                .put((byte) kind.number)
                .putInt(lengthBytes)
                .array();
    }
}
