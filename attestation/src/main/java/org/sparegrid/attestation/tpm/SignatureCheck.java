// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Signature;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.ECPoint;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Checks signatures of TPM keys.
///
/// RSA is the JDK's; ECDSA is Bouncy Castle's, which is several times faster.
public final class SignatureCheck {
    private static final ECDomainParameters P256 = domain(EccCurve.P256);
    private static final ECDomainParameters P384 = domain(EccCurve.P384);

    private SignatureCheck() {}

    private static ECDomainParameters domain(EccCurve curve) {
        X9ECParameters parameters = CustomNamedCurves.getByName(curve.standardName());
        return new ECDomainParameters(parameters);
    }

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
        ECDomainParameters domain =
                switch (key.curve()) {
                    case P256 -> P256;
                    case P384 -> P384;
                };
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(false, new ECPublicKeyParameters(point(key, domain), domain));
        return verifier.verifySignature(
                signature.scheme().hash().hash(message),
                new BigInteger(1, signature.r().toBytes()),
                new BigInteger(1, signature.s().toBytes()));
    }

    private static ECPoint point(KeyMaterial.Ecc key, ECDomainParameters domain)
            throws EvidenceFormatException {
        try {
            return domain.validatePublicPoint(
                    domain.getCurve()
                            .createPoint(
                                    new BigInteger(1, key.x().toBytes()),
                                    new BigInteger(1, key.y().toBytes())));
        } catch (IllegalArgumentException off) {
            throw new EvidenceFormatException(
                    "public area: expected a point on the curve, got " + off.getMessage());
        }
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
