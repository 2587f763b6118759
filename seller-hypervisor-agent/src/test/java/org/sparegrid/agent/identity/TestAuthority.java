// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.identity;

import java.io.StringReader;
import java.math.BigInteger;
import java.net.URI;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Enrolment;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// A coordinator's authority for tests: issues real certificates from a key of its own.
public final class TestAuthority {
    private static final AtomicLong SERIAL = new AtomicLong(1);
    private static final X500Name NAME = new X500Name("CN=test authority");

    private final KeyPair keys = keyPair();
    private final X509Certificate certificate;
    private final KeyPair server = keyPair();

    /// Makes the authority's key and certificate.
    public TestAuthority() throws Exception {
        certificate = issue(NAME, keys.getPublic(), true);
    }

    /// By what clients know it.
    public String fingerprint() {
        return PinnedAuthority.fingerprint(certificate);
    }

    /// Certifies the key of a request that its owner signed.
    public Enrolment enrol(String request) throws Exception {
        try (PEMParser parser = new PEMParser(new StringReader(request))) {
            JcaPKCS10CertificationRequest asked =
                    new JcaPKCS10CertificationRequest(
                            (PKCS10CertificationRequest) parser.readObject());
            PublicKey key = asked.getPublicKey();
            if (!asked.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new IllegalArgumentException("the request is not signed by its key");
            }
            X509Certificate issued = issue(new X500Name("CN=agent"), key, false);
            SellerId seller = seller(key);
            return new Enrolment(
                    seller,
                    pem("CERTIFICATE", issued.getEncoded()),
                    pem("CERTIFICATE", certificate.getEncoded()));
        }
    }

    /// The server's certificate for `localhost` and 127.0.0.1, with the authority's, in PEM.
    public String serverChainPem() throws Exception {
        return pem("CERTIFICATE", serverCertificate().getEncoded()) + authorityPem();
    }

    /// The server's key in PEM.
    public String serverKeyPem() {
        return pem("PRIVATE KEY", server.getPrivate().getEncoded());
    }

    /// The authority's certificate in PEM.
    public String authorityPem() throws Exception {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    /// An agent's identity at that address, certified by this authority.
    public Identity agent(URI coordinator) throws Exception {
        KeyPair agent = keyPair();
        Enrolment enrolment = enrol(Join.certificateRequest(agent));
        return new Identity(
                coordinator,
                fingerprint(),
                enrolment.seller(),
                pem("PRIVATE KEY", agent.getPrivate().getEncoded()),
                enrolment.certificate() + enrolment.authority());
    }

    /// A server's TLS context that takes client certificates of this authority.
    public SSLContext serverContext() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "server",
                server.getPrivate(),
                new char[0],
                new Certificate[] {serverCertificate(), certificate});
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", certificate);
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private X509Certificate serverCertificate() throws Exception {
        return issue(new X500Name("CN=localhost"), server.getPublic(), false);
    }

    private X509Certificate issue(X500Name subject, PublicKey key, boolean authority)
            throws Exception {
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        NAME,
                        BigInteger.valueOf(SERIAL.getAndIncrement()),
                        Date.from(now.minus(1, ChronoUnit.HOURS)),
                        Date.from(now.plus(1, ChronoUnit.DAYS)),
                        subject,
                        key);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(
                        new GeneralName[] {
                            new GeneralName(GeneralName.dNSName, "localhost"),
                            new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                        }));
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(keys.getPrivate())));
    }

    private static KeyPair keyPair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static SellerId seller(PublicKey key) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
        return new SellerId(HexFormat.of().formatHex(digest, 0, 20));
    }

    private static String pem(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }
}
