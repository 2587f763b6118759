// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The coordinator's own certificate authority: a P-256 key and its certificate, in one file.
record Authority(PrivateKey key, X509Certificate certificate, SecureRandom random) {
    /// Certificates hold from a little before they are made, as others' clocks differ.
    static final Duration SKEW_MAX = Duration.ofMinutes(10);

    private static final Duration LIFETIME = Duration.ofDays(20 * 365);
    private static final int SERIAL_BITS = 128;

    /// Loads the authority from the file, or makes it there if there is no such file.
    static Authority open(Path file, SecureRandom random, Instant now) throws IOException {
        try {
            if (!Files.exists(file)) {
                Authority fresh = make(random, now);
                PrivateFile.write(file, keyPem(fresh.key) + pem(fresh.certificate));
            }
            String text = Files.readString(file);
            return new Authority(readKey(text, file), readCertificate(text, file), random);
        } catch (GeneralSecurityException damaged) {
            throw new IOException("authority: can't use " + file, damaged);
        }
    }

    private static Authority make(SecureRandom random, Instant now)
            throws IOException, GeneralSecurityException {
        KeyPair pair = newKeyPair(random);
        X500Name name = new X500Name("CN=Sparegrid coordinator authority");
        X509v3CertificateBuilder builder =
                builder(random, name, name, pair.getPublic(), now, LIFETIME)
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
        return new Authority(pair.getPrivate(), sign(builder, pair.getPrivate()), random);
    }

    /// Signs a certificate for an end of TLS connections.
    X509Certificate issue(
            String commonName,
            PublicKey subject,
            GeneralNames alternativeNames,
            KeyPurposeId purpose,
            Instant now,
            Duration lifetime)
            throws IOException, GeneralSecurityException {
        X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        X509v3CertificateBuilder builder =
                builder(random, issuer, new X500Name("CN=" + commonName), subject, now, lifetime)
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                        .addExtension(
                                Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                        .addExtension(
                                Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                        .addExtension(
                                Extension.authorityKeyIdentifier,
                                false,
                                new JcaX509ExtensionUtils()
                                        .createAuthorityKeyIdentifier(certificate.getPublicKey()))
                        .addExtension(Extension.subjectAlternativeName, false, alternativeNames);
        return sign(builder, key);
    }

    private static X509v3CertificateBuilder builder(
            SecureRandom random,
            X500Name issuer,
            X500Name subject,
            PublicKey subjectKey,
            Instant now,
            Duration lifetime)
            throws IOException, GeneralSecurityException {
        // RFC 5280 wants a positive serial of at most 20 bytes.
        BigInteger serial = new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS);
        return new JcaX509v3CertificateBuilder(
                        issuer,
                        serial,
                        Date.from(now.minus(SKEW_MAX)),
                        Date.from(now.plus(lifetime)),
                        subject,
                        subjectKey)
                .addExtension(
                        Extension.subjectKeyIdentifier,
                        false,
                        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(subjectKey));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws IOException, GeneralSecurityException {
        try {
            byte[] der =
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key))
                            .getEncoded();
            return certificate(der);
        } catch (OperatorCreationException unusable) {
            throw new GeneralSecurityException("can't sign with the authority's key", unusable);
        }
    }

    static KeyPair newKeyPair(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    static String keyPem(PrivateKey key) {
        return Pem.text("PRIVATE KEY", key.getEncoded());
    }

    static String pem(PublicKey key) {
        return Pem.text("PUBLIC KEY", key.getEncoded());
    }

    static PublicKey readPublicKey(String text, Path file)
            throws IOException, GeneralSecurityException {
        byte[] der =
                Pem.find("PUBLIC KEY", text)
                        .orElseThrow(() -> new IOException("no public key in " + file));
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
    }

    static String pem(X509Certificate certificate) throws GeneralSecurityException {
        return Pem.text("CERTIFICATE", certificate.getEncoded());
    }

    static PrivateKey readKey(String text, Path file) throws IOException, GeneralSecurityException {
        byte[] der =
                Pem.find("PRIVATE KEY", text)
                        .orElseThrow(() -> new IOException("no private key in " + file));
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    static X509Certificate readCertificate(String text, Path file)
            throws IOException, GeneralSecurityException {
        return certificate(
                Pem.find("CERTIFICATE", text)
                        .orElseThrow(() -> new IOException("no certificate in " + file)));
    }

    private static X509Certificate certificate(byte[] der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der));
    }

    @Override
    public String toString() {
        return "Authority[" + certificate.getSerialNumber().toString(16) + "]";
    }
}
