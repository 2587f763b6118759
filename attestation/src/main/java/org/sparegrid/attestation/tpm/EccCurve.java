// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// The elliptic curves that this library takes keys of; no other reaches the cryptography.
public enum EccCurve {
    /// NIST P-256.
    P256(0x0003, 32, "secp256r1"),
    /// NIST P-384.
    P384(0x0004, 48, "secp384r1");

    private final int id;
    private final int lengthBytes;
    private final String standardName;

    EccCurve(int id, int lengthBytes, String standardName) {
        this.id = id;
        this.lengthBytes = lengthBytes;
        this.standardName = standardName;
    }

    static EccCurve read(ByteReader in) throws EvidenceFormatException {
        int at = in.offset();
        int id = in.u16();
        for (EccCurve curve : values()) {
            if (curve.id == id) {
                return curve;
            }
        }
        throw in.malformed("curve P-256 or P-384", at, "0x" + Integer.toHexString(id));
    }

    /// What the TPM calls it.
    public int id() {
        return id;
    }

    /// Length of a coordinate.
    public int lengthBytes() {
        return lengthBytes;
    }

    /// Its name in SEC 2, by which Java knows it.
    public String standardName() {
        return standardName;
    }
}
