// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Reads the fields of a structure from its first byte to its last.
///
/// Every read checks what is left, and nothing is allocated before that, so a length in the bytes
/// costs no more memory than the bytes themselves. One thread uses a reader.
public final class ByteReader {
    private final String structure;
    private final ByteBuffer bytes;

    private ByteReader(String structure, ByteBuffer bytes) {
        this.structure = structure;
        this.bytes = bytes;
    }

    /// A reader of big-endian integers, as in the TPM's structures.
    ///
    /// @param structure what is read, the first word of every complaint
    /// @param bytes shared, not changed
    public static ByteReader bigEndian(String structure, byte[] bytes) {
        return new ByteReader(structure, ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN));
    }

    /// A reader of little-endian integers, as in event logs, SNP reports and TDX quotes.
    ///
    /// @param structure what is read, the first word of every complaint
    /// @param bytes shared, not changed
    public static ByteReader littleEndian(String structure, byte[] bytes) {
        return new ByteReader(structure, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /// Offset of the next byte.
    public int offset() {
        return bytes.position();
    }

    /// Number of bytes not read yet.
    public int remaining() {
        return bytes.remaining();
    }

    /// An unsigned byte.
    public int u8() throws EvidenceFormatException {
        need(1);
        return Byte.toUnsignedInt(bytes.get());
    }

    /// An unsigned integer of two bytes.
    public int u16() throws EvidenceFormatException {
        need(2);
        return Short.toUnsignedInt(bytes.getShort());
    }

    /// An unsigned integer of four bytes.
    public long u32() throws EvidenceFormatException {
        need(4);
        return Integer.toUnsignedLong(bytes.getInt());
    }

    /// All bits of an integer of eight bytes; a value from 2^63 up reads as negative.
    public long u64() throws EvidenceFormatException {
        need(8);
        return bytes.getLong();
    }

    /// The next `length` bytes, copied.
    public byte[] bytes(long length) throws EvidenceFormatException {
        need(length);
        byte[] copy = new byte[(int) length];
        bytes.get(copy);
        return copy;
    }

    /// Bytes behind a length of two bytes, as TPM2B structures have it.
    ///
    /// @param lengthMax a longer length is refused
    public byte[] sized16(int lengthMax) throws EvidenceFormatException {
        int at = offset();
        return atMost(lengthMax, u16(), at);
    }

    /// Bytes behind a length of four bytes.
    ///
    /// @param lengthMax a longer length is refused
    public byte[] sized32(int lengthMax) throws EvidenceFormatException {
        int at = offset();
        return atMost(lengthMax, u32(), at);
    }

    private byte[] atMost(int lengthMax, long length, int at) throws EvidenceFormatException {
        if (length > lengthMax) {
            throw malformed("at most " + lengthMax + " bytes", at, "0x" + Long.toHexString(length));
        }
        return bytes(length);
    }

    /// Passes over `length` bytes.
    public void skip(long length) throws EvidenceFormatException {
        need(length);
        bytes.position(bytes.position() + (int) length);
    }

    /// Passes over `length` bytes that have to be zero.
    public void zeros(int length) throws EvidenceFormatException {
        need(length);
        for (int i = 0; i < length; i++) {
            byte value = bytes.get();
            check(value == 0, "a reserved byte of 0", offset() - 1, Byte.toUnsignedInt(value));
        }
    }

    /// Checks that every byte has been read.
    public void end() throws EvidenceFormatException {
        if (bytes.hasRemaining()) {
            throw malformed("the end", offset(), bytes.remaining() + " more bytes");
        }
    }

    /// Refuses the structure unless `holds`; says what was expected, where, and the number found.
    public void check(boolean holds, String expected, int at, long found)
            throws EvidenceFormatException {
        if (!holds) {
            throw malformed(expected, at, "0x" + Long.toHexString(found));
        }
    }

    /// The complaint that something else than `expected` was found at an offset.
    public EvidenceFormatException malformed(String expected, int at, String found) {
        return new EvidenceFormatException(
                structure + ": expected " + expected + " at offset " + at + ", got " + found);
    }

    private void need(long length) throws EvidenceFormatException {
        if (length < 0 || length > bytes.remaining()) {
            throw malformed(length + " bytes", offset(), "only " + bytes.remaining());
        }
    }
}
