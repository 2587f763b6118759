// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// What a TPM lets be done with a key, TPMA_OBJECT.
///
/// Source: TPM 2.0 library, part 2, section 8.3.
///
/// @param bits the 32 bits as the TPM has them
public record ObjectAttributes(long bits) {
    /// The key never leaves its TPM.
    public static final long FIXED_TPM = 1 << 1;

    /// The key keeps its parent.
    public static final long FIXED_PARENT = 1 << 4;

    /// The TPM itself made the secret part.
    public static final long SENSITIVE_DATA_ORIGIN = 1 << 5;

    /// Use needs the password or an HMAC.
    public static final long USER_WITH_AUTH = 1 << 6;

    /// Administration, as by ActivateCredential, needs the key's policy.
    public static final long ADMIN_WITH_POLICY = 1 << 7;

    /// Wrong passwords do not lock the TPM.
    public static final long NO_DA = 1 << 10;

    /// Signs only what the TPM itself has made.
    public static final long RESTRICTED = 1 << 16;

    /// Decrypts.
    public static final long DECRYPT = 1 << 17;

    /// Signs.
    public static final long SIGN = 1 << 18;

    private static final long ST_CLEAR = 1 << 2;
    private static final long ENCRYPTED_DUPLICATION = 1 << 11;
    private static final long X509_SIGN = 1 << 19;

    private static final long DEFINED =
            FIXED_TPM
                    | ST_CLEAR
                    | FIXED_PARENT
                    | SENSITIVE_DATA_ORIGIN
                    | USER_WITH_AUTH
                    | ADMIN_WITH_POLICY
                    | NO_DA
                    | ENCRYPTED_DUPLICATION
                    | RESTRICTED
                    | DECRYPT
                    | SIGN
                    | X509_SIGN;

    /// Refuses bits that have no meaning.
    public ObjectAttributes {
        if ((bits & ~DEFINED) != 0) {
            throw new IllegalArgumentException("object attributes: expected no reserved bit");
        }
    }

    /// Whether all bits of `wanted` are set.
    public boolean has(long wanted) {
        return (bits & wanted) == wanted;
    }

    static ObjectAttributes read(ByteReader in) throws EvidenceFormatException {
        int at = in.offset();
        long bits = in.u32();
        in.check((bits & ~DEFINED) == 0, "no reserved attribute", at, bits);
        return new ObjectAttributes(bits);
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(bits);
    }
}
