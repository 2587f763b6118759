// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Some of the 24 platform configuration registers of one bank, TPMS_PCR_SELECTION.
///
/// ```text
///  offset  size  field
///       0     2  hash            the bank
///       2     1  sizeofSelect    3, or 4 with a last byte of 0
///       3     n  pcrSelect       bit i of byte j stands for register 8 j + i
/// ```
///
/// Source: TPM 2.0 library, part 2, section 10.6.
///
/// @param bank the hash of the registers
/// @param mask bit i stands for register i
public record PcrSelection(HashAlgorithm bank, int mask) {
    /// Registers of a PC's TPM.
    public static final int REGISTERS = 24;

    private static final int BANKS_MAX = 8; // a TPM has one per hash it implements

    /// Refuses registers that a PC's TPM does not have.
    public PcrSelection {
        if (mask >>> REGISTERS != 0) {
            throw new IllegalArgumentException(
                    "pcr selection: expected registers 0 to 23, got mask 0x"
                            + Integer.toHexString(mask));
        }
    }

    /// The registers with these numbers.
    public static PcrSelection of(HashAlgorithm bank, int... registers) {
        int mask = 0;
        for (int register : registers) {
            if (register < 0 || register >= REGISTERS) {
                throw new IllegalArgumentException(
                        "pcr selection: expected registers 0 to 23, got " + register);
            }
            mask |= 1 << register;
        }
        return new PcrSelection(bank, mask);
    }

    /// Whether `register` is among them.
    public boolean selects(int register) {
        return (mask >>> register & 1) == 1;
    }

    /// The numbers, rising.
    public List<Integer> registers() {
        return IntStream.range(0, REGISTERS).filter(this::selects).boxed().toList();
    }

    /// As a list of one selection, TPML_PCR_SELECTION.
    public byte[] toListBytes() {
        ByteWriter out = new ByteWriter().u32(1);
        write(out);
        return out.toBytes();
    }

    void write(ByteWriter out) {
        out.u16(bank.id()).u8(3).u8(mask).u8(mask >> 8).u8(mask >> 16);
    }

    /// Reads a list of selections, TPML_PCR_SELECTION.
    public static List<PcrSelection> parseList(ByteReader in) throws EvidenceFormatException {
        int at = in.offset();
        long count = in.u32();
        in.check(count <= BANKS_MAX, "at most " + BANKS_MAX + " banks", at, count);
        List<PcrSelection> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(read(in));
        }
        return List.copyOf(list);
    }

    private static PcrSelection read(ByteReader in) throws EvidenceFormatException {
        HashAlgorithm bank = HashAlgorithm.read(in);
        int at = in.offset();
        int size = in.u8();
        in.check(size == 3 || size == 4, "3 or 4 bytes of registers", at, size);
        int mask = in.u8() | in.u8() << 8 | in.u8() << 16;
        if (size == 4) {
            in.zeros(1);
        }
        return new PcrSelection(bank, mask);
    }

    /// For people: `sha256:0,7,11`.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(bank.name().toLowerCase(java.util.Locale.ROOT));
        char separator = ':';
        for (int register : registers()) {
            text.append(separator).append(register);
            separator = ',';
        }
        return text.toString();
    }
}
