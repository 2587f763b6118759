// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.sparegrid.protocol.JoinToken;
import org.sparegrid.protocol.api.Enrolment;
import org.sparegrid.protocol.api.EnrolmentRequest;
import org.sparegrid.protocol.api.Problem;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// Makes this computer known to a coordinator. The private key is made here and never leaves.
public final class Join {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    private Join() {}

    /// Enrols with a token that the coordinator accepts once.
    ///
    /// @throws RefusedException if the coordinator says no
    /// @throws IOException if it can't be reached or answers something else
    public static Identity enrol(JoinToken token) throws IOException, InterruptedException {
        KeyPair keys = newKeys();
        byte[] body =
                Format.JSON.write(new EnrolmentRequest(token.secret(), certificateRequest(keys)));
        URI base = token.coordinator();
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(new PinnedAuthority(token.authority()).clientContext())
                        .connectTimeout(ANSWER_MAX)
                        .build()) {
            HttpResponse<byte[]> answer =
                    client.send(
                            HttpRequest.newBuilder(base.resolve("/v1/agents"))
                                    .timeout(ANSWER_MAX)
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 201) {
                throw new RefusedException("the coordinator refused: " + reason(answer));
            }
            Enrolment enrolment = Format.JSON.read(answer.body(), Enrolment.class);
            check(token, keys, enrolment);
            return new Identity(
                    base,
                    token.authority(),
                    enrolment.seller(),
                    pem("PRIVATE KEY", keys.getPrivate().getEncoded()),
                    enrolment.certificate().strip() + "\n" + enrolment.authority().strip() + "\n");
        } catch (MessageFormatException strange) {
            throw new IOException("the coordinator's answer: " + strange.getMessage(), strange);
        }
    }

    /// A certificate for another key, or from another authority, would fail only later and darkly.
    private static void check(JoinToken token, KeyPair keys, Enrolment enrolment)
            throws RefusedException {
        try {
            X509Certificate certificate = certificate(enrolment.certificate());
            X509Certificate authority = certificate(enrolment.authority());
            certificate.verify(authority.getPublicKey());
            if (certificate.getPublicKey().equals(keys.getPublic())
                    && PinnedAuthority.fingerprint(authority).equals(token.authority())) {
                return;
            }
        } catch (GeneralSecurityException unusable) {
            throw new RefusedException(
                    "the coordinator gave a certificate that can't be used; tell its operator: "
                            + unusable.getMessage());
        }
        throw new RefusedException(
                "the coordinator gave a certificate for another key or from another authority;"
                        + " don't use it and tell its operator");
    }

    private static X509Certificate certificate(String pem) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String reason(HttpResponse<byte[]> answer) {
        try {
            return Format.JSON.read(answer.body(), Problem.class).detail();
        } catch (MessageFormatException noProblem) {
            return "HTTP status " + answer.statusCode();
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("this Java has no P-256", impossible);
        }
    }

    static String certificateRequest(KeyPair keys) throws IOException {
        try {
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            var builder =
                    new JcaPKCS10CertificationRequestBuilder(
                            new X500Principal("CN=sparegrid-agent"), keys.getPublic());
            return pem("CERTIFICATE REQUEST", builder.build(signer).getEncoded());
        } catch (OperatorCreationException impossible) {
            throw new IllegalStateException("this Java can't sign with P-256", impossible);
        }
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN "
                + what
                + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END "
                + what
                + "-----\n";
    }
}
