// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// The registers, properties and persistent memory of a TPM.
///
/// Source: TPM 2.0 library, part 3, chapters 22, 30 and 31.
public final class TpmState {
    private static final int CAPABILITY_HANDLES = 1;
    private static final int CAPABILITY_PCRS = 5;
    private static final int CAPABILITY_PROPERTIES = 6;
    private static final long PROPERTY_MANUFACTURER = 0x105;
    private static final long PROPERTY_FIRMWARE_1 = 0x10b;
    private static final long PROPERTY_FIRMWARE_2 = 0x10c;
    private static final int VALUES_MAX = 8; // in one response
    private static final int READS_MAX = 16; // while the registers keep changing
    private static final int NV_PIECE_LENGTH = 512; // what every TPM gives at once
    private static final int HANDLES_MAX = 254; // what a TPM gives at once

    private final CommandChannel channel;

    TpmState(CommandChannel channel) {
        this.channel = channel;
    }

    /// The maker's registered four letters, without spaces or zeros behind them.
    public String manufacturer() throws IOException {
        byte[] letters = new ByteWriter().u32(property(PROPERTY_MANUFACTURER)).toBytes();
        return new String(letters, StandardCharsets.US_ASCII).replace('\0', ' ').strip();
    }

    /// Version of the TPM's firmware, as its maker counts.
    public long firmwareVersion() throws IOException {
        return property(PROPERTY_FIRMWARE_1) << 32 | property(PROPERTY_FIRMWARE_2);
    }

    private long property(long property) throws IOException {
        ByteReader in = capability(CAPABILITY_PROPERTIES, property, 1);
        return Tpm.read(() -> {
            int at = in.offset();
            long count = in.u32();
            in.check(count == 1, "one property", at, count);
            long found = in.u32();
            in.check(found == property, "the property that was asked for", at + 4, found);
            return in.u32();
        });
    }

    private ByteReader capability(int capability, long first, int count) throws IOException {
        ByteReader in =
                channel.send(
                        CommandCode.GET_CAPABILITY,
                        new ByteWriter().u32(capability).u32(first).u32(count).toBytes());
        return Tpm.read(() -> {
            in.skip(1); // whether there is more
            int at = in.offset();
            long found = in.u32();
            in.check(found == capability, "the capability that was asked for", at, found);
            return in;
        });
    }

    /// The banks in which registers are kept, of the hashes that this library computes.
    public Set<HashAlgorithm> banks() throws IOException {
        ByteReader in = capability(CAPABILITY_PCRS, 0, 1);
        return Tpm.read(() -> {
            Set<HashAlgorithm> banks = EnumSet.noneOf(HashAlgorithm.class);
            long count = in.u32();
            for (long i = 0; i < count; i++) {
                int hash = in.u16();
                byte[] registers = in.bytes(in.u8());
                if (!Octets.of(registers).equals(Octets.repeated(0, registers.length))) {
                    HashAlgorithm.of(hash).ifPresent(banks::add);
                }
            }
            return banks;
        });
    }

    /// What lies under handles from `first` on, such as indices of the memory.
    public List<Long> handlesFrom(long first) throws IOException {
        ByteReader in = capability(CAPABILITY_HANDLES, first, HANDLES_MAX);
        return Tpm.read(() -> {
            List<Long> handles = new ArrayList<>();
            for (long left = in.u32(); left > 0; left--) {
                handles.add(in.u32());
            }
            return List.copyOf(handles);
        });
    }

    /// The values of registers at one moment.
    ///
    /// @throws IOException also if the registers keep changing or the TPM lacks one of them
    public PcrValues read(PcrSelection selection) throws IOException {
        SortedMap<Integer, Octets> values = new TreeMap<>();
        long counter = -1;
        for (int reads = 0; reads < READS_MAX; reads++) {
            int missing = selection.mask();
            for (int register : values.keySet()) {
                missing &= ~(1 << register);
            }
            if (missing == 0) {
                return new PcrValues(selection.bank(), values);
            }
            ByteReader in =
                    channel.send(
                            CommandCode.PCR_READ,
                            new PcrSelection(selection.bank(), missing).toListBytes());
            long now = Tpm.read(in::u32);
            if (now != counter) {
                values.clear();
                counter = now;
            }
            addValues(in, selection, values);
        }
        throw new IOException("TPM registers " + selection + " cannot be read at one moment");
    }

