// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// The key by which neighbours know this computer until the agent ends. It says nothing of who it
/// is: each start makes another, and all certificates look alike but for the key.
final class ExchangeKey {
    private static final String SUBJECT = "CN=sparegrid";

    /// Who is trusted is named by the coordinator, minute by minute; a date would only tell when
    /// this agent was started.
    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");

    private static final Instant UNTIL = Instant.parse("2120-01-01T00:00:00Z");

    private final KeyStore store;
    private final String digest;

    private ExchangeKey(KeyStore store, String digest) {
        this.store = store;
        this.digest = digest;
    }

    static ExchangeKey make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            X500Name name = new X500Name(SUBJECT);
            byte[] der =
                    new JcaX509v3CertificateBuilder(
                                    name,
                                    BigInteger.ONE,
                                    Date.from(FROM),
                                    Date.from(UNTIL),
                                    name,
                                    keys.getPublic())
                            .build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(keys.getPrivate()))
                            .getEncoded();
            Certificate certificate =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "exchange", keys.getPrivate(), new char[0], new Certificate[] {certificate});
            return new ExchangeKey(store, Sha256Digest.ofContent(der).toString());
        } catch (GeneralSecurityException | IOException | OperatorCreationException impossible) {
            throw new IllegalStateException("this Java can't make a P-256 key", impossible);
        }
    }

    /// The SHA-256 of the certificate.
    String digest() {
        return digest;
    }

    /// A TLS context that shows the certificate.
    ///
    /// @param trusted whether the other side may show a certificate with that digest
    SSLContext context(Predicate<String> trusted) {
        try {
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), new TrustManager[] {new Listed(trusted)}, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("this Java has no TLS 1.3", impossible);
        }
    }

    /// The digest of the certificate that the other side of a connection has shown.
    ///
    /// @throws IOException if it has shown none
    static String peer(SSLSocket socket) throws IOException {
        try {
            return digest(socket.getSession().getPeerCertificates()[0]);
        } catch (CertificateException unreadable) {
            throw new IOException("a neighbour's certificate can't be encoded", unreadable);
        }
    }

    private static String digest(Certificate certificate) throws CertificateException {
        return Sha256Digest.ofContent(certificate.getEncoded()).toString();
    }

    /// Trusts by the digest alone: the certificates have no issuer, no name and no dates to speak
    /// of. That the other side has its key is shown by TLS.
    private static final class Listed extends X509ExtendedTrustManager {
        private final Predicate<String> trusted;

        Listed(Predicate<String> trusted) {
            this.trusted = trusted;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length != 1 || !trusted.test(digest(chain[0]))) {
                throw new CertificateException("not a neighbour");
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
