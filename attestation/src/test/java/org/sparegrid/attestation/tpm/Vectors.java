// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What tpm2-tools made, see the README beside the files.
public final class Vectors {
    /// What all quotes were made for.
    public static final Octets NONCE = Octets.ofHex("000102030405060708090a0b0c0d0e0f");

    /// The registers that most quotes cover.
    public static final PcrSelection REGISTERS =
            PcrSelection.of(HashAlgorithm.SHA256, 0, 7, 11, 15);

    private Vectors() {}

    /// A file of the vectors.
    public static byte[] file(String name) {
        try (InputStream in = Vectors.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// The bytes of a public area.
    public static byte[] areaBytes(String name) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian(name, file(name));
        byte[] area = in.sized16(PublicArea.LENGTH_MAX);
        in.end();
        return area;
    }

    /// A public area.
    public static PublicArea area(String name) throws EvidenceFormatException {
        return PublicArea.parse(areaBytes(name));
    }

    /// A quote or other structure with its signature.
    public static SignedQuote signed(String name) {
        return new SignedQuote(Octets.of(file(name + ".msg")), Octets.of(file(name + ".sig")));
    }

    /// The values of [#REGISTERS] that most quotes are of.
    public static PcrValues values() {
        byte[] all = file("registers.values");
        SortedMap<Integer, Octets> values = new TreeMap<>();
        for (int register : REGISTERS.registers()) {
            int at = values.size() * 32;
            values.put(register, Octets.of(Arrays.copyOfRange(all, at, at + 32)));
        }
        return new PcrValues(HashAlgorithm.SHA256, values);
    }
}
