// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// How a key signs, TPMT_RSA_SCHEME and TPMT_ECC_SCHEME.
///
/// RSASSA-PSS is not taken: TPMs differ in its salt, and no key of ours uses it.
public sealed interface Scheme {
    /// No scheme fixed: a key for decryption, or one whose user chooses.
    record None() implements Scheme {}

    /// RSASSA-PKCS1-v1_5.
    record RsaSsa(HashAlgorithm hash) implements Scheme {}

    /// ECDSA.
    record EcDsa(HashAlgorithm hash) implements Scheme {}

    /// TPM_ALG_NULL.
    int NULL = 0x0010;

    /// TPM_ALG_RSASSA.
    int RSASSA = 0x0014;

    /// TPM_ALG_ECDSA.
    int ECDSA = 0x0018;

    /// Reads a scheme of an RSA key, or of an ECC key.
    static Scheme read(ByteReader in, boolean rsa) throws EvidenceFormatException {
        int at = in.offset();
        int id = in.u16();
        if (id == NULL) {
            return new None();
        }
        if (rsa && id == RSASSA) {
            return new RsaSsa(HashAlgorithm.read(in));
        }
        in.check(!rsa && id == ECDSA, "a scheme that signs, or none", at, id);
        return new EcDsa(HashAlgorithm.read(in));
    }

    /// Appends the scheme.
    default void write(ByteWriter out) {
        switch (this) {
            case None() -> out.u16(NULL);
            case RsaSsa(HashAlgorithm hash) -> out.u16(RSASSA).u16(hash.id());
            case EcDsa(HashAlgorithm hash) -> out.u16(ECDSA).u16(hash.id());
        }
    }
}
