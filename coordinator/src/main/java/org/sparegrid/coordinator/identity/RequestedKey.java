// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/// Reads certificate requests. All that counts in one is its key and the proof that the sender
/// holds the private part; the names that it asks for are ignored.
final class RequestedKey {
    /// The longest request that is read; one for P-256 has about 400 characters.
    private static final int LENGTH_MAX_CHARACTERS = 16 << 10;

    private static final Set<ASN1ObjectIdentifier> SIGNATURES =
            Set.of(
                    X9ObjectIdentifiers.ecdsa_with_SHA256,
                    X9ObjectIdentifiers.ecdsa_with_SHA384,
                    X9ObjectIdentifiers.ecdsa_with_SHA512);

    private RequestedKey() {}

    /// The public key of a PKCS #10 request whose signature was checked.
    ///
    /// @throws CertificateRequestException if it is malformed, not for P-256 or wrongly signed
    static PublicKey of(String pem) throws CertificateRequestException {
        PKCS10CertificationRequest request = read(pem);
        PublicKey key = p256Key(request.getSubjectPublicKeyInfo());
        if (!SIGNATURES.contains(request.getSignatureAlgorithm().getAlgorithm())) {
            throw new CertificateRequestException(
                    "expected a signature by ECDSA with SHA-256, got "
                            + request.getSignatureAlgorithm().getAlgorithm());
        }
        if (!isSignedWith(key, request)) {
            throw new CertificateRequestException(
                    "expected a signature made with the private key of the requested public key");
        }
        return key;
    }

    private static PKCS10CertificationRequest read(String pem) throws CertificateRequestException {
        if (pem.length() > LENGTH_MAX_CHARACTERS) {
            throw new CertificateRequestException(
                    "expected at most "
                            + LENGTH_MAX_CHARACTERS
                            + " characters, got "
                            + pem.length());
        }
        byte[] der =
                Pem.find("CERTIFICATE REQUEST", pem)
                        .orElseThrow(() ->
                                new CertificateRequestException(
                                        "expected PEM that begins with -----BEGIN"
                                                + " CERTIFICATE REQUEST-----"));
        try {
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(der);
            // The signature is checked over what was understood, so that has to be what was sent.
            if (Arrays.equals(request.toASN1Structure().getEncoded(ASN1Encoding.DER), der)) {
                return request;
            }
        } catch (IOException | RuntimeException malformed) {
            throw new CertificateRequestException("expected the DER of a PKCS #10 request");
        }
        throw new CertificateRequestException("expected DER, got other BER");
    }

    private static PublicKey p256Key(SubjectPublicKeyInfo info) throws CertificateRequestException {
        if (!info.getAlgorithm().getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
                || !SECObjectIdentifiers.secp256r1.equals(info.getAlgorithm().getParameters())) {
            throw new CertificateRequestException(
                    "expected a key on the curve P-256, got algorithm "
                            + info.getAlgorithm().getAlgorithm());
        }
        try {
            // Bouncy Castle refuses points that are not on the curve, which Java's own reader
            // takes.
            var _ = PublicKeyFactory.createKey(info);
            byte[] encoded = info.getEncoded();
            PublicKey key =
                    KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
            if (Arrays.equals(key.getEncoded(), encoded)) {
                return key;
            }
        } catch (IOException | GeneralSecurityException | RuntimeException malformed) {
            throw new CertificateRequestException("expected a point on the curve P-256");
        }
        // One key in two encodings would be two sellers.
        throw new CertificateRequestException("expected an uncompressed point in DER");
    }

    private static boolean isSignedWith(PublicKey key, PKCS10CertificationRequest request) {
        try {
            return request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key));
        } catch (OperatorCreationException | PKCSException | RuntimeException malformed) {
            return false;
        }
    }
}
