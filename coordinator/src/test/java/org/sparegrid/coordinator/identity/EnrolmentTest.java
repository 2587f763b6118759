// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;

class EnrolmentTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir Path folder;
    private Identity identity;

    @BeforeEach
    void open() throws IOException {
        identity = Identity.open(folder, () -> NOW);
    }

    @Test
    void certifiesTheKeyOfARequest() throws Exception {
        KeyPair pair = ecPair("secp256r1");
        Issued issued = identity.issue(pem(request(info(pair.getPublic()), pair)));
        X509Certificate certificate = certificate(issued.certificatePem());
        certificate.verify(identity.authority().getPublicKey());
        assertThat(certificate.getPublicKey()).isEqualTo(pair.getPublic());
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(pair.getPublic().getEncoded());
        String id = HexFormat.of().formatHex(Arrays.copyOf(digest, 20));
        assertThat(issued.seller()).hasToString(id);
        assertThat(Identity.sellerOf(certificate)).isEqualTo(issued.seller());
        assertThat(certificate.getSubjectAlternativeNames())
                .containsExactly(List.of(6, "sg://agent/" + id));
        assertThat(certificate.getSubjectX500Principal()).hasToString("CN=" + id);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getNotAfter().toInstant())
                .isEqualTo(NOW.plus(Identity.AGENT_LIFETIME));
        assertThat(certificate.getNotBefore().toInstant()).isBefore(NOW);
        assertThat(certificate(issued.authorityPem())).isEqualTo(identity.authority());
    }

    @Test
    void drawsAnotherSerialEachTime() throws Exception {
        KeyPair pair = ecPair("secp256r1");
        String request = pem(request(info(pair.getPublic()), pair));
        Issued first = identity.issue(request);
        Issued second = identity.issue(request);
        assertThat(second.seller()).isEqualTo(first.seller());
        assertThat(certificate(second.certificatePem()).getSerialNumber())
                .isNotEqualTo(certificate(first.certificatePem()).getSerialNumber());
    }

    @Test
    void refusesARequestSignedWithAnotherKey() throws Exception {
        KeyPair wanted = ecPair("secp256r1");
        refuses(
                pem(request(info(wanted.getPublic()), ecPair("secp256r1"))),
                "expected a signature made with the private key");
    }

    @Test
    void refusesOtherCurvesAndAlgorithms() throws Exception {
        KeyPair p384 = ecPair("secp384r1");
        refuses(pem(request(info(p384.getPublic()), p384)), "expected a key on the curve P-256");
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        KeyPair pair = rsa.generateKeyPair();
        refuses(
                pem(request(info(pair.getPublic()), pair, "SHA256withRSA")),
                "expected a key on the curve P-256, got algorithm 1.2.840.113549.1.1.1");
    }

    @Test
    void refusesWeakDigests() throws Exception {
        KeyPair pair = ecPair("secp256r1");
        refuses(
                pem(request(info(pair.getPublic()), pair, "SHA1withECDSA")),
                "expected a signature by ECDSA with SHA-256");
    }

    @Test
    void refusesPointsInOtherFormsOrOffTheCurve() throws Exception {
        KeyPair pair = ecPair("secp256r1");
        SubjectPublicKeyInfo info = info(pair.getPublic());
        byte[] point = info.getPublicKeyData().getBytes();
        byte[] compressed = Arrays.copyOf(point, 33);
        compressed[0] =
                (byte) (((ECPublicKey) pair.getPublic()).getW().getAffineY().testBit(0) ? 3 : 2);
        refuses(
                pem(request(new SubjectPublicKeyInfo(info.getAlgorithm(), compressed), pair)),
                "expected ");
        point[64] ^= 1;
        refuses(
                pem(request(new SubjectPublicKeyInfo(info.getAlgorithm(), point), pair)),
                "expected a point on the curve P-256");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'expected PEM that begins with -----BEGIN CERTIFICATE REQUEST-----'",
        "'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'expected PEM'",
        "'-----BEGIN CERTIFICATE REQUEST-----\nA\n-----END CERTIFICATE REQUEST-----', 'expected PEM'",
        "'-----BEGIN CERTIFICATE REQUEST-----\n!!\n-----END CERTIFICATE REQUEST-----', 'expected PEM'",
        "'-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----', 'expected the DER of a PKCS #10 request'",
    })
    void refusesOtherText(String text, String why) {
        refuses(text, why);
    }

    @Test
    void refusesOverlongText() {
        refuses(" ".repeat(16_385), "expected at most 16384 characters, got 16385");
    }

    @Test
    void refusesOtherDer() throws IOException {
        refuses(pem(new ASN1Integer(1).getEncoded()), "expected the DER of a PKCS #10 request");
    }

    @Test
    void refusesARequestWithAnyBitChanged() throws Exception {
        KeyPair pair = ecPair("secp256r1");
        byte[] request = request(info(pair.getPublic()), pair);
        Property.holds(
                1_000,
                random -> {
                    byte[] changed = request.clone();
                    changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                    refuses(pem(changed), "expected ");
                });
    }

    private void refuses(String request, String why) {
        assertThatThrownBy(() -> identity.issue(request))
                .isInstanceOf(CertificateRequestException.class)
                .hasMessageStartingWith("certificate request: " + why);
    }

    private static KeyPair ecPair(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static SubjectPublicKeyInfo info(PublicKey key) {
        return SubjectPublicKeyInfo.getInstance(key.getEncoded());
    }

    private static byte[] request(SubjectPublicKeyInfo key, KeyPair signer) throws Exception {
        return request(key, signer, "SHA256withECDSA");
    }

    private static byte[] request(SubjectPublicKeyInfo key, KeyPair signer, String algorithm)
            throws Exception {
        return new PKCS10CertificationRequestBuilder(new X500Name("CN=ignored"), key)
                .build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()))
                .getEncoded();
    }

    private static String pem(byte[] der) {
        return Pem.text("CERTIFICATE REQUEST", der);
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }
}
