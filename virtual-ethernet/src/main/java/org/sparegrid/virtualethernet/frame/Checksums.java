// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

/// The Internet checksum. Source: RFC 1071.
public final class Checksums {
    private Checksums() {}

    /// The sum of the 16-bit words of `length` bytes, not yet folded: at most 2^47, because eight
    /// bytes at a time are added as two words of 32 bits, which is the same modulo 65,535.
    public static long sum(byte[] bytes, int offset, int length) {
        long sum = 0;
        int at = offset;
        int end = offset + length;
        for (; at + 8 <= end; at += 8) {
            long word = Bytes.i64(bytes, at);
            sum += (word >>> 32) + (word & 0xffff_ffffL);
        }
        for (; at + 2 <= end; at += 2) {
            sum += Bytes.u16(bytes, at);
        }
        return at == end ? sum : sum + (Bytes.u8(bytes, at) << 8);
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
