// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.security.GeneralSecurityException;
import java.security.Signature;
import org.sparegrid.attestation.certificate.EcdsaKey;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Checks signatures of TPM keys.
///
/// RSA is the JDK's; ECDSA is [EcdsaKey]'s.
public final class SignatureCheck {
    private SignatureCheck() {}

    /// Whether `signature` over `message` is of `key`, and in the scheme that the key is fixed to.
    ///
    /// @throws EvidenceFormatException if the key's numbers are no key
    public static boolean holds(PublicArea key, byte[] message, TpmSignature signature)
            throws EvidenceFormatException {
        if (!(key.scheme() instanceof Scheme.None) && !key.scheme().equals(signature.scheme())) {
            return false;
        }
        return switch (signature) {
            case TpmSignature.Ecc ecc ->
                    key.material() instanceof KeyMaterial.Ecc point && holds(point, message, ecc);
            case TpmSignature.Rsa rsa ->
                    key.material() instanceof KeyMaterial.Rsa modulus
                            && holds(modulus, message, rsa);
        };
    }

    private static boolean holds(KeyMaterial.Ecc key, byte[] message, TpmSignature.Ecc signature)
            throws EvidenceFormatException {
        EcdsaKey.Curve curve =
                switch (key.curve()) {
                    case P256 -> EcdsaKey.Curve.P256;
                    case P384 -> EcdsaKey.Curve.P384;
                };
        return EcdsaKey.of(curve, key.x().toBytes(), key.y().toBytes())
                .signedDigest(
                        signature.scheme().hash().hash(message),
                        signature.r().toBytes(),
                        signature.s().toBytes());
    }

    private static boolean holds(KeyMaterial.Rsa key, byte[] message, TpmSignature.Rsa signature)
            throws EvidenceFormatException {
        if (signature.signature().length() * 8 != key.bits()) {
            return false;
        }
        try {
            String digest = signature.scheme().hash().digestName().replace("-", "");
            Signature verifier = Signature.getInstance(digest + "withRSA");
            verifier.initVerify(key.toPublicKey());
            verifier.update(message);
            return verifier.verify(signature.signature().toBytes());
        } catch (GeneralSecurityException refused) {
            return false; // a padding that is none
        }
    }
}
