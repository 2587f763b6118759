// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

/// Big-endian integers in byte arrays.
public final class Bytes {
    private Bytes() {}

    /// The byte at `offset`, not negative.
    public static int u8(byte[] bytes, int offset) {
        return bytes[offset] & 0xff;
    }

    /// The two bytes at `offset`, not negative.
    public static int u16(byte[] bytes, int offset) {
        return (u8(bytes, offset) << 8) | u8(bytes, offset + 1);
    }

    /// The four bytes at `offset`.
    public static int i32(byte[] bytes, int offset) {
        return (u16(bytes, offset) << 16) | u16(bytes, offset + 2);
    }

    /// Sets the two bytes at `offset`.
    public static void put16(byte[] bytes, int offset, int value) {
        bytes[offset] = (byte) (value >>> 8);
        bytes[offset + 1] = (byte) value;
    }

    /// Sets the four bytes at `offset`.
    public static void put32(byte[] bytes, int offset, int value) {
        put16(bytes, offset, value >>> 16);
        put16(bytes, offset + 2, value);
    }
}
