// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The block before each file of an archive. Only plain files are read and written.
///
/// ```text
///  offset  size  field
///       0   100  name
///     100     8  mode, octal
///     124    12  length, octal
///     148     8  sum of the block's bytes with spaces here, octal
///     156     1  type, 0
///     257     8  ustar, zero, 00
///     345   155  what precedes the name and a slash
/// ```
///
/// Source: POSIX.1-2017, pax, ustar interchange format.
record TarHeader(String name, long bytes, boolean program) {
    static final int BLOCK_BYTES = 512;

    private static final int NAME_BYTES = 100;
    private static final int PREFIX_BYTES = 155;
    private static final int SUM_AT = 148;

    byte[] toBytes() {
        byte[] block = new byte[BLOCK_BYTES];
        int cut =
                name.length() <= NAME_BYTES
                        ? -1
                        : name.indexOf('/', name.length() - NAME_BYTES - 1);
        put(block, 0, name.substring(cut + 1));
        put(block, 345, cut < 0 ? "" : name.substring(0, cut));
        put(block, 100, program ? "0000755" : "0000644");
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        put(block, 124, "%011o".formatted(bytes));
        put(block, 136, "%011o".formatted(0));
        block[156] = '0';
        put(block, 257, "ustar");
        put(block, 263, "00");
        put(block, SUM_AT, "%06o".formatted(sum(block)));
        block[SUM_AT + 7] = ' ';
        return block;
    }

    /// Reads the next one; empty at the archive's end.
    static Optional<TarHeader> read(InputStream in) throws IOException, ReleaseException {
        byte[] block = in.readNBytes(BLOCK_BYTES);
        if (block.length != BLOCK_BYTES) {
            throw new ReleaseException("release: the archive is cut off");
        }
        if (isZero(block)) {
            return Optional.empty();
        }
        if (!text(block, 257, 6).equals("ustar") || octal(block, SUM_AT, 8) != sum(block)) {
            throw new ReleaseException(
                    "release: expected a file of a tar archive, got other bytes");
        }
        if (block[156] != '0') {
            throw new ReleaseException(
                    "release: expected plain files, got one of type " + (char) block[156]);
        }
        String prefix = text(block, 345, PREFIX_BYTES);
        String name = text(block, 0, NAME_BYTES);
        return Optional.of(
                new TarHeader(
                        prefix.isEmpty() ? name : prefix + "/" + name,
                        octal(block, 124, 12),
                        (octal(block, 100, 8) & 0100) != 0));
    }

    /// How many bytes follow a file of this length up to the next block.
    static int padding(long bytes) {
        return (int) ((BLOCK_BYTES - bytes % BLOCK_BYTES) % BLOCK_BYTES);
    }

    static boolean isZero(byte[] block) {
        int all = 0;
        for (byte each : block) {
            all |= each;
        }
        return all == 0;
    }

    private static int sum(byte[] block) {
        int sum = 0;
        for (int i = 0; i < BLOCK_BYTES; i++) {
            sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : block[i] & 255;
        }
        return sum;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private static String text(byte[] block, int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.ISO_8859_1);
    }

    private static long octal(byte[] block, int at, int length) throws ReleaseException {
        String digits = text(block, at, length).strip();
        if (!digits.matches("[0-7]{1,11}")) {
            throw new ReleaseException("release: expected an octal number in the archive");
        }
        return Long.parseLong(digits, 8);
    }
}
