// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// A piece of a guest's memory of fixed length, which the guest changes at any time.
///
/// Every access is checked against the piece. Numbers are read once, little-endian, and at offsets
/// that their size divides.
public final class SharedArea {
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment segment;

    SharedArea(MemorySegment segment) {
        this.segment = segment;
    }

    /// Reads 16 bits; what the guest wrote before them is seen afterwards.
    public int get16(long offset) {
        return Short.toUnsignedInt((short) SHORT.getAcquire(segment, offset));
    }

    /// Writes 16 bits; who sees them sees what was written before.
    public void put16(long offset, int value) {
        SHORT.setRelease(segment, offset, (short) value);
    }

    /// Writes 32 bits.
    public void put32(long offset, int value) {
        INT.setOpaque(segment, offset, value);
    }

    /// Copies bytes into memory that only we can change.
    public void copy(long offset, byte[] into, int at, int lengthBytes) {
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, into, at, lengthBytes);
    }
}
