// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// One file of a market's record, and its first bytes. Integers are big-endian.
///
/// ```text
///  offset  size  field
///       0     8  magic     SGMARKET
///       8     2  version   1
///      10     2  flags     1 = the book is empty here, 2 = it goes on where the file before ended
///      12     8  number    of the file, from 1 on
///      20     8  begun     milliseconds since 1970
///      28     4  checksum  CRC-32C of what is before
/// ```
///
/// Behind it are frames: a length, the CRC-32C of the body, and the body, which is an event.
///
/// Source: docs/decisions/0022-market-record.md.
///
/// @param number one more than that of the file before
/// @param begun when its first event may have been
/// @param empty whether no ask was in the book then
/// @param follows whether nothing was lost between the file before and this one
record Segment(long number, Instant begun, boolean empty, boolean follows) {
    static final int LENGTH = 32;

    /// The longest body. An order that excludes every ask of the fullest market has 4 MB.
    static final int BODY_MAX = 16 << 20;

    private static final byte[] MAGIC = "SGMARKET".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int EMPTY = 1;
    private static final int FOLLOWS = 2;

    byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(LENGTH);
        out.put(MAGIC)
                .putShort((short) VERSION)
                .putShort((short) ((empty ? EMPTY : 0) | (follows ? FOLLOWS : 0)))
                .putLong(number)
                .putLong(begun.toEpochMilli());
        return out.putInt(checksum(out.array())).array();
    }

    /// Reads the first bytes of a file.
    ///
    /// @throws RecordFormatException if they aren't those of a record of this version
    static Segment parse(byte[] bytes) throws RecordFormatException {
        if (bytes.length < LENGTH) {
            throw new RecordFormatException(
                    "it ends within its first " + LENGTH + " bytes, after " + bytes.length);
        }
        if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new RecordFormatException("it is no record of a market");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).position(MAGIC.length);
        int version = Short.toUnsignedInt(in.getShort());
        if (version != VERSION) {
            throw new RecordFormatException(
                    "it has version "
                            + version
                            + ", this program reads version "
                            + VERSION
                            + "; use the program that wrote it");
        }
        int flags = in.getShort();
        long number = in.getLong();
        Instant begun = Instant.ofEpochMilli(in.getLong());
        if (in.getInt() != checksum(bytes) || (flags & ~(EMPTY | FOLLOWS)) != 0) {
            throw new RecordFormatException("its first bytes were changed");
        }
        return new Segment(number, begun, (flags & EMPTY) != 0, (flags & FOLLOWS) != 0);
    }

    private static int checksum(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, LENGTH - 4);
        return (int) sum.getValue();
    }
}
