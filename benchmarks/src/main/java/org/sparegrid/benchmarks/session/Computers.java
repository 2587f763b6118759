// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.session;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.sparegrid.coordinator.identity.CertificateRequestException;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.identity.Issued;
import org.sparegrid.coordinator.store.AccountTable;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Identifier;

/// Sellers' computers that joined a coordinator, each with a key and a certificate of its own.
final class Computers {
    private final List<PrivateKey> keys = new ArrayList<>();
    private final List<X509Certificate> certificates = new ArrayList<>();
    private final SSLContext context;

    /// Lets them join the coordinator of a folder, which nothing serves.
    Computers(Path home, int count)
            throws IOException, GeneralSecurityException, CertificateRequestException {
        Identity identity = Identity.open(home.resolve("identity"), InstantSource.system());
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        List<Issued> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            KeyPair pair = generator.generateKeyPair();
            Issued issued = identity.issue(request(pair));
            keys.add(pair.getPrivate());
            certificates.add(certificate(issued.certificatePem()));
            all.add(issued);
        }
        enrol(home, all);
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        java.security.KeyStore store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", certificate(all.getFirst().authorityPem()));
        trust.init(store);
        context = SSLContext.getInstance("TLSv1.3");
        TrustManager[] trusted = trust.getTrustManagers();
        context.init(new KeyManager[] {new ByNumber()}, trusted, new SecureRandom());
    }

    private static void enrol(Path home, List<Issued> all) throws IOException {
        try (Database database =
                Database.open(Store.parse(Store.FILE, home.resolve("coordinator.db")), 1)) {
            AccountId owner = Identifier.draw(new SecureRandom(), AccountId.PREFIX, AccountId::new);
            Instant now = Instant.now();
            database.write(tx -> {
                tx.accounts()
                        .insert(new AccountTable.Row(owner, "owner@grid.example", "", "", now));
                all.forEach(issued -> tx.sellers().enrol(issued.seller(), owner, now));
                return true;
            });
        }
    }

    int count() {
        return keys.size();
    }

    /// The TLS of computer `number`, which takes up its earlier session if there is one.
    SSLEngine engine(int number) {
        // The number stands in for the port, by which sessions and keys are found.
        SSLEngine engine = context.createSSLEngine("localhost", number);
        engine.setUseClientMode(true);
        return engine;
    }

    private static String request(KeyPair pair) throws IOException {
        try {
            byte[] der =
                    new JcaPKCS10CertificationRequestBuilder(
                                    new X500Principal("CN=computer"), pair.getPublic())
                            .build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(pair.getPrivate()))
                            .getEncoded();
            return "-----BEGIN CERTIFICATE REQUEST-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                    + "\n-----END CERTIFICATE REQUEST-----\n";
        } catch (OperatorCreationException impossible) {
            throw new IOException("certificate request", impossible);
        }
    }

    private static X509Certificate certificate(String pem) throws GeneralSecurityException {
        byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(bytes));
    }

    /// Presents the key of the computer whose number the engine has.
    private final class ByNumber extends X509ExtendedKeyManager {
        @Override
        public String chooseEngineClientAlias(
                String[] types, Principal[] issuers, SSLEngine engine) {
            return Integer.toString(engine.getPeerPort());
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {certificates.get(Integer.parseInt(alias))};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.get(Integer.parseInt(alias));
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException("engines only");
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException("not a server");
        }
    }
}
