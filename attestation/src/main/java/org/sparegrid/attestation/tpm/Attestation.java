// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.util.List;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What a TPM says of itself in a quote, TPMS_ATTEST of type quote.
///
/// ```text
///  size  field
///     4  magic            ff544347: only the TPM itself begins a structure with it
///     2  type             8018 = quote
///   2+n  qualifiedSigner  qualified name of the signing key
///   2+n  extraData        what the asker gave, at most 64 bytes
///    17  clockInfo
///     8  firmwareVersion
///     n  pcrSelect        list of selections
///   2+n  pcrDigest        digest of the selected registers' values
/// ```
///
/// Source: TPM 2.0 library, part 2, section 10.12.12.
///
/// @param qualifiedSigner qualified name of the key that signed
/// @param extraData what the asker wanted to be signed
/// @param clock the TPM's clock
/// @param firmwareVersion as its vendor counts
/// @param selections the registers that went into the digest
/// @param pcrDigest digest of their values
public record Attestation(
        Octets qualifiedSigner,
        Octets extraData,
        ClockInfo clock,
        long firmwareVersion,
        List<PcrSelection> selections,
        Octets pcrDigest) {
    /// The first four bytes of all that a TPM signs of itself.
    public static final long MAGIC = 0xff54_4347L;

    /// The type of a quote.
    public static final int TYPE_QUOTE = 0x8018;

    /// Longest quote: names, extra data and digest of SHA-512 and eight banks.
    public static final int LENGTH_MAX = 320;

    private static final int NAME_LENGTH_MAX = 66;
    private static final int DIGEST_LENGTH_MAX = 64;

    /// Copies the list.
    public Attestation {
        selections = List.copyOf(selections);
    }

    /// Reads the one quote that fills `bytes`.
    ///
    /// @throws EvidenceFormatException if it is malformed, not a TPM's own or not a quote
    public static Attestation parse(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("quote", bytes);
        in.check(bytes.length <= LENGTH_MAX, "at most " + LENGTH_MAX + " bytes", 0, bytes.length);
        long magic = in.u32();
        in.check(magic == MAGIC, "the TPM's magic", 0, magic);
        int type = in.u16();
        in.check(type == TYPE_QUOTE, "a quote", 4, type);
        Attestation attestation =
                new Attestation(
                        Octets.of(in.sized16(NAME_LENGTH_MAX)),
                        Octets.of(in.sized16(DIGEST_LENGTH_MAX)),
                        ClockInfo.read(in),
                        in.u64(),
                        PcrSelection.parseList(in),
                        Octets.of(in.sized16(DIGEST_LENGTH_MAX)));
        in.end();
        return attestation;
    }

    /// The bytes that [#parse] reads, selections with three bytes of registers.
    public byte[] toBytes() {
        ByteWriter out = new ByteWriter().u32(MAGIC).u16(TYPE_QUOTE);
        out.sized16(qualifiedSigner.toBytes()).sized16(extraData.toBytes());
        clock.write(out);
        out.u64(firmwareVersion).u32(selections.size());
        selections.forEach(selection -> selection.write(out));
        return out.sized16(pcrDigest.toBytes()).toBytes();
    }
}
