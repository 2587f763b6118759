// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// Who this computer is to its coordinator.
///
/// @param coordinator the coordinator's https address
/// @param authority the fingerprint by which the coordinator is known
/// @param seller this computer's identifier
/// @param keyPem its private key, PKCS #8 in PEM
/// @param certificatePem its certificate and the authority's, in PEM
public record Identity(
        URI coordinator, String authority, SellerId seller, String keyPem, String certificatePem) {
    /// Keeps the key out of logs.
    @Override
    public String toString() {
        return "Identity[coordinator=" + coordinator + ", seller=" + seller + "]";
    }

    /// Reads what [#store] wrote.
    ///
    /// @throws IOException if this computer has not joined, saying what to do
    public static Identity load(Path data) throws IOException {
        Path file = data.resolve("identity.json");
        if (!Files.exists(file)) {
            throw new NotJoinedException();
        }
        try {
            return Format.JSON.read(Files.readAllBytes(file), Identity.class);
        } catch (MessageFormatException damaged) {
            throw new IOException(
                    file + " is damaged; join again with a new token: " + damaged.getMessage());
        }
    }

    /// Writes it where only this user can read it.
    public void store(Path data) throws IOException {
        AtomicFile.write(data.resolve("identity.json"), Format.JSON.write(this));
    }

    /// A TLS context that shows this computer's certificate and trusts its coordinator only.
    public SSLContext tls() throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            Certificate[] chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(
                                            certificatePem.getBytes(StandardCharsets.US_ASCII)))
                            .toArray(new Certificate[0]);
            store.setKeyEntry("agent", privateKey(), new char[0], chain);
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(
                    keys.getKeyManagers(),
                    new TrustManager[] {new PinnedAuthority(authority)},
                    null);
            return context;
        } catch (GeneralSecurityException damaged) {
            throw new IOException(
                    "this computer's key or certificate is damaged; join again", damaged);
        }
    }

    private PrivateKey privateKey() throws GeneralSecurityException {
        String base64 = keyPem.replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }
}
