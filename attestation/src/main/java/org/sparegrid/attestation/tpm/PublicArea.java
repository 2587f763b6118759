// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// The public part of a key in a TPM, TPMT_PUBLIC, or the template to make one from.
///
/// ```text
///  size  field
///     2  type           0001 = RSA, 0023 = ECC
///     2  nameAlg        hash of the name and of the policy
///     4  attributes
///   2+n  authPolicy     empty, or as long as a digest of nameAlg
///     2  symmetric      0010 = none, or 0006 = AES, then keyBits (2) and mode 0043 = CFB (2)
///     2  scheme         0010 = none, or a signature scheme, then its hash (2)
///     n  parameters     RSA: bits (2), exponent (4); ECC: curve (2), kdf 0010 (2)
///   2+n  unique         RSA: modulus; ECC: x, then 2+n bytes of y
/// ```
///
/// Keys of other kinds are refused: no evidence of ours holds one.
///
/// Source: TPM 2.0 library, part 2, section 12.2.4.
///
/// @param nameAlgorithm the hash of the name and of the policy
/// @param attributes what the TPM lets be done with the key
/// @param authPolicy digest of the policy, or empty
/// @param aesKeyBits strength of the AES that protects children and secrets, 0 for a key without
/// @param scheme how the key signs
/// @param material the public numbers
public record PublicArea(
        HashAlgorithm nameAlgorithm,
        ObjectAttributes attributes,
        Octets authPolicy,
        int aesKeyBits,
        Scheme scheme,
        KeyMaterial material) {
    /// Longest public area: an RSA key of 4096 bits with a policy of SHA-512.
    public static final int LENGTH_MAX = 700;

    private static final int AES = 0x0006;
    private static final int CFB = 0x0043;

    /// Refuses a policy of another length than its hash.
    public PublicArea {
        if (authPolicy.length() != 0 && authPolicy.length() != nameAlgorithm.lengthBytes()) {
            throw new IllegalArgumentException(
                    "public area: expected a policy of "
                            + nameAlgorithm.lengthBytes()
                            + " bytes, got "
                            + authPolicy.length());
        }
    }

    /// Reads the one public area that fills `bytes`.
    ///
    /// @throws EvidenceFormatException if it is malformed or of a kind that is not taken
    public static PublicArea parse(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("public area", bytes);
        in.check(bytes.length <= LENGTH_MAX, "at most " + LENGTH_MAX + " bytes", 0, bytes.length);
        int type = in.u16();
        in.check(type == KeyMaterial.RSA || type == KeyMaterial.ECC, "an RSA or ECC key", 0, type);
        HashAlgorithm name = HashAlgorithm.read(in);
        in.check(name != HashAlgorithm.SHA1, "a name better than SHA-1", 2, name.id());
        ObjectAttributes attributes = ObjectAttributes.read(in);
        int at = in.offset();
        Octets policy = Octets.of(in.sized16(name.lengthBytes()));
        in.check(
                policy.length() == 0 || policy.length() == name.lengthBytes(),
                "a policy of " + name.lengthBytes() + " bytes or none",
                at,
                policy.length());
        int aesKeyBits = readSymmetric(in);
        boolean rsa = type == KeyMaterial.RSA;
        Scheme scheme = Scheme.read(in, rsa);
        KeyMaterial material = rsa ? KeyMaterial.readRsa(in) : KeyMaterial.readEcc(in);
        in.end();
        return new PublicArea(name, attributes, policy, aesKeyBits, scheme, material);
    }

    private static int readSymmetric(ByteReader in) throws EvidenceFormatException {
        int at = in.offset();
        int algorithm = in.u16();
        if (algorithm == Scheme.NULL) {
            return 0;
        }
        in.check(algorithm == AES, "AES or no cipher", at, algorithm);
        int bits = in.u16();
        in.check(bits == 128 || bits == 256, "AES of 128 or 256 bits", at + 2, bits);
        int mode = in.u16();
        in.check(mode == CFB, "mode CFB", at + 4, mode);
        return bits;
    }

    /// The bytes that [#parse] reads.
    public byte[] toBytes() {
        ByteWriter out = new ByteWriter();
        out.u16(material instanceof KeyMaterial.Rsa ? KeyMaterial.RSA : KeyMaterial.ECC);
        out.u16(nameAlgorithm.id()).u32(attributes.bits()).sized16(authPolicy.toBytes());
        if (aesKeyBits == 0) {
            out.u16(Scheme.NULL);
        } else {
            out.u16(AES).u16(aesKeyBits).u16(CFB);
        }
        scheme.write(out);
        material.write(out);
        return out.toBytes();
    }

    /// The name by which the TPM binds things to this key: nameAlg, then the digest of all of it.
    public Octets name() {
        return named(nameAlgorithm, toBytes());
    }

    /// The name of this key as a primary key of a hierarchy, as it stands in what the key signs.
    ///
    /// @param hierarchy handle of the hierarchy
    public Octets qualifiedName(long hierarchy) {
        return named(
                nameAlgorithm, new ByteWriter().u32(hierarchy).bytes(name().toBytes()).toBytes());
    }

    private static Octets named(HashAlgorithm hash, byte[] of) {
        return Octets.of(new ByteWriter().u16(hash.id()).bytes(hash.hash(of)).toBytes());
    }
}
