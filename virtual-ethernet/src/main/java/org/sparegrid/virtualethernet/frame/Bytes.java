// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Big-endian integers in byte arrays.
public final class Bytes {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    /// The byte at `offset`, not negative.
    public static int u8(byte[] bytes, int offset) {
        return bytes[offset] & 0xff;
    }

    /// The two bytes at `offset`, not negative.
    public static int u16(byte[] bytes, int offset) {
        return (short) SHORT.get(bytes, offset) & 0xffff;
    }

    /// The four bytes at `offset`.
    public static int i32(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset);
    }

    /// The eight bytes at `offset`.
    public static long i64(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset);
    }

    /// Sets the two bytes at `offset`.
    public static void put16(byte[] bytes, int offset, int value) {
        SHORT.set(bytes, offset, (short) value);
    }

    /// Sets the four bytes at `offset`.
    public static void put32(byte[] bytes, int offset, int value) {
        INT.set(bytes, offset, value);
    }
}
