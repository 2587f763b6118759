// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// A signature that a TPM made, TPMT_SIGNATURE.
///
/// ```text
///  size  field
///     2  sigAlg   0014 = RSASSA, 0018 = ECDSA
///     2  hash
///   2+n  sig      RSA: the signature; ECDSA: r, then 2+n bytes of s
/// ```
///
/// Source: TPM 2.0 library, part 2, section 11.3.4.
public sealed interface TpmSignature {
    /// RSASSA-PKCS1-v1_5.
    ///
    /// @param scheme the hash that was signed
    /// @param signature as long as the modulus
    record Rsa(Scheme.RsaSsa scheme, Octets signature) implements TpmSignature {}

    /// ECDSA.
    ///
    /// @param scheme the hash that was signed
    /// @param r first number, big-endian
    /// @param s second number, big-endian
    record Ecc(Scheme.EcDsa scheme, Octets r, Octets s) implements TpmSignature {}

    /// Longest signature: RSA of 4096 bits.
    int RSA_LENGTH_MAX = 512;

    /// Longest number of an ECDSA signature: P-384.
    int ECC_LENGTH_MAX = 48;

    /// The scheme and hash.
    Scheme scheme();

    /// Reads the one signature that fills `bytes`.
    ///
    /// @throws EvidenceFormatException if it is malformed, of an unknown scheme or over SHA-1
    static TpmSignature parse(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("signature", bytes);
        int algorithm = in.u16();
        in.check(
                algorithm == Scheme.RSASSA || algorithm == Scheme.ECDSA,
                "RSASSA or ECDSA",
                0,
                algorithm);
        HashAlgorithm hash = HashAlgorithm.read(in);
        in.check(hash != HashAlgorithm.SHA1, "a hash better than SHA-1", 2, hash.id());
        TpmSignature signature =
                algorithm == Scheme.RSASSA
                        ? new Rsa(new Scheme.RsaSsa(hash), number(in, RSA_LENGTH_MAX))
                        : new Ecc(
                                new Scheme.EcDsa(hash),
                                number(in, ECC_LENGTH_MAX),
                                number(in, ECC_LENGTH_MAX));
        in.end();
        return signature;
    }

    private static Octets number(ByteReader in, int lengthMax) throws EvidenceFormatException {
        int at = in.offset();
        byte[] number = in.sized16(lengthMax);
        in.check(number.length > 0, "a number", at, 0);
        return Octets.of(number);
    }

    /// The bytes that [#parse] reads.
    default byte[] toBytes() {
        ByteWriter out = new ByteWriter();
        scheme().write(out);
        switch (this) {
            case Rsa(Scheme.RsaSsa _, Octets signature) -> out.sized16(signature.toBytes());
            case Ecc(Scheme.EcDsa _, Octets r, Octets s) ->
                    out.sized16(r.toBytes()).sized16(s.toBytes());
        }
        return out.toBytes();
    }
}
