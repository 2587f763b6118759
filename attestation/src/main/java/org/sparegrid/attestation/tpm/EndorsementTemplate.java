// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.Octets;

/// The endorsement keys that vendors certify: from its seed and the template a TPM makes the same
/// key again and again.
///
/// Source: TCG EK Credential Profile 2.5, annex B.
public enum EndorsementTemplate {
    /// RSA-2048, template L-1.
    RSA_2048(0x01c0_0002L),
    /// P-256, template L-2.
    ECC_P256(0x01c0_000aL),
    /// P-384, template H-3.
    ECC_P384(0x01c0_0016L);

    private static final Octets POLICY_A_SHA256 =
            Octets.ofHex("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa");
    private static final Octets POLICY_B_SHA384 =
            Octets.ofHex(
                    "b26e7d28d11a50bc53d882bcf5fd3a1a074148bb35d3b4e4"
                            + "cb1c0ad9bde419cacb47ba09699646150f9fc000f3f80e12");
    private static final long ATTRIBUTES =
            ObjectAttributes.FIXED_TPM
                    | ObjectAttributes.FIXED_PARENT
                    | ObjectAttributes.SENSITIVE_DATA_ORIGIN
                    | ObjectAttributes.ADMIN_WITH_POLICY
                    | ObjectAttributes.RESTRICTED
                    | ObjectAttributes.DECRYPT;

    private final long certificateIndex;

    EndorsementTemplate(long certificateIndex) {
        this.certificateIndex = certificateIndex;
    }

    /// Where in its memory a TPM has the key's certificate, if the vendor put it there.
    public long certificateIndex() {
        return certificateIndex;
    }

    /// Whether the key's use needs a session that shows authority over the endorsement hierarchy.
    public boolean usedByPolicy() {
        return this != ECC_P384;
    }

    /// What a TPM makes the key from.
    public PublicArea area() {
        return switch (this) {
            case RSA_2048 -> low(new KeyMaterial.Rsa(2048, 0, Octets.repeated(0, 256)));
            case ECC_P256 ->
                    low(
                            new KeyMaterial.Ecc(
                                    EccCurve.P256, Octets.repeated(0, 32), Octets.repeated(0, 32)));
            case ECC_P384 ->
                    new PublicArea(
                            HashAlgorithm.SHA384,
                            new ObjectAttributes(ATTRIBUTES | ObjectAttributes.USER_WITH_AUTH),
                            POLICY_B_SHA384,
                            256,
                            new Scheme.None(),
                            new KeyMaterial.Ecc(EccCurve.P384, Octets.EMPTY, Octets.EMPTY));
        };
    }

    private static PublicArea low(KeyMaterial material) {
        return new PublicArea(
                HashAlgorithm.SHA256,
                new ObjectAttributes(ATTRIBUTES),
                POLICY_A_SHA256,
                128,
                new Scheme.None(),
                material);
    }

    /// Whether `area` is a key made from this template.
    public boolean made(PublicArea area) {
        PublicArea own = area();
        boolean sameKind =
                switch (area.material()) {
                    case KeyMaterial.Rsa(int bits, long _, Octets _) ->
                            own.material() instanceof KeyMaterial.Rsa rsa && rsa.bits() == bits;
                    case KeyMaterial.Ecc(EccCurve curve, Octets _, Octets _) ->
                            own.material() instanceof KeyMaterial.Ecc ecc && ecc.curve() == curve;
                };
        return sameKind
                && new PublicArea(
                                area.nameAlgorithm(),
                                area.attributes(),
                                area.authPolicy(),
                                area.aesKeyBits(),
                                area.scheme(),
                                own.material())
                        .equals(own);
    }
}
