// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.authority;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.sparegrid.attestation.certificate.Certificates;

/// A certificate authority of a test, at the top or below another.
public final class TestAuthority {
    /// When the certificates of tests begin to be valid.
    public static final Instant FROM = Instant.parse("2025-01-01T00:00:00Z");

    /// When they end to be valid.
    public static final Instant TO = Instant.parse("2027-01-01T00:00:00Z");

    /// A time between both.
    public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final SecureRandom RANDOM = new SecureRandom();

    private final X500Name name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    private TestAuthority(X500Name name, KeyPair keys, X509Certificate certificate) {
        this.name = name;
        this.keys = keys;
        this.certificate = certificate;
    }

    /// Adds extensions to a certificate that is being made.
    @FunctionalInterface
    public interface Extras {
        /// Adds them.
        void addTo(X509v3CertificateBuilder builder) throws Exception;

        /// Nothing more.
        Extras NONE = _ -> {};
    }

    /// A root of its own.
    public static TestAuthority root(String name) throws Exception {
        KeyPair keys = ecKeys("secp256r1");
        X500Name subject = new X500Name(name);
        return new TestAuthority(
                subject, keys, issue(subject, keys, subject, info(keys), authority()));
    }

    /// An authority below this one.
    public TestAuthority below(String subject) throws Exception {
        KeyPair other = ecKeys("secp256r1");
        return new TestAuthority(
                new X500Name(subject), other, certify(subject, info(other), authority()));
    }

    /// A certificate of another's key, valid from [#FROM] to [#TO].
    public X509Certificate certify(String subject, SubjectPublicKeyInfo key, Extras extras)
            throws Exception {
        return issue(name, keys, new X500Name(subject), key, extras);
    }

    /// A list that takes certificates back.
    public X509CRL revoking(Instant from, Instant to, List<X509Certificate> revoked)
            throws Exception {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(name, Date.from(from));
        builder.setNextUpdate(Date.from(to));
        for (X509Certificate each : revoked) {
            builder.addCRLEntry(each.getSerialNumber(), Date.from(from), 1);
        }
        return Certificates.revocationList(
                builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(keys.getPrivate()))
                        .getEncoded());
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public KeyPair keys() {
        return keys;
    }

    public static KeyPair ecKeys(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    public static SubjectPublicKeyInfo info(KeyPair keys) {
        return SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
    }

    /// Adds an extension that is not critical.
    public static Extras extension(String oid, ASN1Encodable value) {
        return builder -> builder.addExtension(new ASN1ObjectIdentifier(oid), false, value);
    }

    private static Extras authority() {
        return builder -> {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        };
    }

    private static X509Certificate issue(
            X500Name issuer,
            KeyPair signer,
            X500Name subject,
            SubjectPublicKeyInfo key,
            Extras extras)
            throws Exception {
        X509v3CertificateBuilder builder =
                new X509v3CertificateBuilder(
                        issuer,
                        new BigInteger(100, RANDOM),
                        Date.from(FROM),
                        Date.from(TO),
                        subject,
                        key);
        extras.addTo(builder);
        return Certificates.certificate(
                builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(signer.getPrivate()))
                        .getEncoded());
    }
}
