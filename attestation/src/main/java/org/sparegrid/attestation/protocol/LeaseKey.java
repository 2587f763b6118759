// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.nio.charset.StandardCharsets;
import org.sparegrid.attestation.tpm.EccCurve;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.KeyMaterial;
import org.sparegrid.attestation.tpm.ObjectAttributes;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PolicyDigest;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Scheme;
import org.sparegrid.attestation.wire.Octets;

/// The attestation key of one lease: a primary key of the endorsement hierarchy, so nothing has to
/// be stored, its quotes show the reset counter plainly, and another lease's key is another key.
///
/// It quotes at any time, but a secret encrypted to it opens only while the bound registers have
/// the values that they had when it was made.
public final class LeaseKey {
    /// fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, adminWithPolicy, noDA, restricted,
    /// sign.
    public static final ObjectAttributes ATTRIBUTES = new ObjectAttributes(0x0005_04f2L);

    private static final String TITLE = "SGRID-AK1";

    private LeaseKey() {}

    /// What a TPM makes the key of a lease from.
    ///
    /// @param bound the registers that the key is bound to, with their values now
    public static PublicArea template(Octets leaseId, PcrValues bound) {
        Octets unique =
                Octets.of(
                        HashAlgorithm.SHA256.hash(
                                TITLE.getBytes(StandardCharsets.US_ASCII), leaseId.toBytes()));
        return new PublicArea(
                HashAlgorithm.SHA256,
                ATTRIBUTES,
                policy(bound),
                0,
                new Scheme.EcDsa(HashAlgorithm.SHA256),
                new KeyMaterial.Ecc(EccCurve.P256, unique, Octets.EMPTY));
    }

    /// The policy of a key that is bound to registers.
    public static Octets policy(PcrValues bound) {
        return PolicyDigest.start(HashAlgorithm.SHA256)
                .andRegisters(bound)
                .andCommand(PolicyDigest.ACTIVATE_CREDENTIAL)
                .value();
    }

    /// Whether a key is of the kind that the template makes, whatever its policy.
    public static boolean isOfKind(PublicArea key) {
        return key.nameAlgorithm() == HashAlgorithm.SHA256
                && key.attributes().equals(ATTRIBUTES)
                && key.aesKeyBits() == 0
                && key.scheme().equals(new Scheme.EcDsa(HashAlgorithm.SHA256))
                && key.material() instanceof KeyMaterial.Ecc(EccCurve curve, Octets _, Octets _)
                && curve == EccCurve.P256;
    }
}
