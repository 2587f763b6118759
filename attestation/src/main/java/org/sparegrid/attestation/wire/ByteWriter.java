// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.wire;

import java.io.ByteArrayOutputStream;

/// Writes the fields of a structure one after the other; integers are big-endian.
public final class ByteWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /// Begins with no bytes.
    public ByteWriter() {}

    /// Appends the low byte of `value`.
    public ByteWriter u8(int value) {
        out.write(value);
        return this;
    }

    /// Appends the low two bytes of `value`.
    public ByteWriter u16(int value) {
        return u8(value >> 8).u8(value);
    }

    /// Appends the low four bytes of `value`.
    public ByteWriter u32(long value) {
        return u16((int) (value >> 16)).u16((int) value);
    }

    /// Appends `value`.
    public ByteWriter u64(long value) {
        return u32(value >> 32).u32(value);
    }

    /// Appends bytes as they are.
    public ByteWriter bytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /// Appends bytes behind their length in two bytes.
    public ByteWriter sized16(byte[] bytes) {
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException(
                    "length: expected at most 65535, got " + bytes.length);
        }
        return u16(bytes.length).bytes(bytes);
    }

    /// Appends bytes behind their length in four bytes.
    public ByteWriter sized32(byte[] bytes) {
        return u32(bytes.length).bytes(bytes);
    }

    /// All bytes written so far.
    public byte[] toBytes() {
        return out.toByteArray();
    }
}