    private static void addValues(
            ByteReader in, PcrSelection wanted, SortedMap<Integer, Octets> values)
            throws IOException {
        try {
            int at = in.offset();
            List<PcrSelection> selections = PcrSelection.parseList(in);
            long count = in.u32();
            in.check(
                    selections.size() == 1 && selections.getFirst().bank() == wanted.bank(),
                    "the bank that was asked for",
                    at,
                    selections.size());
            List<Integer> registers = selections.getFirst().registers();
            in.check(
                    count == registers.size() && count <= VALUES_MAX,
                    registers.size() + " values",
                    at,
                    count);
            for (int register : registers) {
                byte[] value = in.sized16(wanted.bank().lengthBytes());
                in.check(
                        value.length == wanted.bank().lengthBytes() && wanted.selects(register),
                        "a value of the bank",
                        in.offset(),
                        value.length);
                values.put(register, Octets.of(value));
            }
            in.end();
        } catch (EvidenceFormatException malformed) {
            throw new IOException("TPM gave a malformed response", malformed);
        }
    }

    /// Extends a register of one bank: its value becomes the hash of the old one and the digest.
    public void extend(int register, HashAlgorithm bank, Octets digest) throws IOException {
        if (digest.length() != bank.lengthBytes()) {
            throw new IllegalArgumentException(
                    "digest: expected " + bank.lengthBytes() + " bytes, got " + digest.length());
        }
        channel.send(
                CommandCode.PCR_EXTEND,
                List.of(NamedHandle.of(register)),
                List.of(new Authorization.EmptyPassword()),
                new ByteWriter().u32(1).u16(bank.id()).bytes(digest.toBytes()).toBytes(),
                0);
    }

    /// Sets a register to zero, which a TPM of a PC allows for 16 and 23 alone.
    public void reset(int register) throws IOException {
        channel.send(
                CommandCode.PCR_RESET,
                List.of(NamedHandle.of(register)),
                List.of(new Authorization.EmptyPassword()),
                new byte[0],
                0);
    }

    /// What lies at an index of the memory that its owner may read without a password, such as a
    /// certificate.
    ///
    /// @return empty if there is nothing
    public Optional<byte[]> readMemory(long index) throws IOException {
        ByteReader in;
        try {
            in = channel.send(CommandCode.NV_READ_PUBLIC, new ByteWriter().u32(index).toBytes());
        } catch (TpmException refused) {
            if (refused.nothingThere()) {
                return Optional.empty();
            }
            throw refused;
        }
        ByteReader area = Tpm.read(() -> ByteReader.bigEndian("NV area", in.sized16(200)));
        int length =
                Tpm.read(() -> {
                    area.skip(4 + 2 + 4); // index, hash, attributes
                    area.sized16(HashAlgorithm.SHA512.lengthBytes()); // policy
                    return area.u16();
                });
        Octets name = Tpm.read(() -> Octets.of(in.sized16(66)));
        return Optional.of(readMemory(new NamedHandle(index, name), length));
    }

    private byte[] readMemory(NamedHandle index, int length) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        while (content.size() < length) {
            int piece = Math.min(NV_PIECE_LENGTH, length - content.size());
            ByteReader in =
                    channel.send(
                            CommandCode.NV_READ,
                            List.of(index, index),
                            List.of(new Authorization.EmptyPassword()),
                            new ByteWriter().u16(piece).u16(content.size()).toBytes(),
                            0);
            byte[] read = Tpm.read(() -> in.sized16(NV_PIECE_LENGTH));
            if (read.length != piece) {
                throw new IOException(
                        "TPM memory: expected " + piece + " bytes, got " + read.length);
            }
            content.writeBytes(read);
        }
        return content.toByteArray();
    }
}
