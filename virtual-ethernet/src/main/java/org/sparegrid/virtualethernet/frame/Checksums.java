// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

/// The Internet checksum. Source: RFC 1071.
public final class Checksums {
    private Checksums() {}

    /// The sum of the 16-bit words of `length` bytes, not yet folded.
    public static long sum(byte[] bytes, int offset, int length) {
        long sum = 0;
        int end = offset + (length & ~1);
        for (int i = offset; i < end; i += 2) {
            sum += Bytes.u16(bytes, i);
        }
        return (length & 1) == 0 ? sum : sum + (Bytes.u8(bytes, end) << 8);
    }

    /// The sum of what TCP and UDP add from the IPv4 header.
    public static long pseudoHeader(int source, int destination, int protocol, int length) {
        return (source >>> 16)
                + (source & 0xffffL)
                + (destination >>> 16)
                + (destination & 0xffffL)
                + protocol
                + length;
    }

    /// Folds a sum and inverts it: the value for the checksum field.
    public static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) ~folded & 0xffff;
    }

    /// The checksum of `length` bytes.
    public static int of(byte[] bytes, int offset, int length) {
        return fold(sum(bytes, offset, length));
    }
}
