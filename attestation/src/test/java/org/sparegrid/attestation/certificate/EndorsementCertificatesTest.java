// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.attestation.authority.TestAuthority;

class EndorsementCertificatesTest {
    private static TestAuthority maker;
    private static KeyPair rsa;

    @BeforeAll
    static void issues() throws Exception {
        maker = TestAuthority.root("CN=Maker of TPMs");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        rsa = generator.generateKeyPair();
    }

    private static X509Certificate issued(
            SubjectPublicKeyInfo key, String purpose, int usage, ASN1Encodable... attributes)
            throws Exception {
        return maker.certify(
                "CN=TPM",
                key,
                builder -> {
                    builder.addExtension(
                            Extension.extendedKeyUsage,
                            false,
                            new ExtendedKeyUsage(
                                    KeyPurposeId.getInstance(new ASN1ObjectIdentifier(purpose))));
                    builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            true,
                            new GeneralNames(
                                    new GeneralName(
                                            X500Name.getInstance(new DERSequence(attributes)))));
                });
    }

    private static X509Certificate good(SubjectPublicKeyInfo key) throws Exception {
        return issued(
                key,
                "2.23.133.8.1",
                KeyUsage.keyEncipherment,
                names("id:494E5443", "PTT", "id:13"));
    }

    private static ASN1Encodable[] names(String manufacturer, String model, String version) {
        return new ASN1Encodable[] {
            attribute("2.23.133.2.1", manufacturer),
            attribute("2.23.133.2.2", model),
            attribute("2.23.133.2.3", version)
        };
    }

    private static DERSet attribute(String oid, String value) {
        return new DERSet(
                new DERSequence(
                        new ASN1Encodable[] {
                            new ASN1ObjectIdentifier(oid), new DERUTF8String(value)
                        }));
    }

    private static EndorsementResult validated(X509Certificate certificate, String... denied) {
        return new EndorsementCertificates(
                        new ChainValidator(
                                TrustAnchors.of(
                                        List.of(maker.certificate()), TrustAnchors.Origin.VENDOR),
                                List.of(),
                                RevocationRule.IF_PRESENT),
                        Set.of(denied))
                .validate(certificate, List.of(), TestAuthority.NOW);
    }

    private static void refused(EndorsementResult result, ChainFault fault, String words) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        EndorsementResult.Refused.class,
                        refused -> {
                            assertThat(refused.fault()).isEqualTo(fault);
                            assertThat(refused.reason()).contains(words);
                        });
    }

    @Test
    void namesTheTpmAndItsKey() throws Exception {
        assertThat(validated(good(TestAuthority.info(rsa))))
                .isInstanceOfSatisfying(
                        EndorsementResult.Trusted.class,
                        trusted -> {
                            TpmIdentity identity = trusted.identity();
                            assertThat(identity.manufacturer()).isEqualTo("INTC");
                            assertThat(identity.model()).isEqualTo("PTT");
                            assertThat(identity.firmware()).isEqualTo("id:13");
                            assertThat(identity.key()).isEqualTo(rsa.getPublic());
                            assertThat(identity.keyDigest())
                                    .isEqualTo(Certificates.sha256(rsa.getPublic().getEncoded()));
                        });
    }

    @Test
    void readsAnRsaKeyThatIsMarkedForOaep() throws Exception {
        SubjectPublicKeyInfo plain = TestAuthority.info(rsa);
        SubjectPublicKeyInfo oaep =
                new SubjectPublicKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP),
                        plain.parsePublicKey());
        assertThat(validated(good(oaep)))
                .isInstanceOfSatisfying(
                        EndorsementResult.Trusted.class,
                        trusted ->
                                assertThat(((RSAPublicKey) trusted.identity().key()).getModulus())
                                        .isEqualTo(((RSAPublicKey) rsa.getPublic()).getModulus()));
    }

    @Test
    void takesAKeyOnACurve() throws Exception {
        X509Certificate certificate =
                issued(
                        TestAuthority.info(TestAuthority.ecKeys("secp384r1")),
                        "2.23.133.8.1",
                        KeyUsage.keyAgreement,
                        names("id:00001014", "swtpm", "id:20191023"));
        assertThat(validated(certificate))
                .isInstanceOfSatisfying(
                        EndorsementResult.Trusted.class,
                        trusted ->
                                assertThat(trusted.identity().manufacturer())
                                        .isEqualTo("00001014"));
    }

    @ParameterizedTest
    @CsvSource({
        "1.3.6.1.5.5.7.3.1, 32, id:494E5443, 'expected the purpose 2.23.133.8.1, got others'",
        "2.23.133.8.1, 128, id:494E5443, 'expected a key for encipherment or agreement'",
        "2.23.133.8.1, 32, INTC, 'expected a manufacturer as'",
    })
    void refusesACertificateOfAnotherKind(
            String purpose, int usage, String manufacturer, String words) throws Exception {
        X509Certificate certificate =
                issued(TestAuthority.info(rsa), purpose, usage, names(manufacturer, "PTT", "id:1"));
        refused(validated(certificate), ChainFault.WRONG_KIND, words);
    }

    @Test
    void missesTheAttributesOfATpm() throws Exception {
        X509Certificate certificate =
                issued(
                        TestAuthority.info(rsa),
                        "2.23.133.8.1",
                        KeyUsage.keyEncipherment,
                        attribute("2.23.133.2.2", "PTT"));
        refused(
                validated(certificate),
                ChainFault.WRONG_KIND,
                "expected the attribute 2.23.133.2.1 of a TPM");
    }

    @Test
    void refusesAnAttributeThatIsThereTwice() throws Exception {
        X509Certificate certificate =
                issued(
                        TestAuthority.info(rsa),
                        "2.23.133.8.1",
                        KeyUsage.keyEncipherment,
                        attribute("2.23.133.2.1", "id:494E5443"),
                        attribute("2.23.133.2.1", "id:49465800"));
        refused(validated(certificate), ChainFault.WRONG_KIND, "each attribute of a TPM once");
    }

    @Test
    void refusesAnAuthority() throws Exception {
        X509Certificate certificate =
                maker.certify(
                        "CN=TPM",
                        TestAuthority.info(rsa),
                        builder ->
                                builder.addExtension(
                                        Extension.basicConstraints,
                                        true,
                                        new BasicConstraints(true)));
        refused(validated(certificate), ChainFault.WRONG_KIND, "expected no authority");
    }

    @Test
    void refusesADeniedKey() throws Exception {
        String digest = Certificates.sha256(rsa.getPublic().getEncoded());
        refused(validated(good(TestAuthority.info(rsa)), digest), ChainFault.DENIED, "deny list");
    }

    @Test
    void refusesAKeyOfTheWeakGenerator() throws Exception {
        var weak =
                new java.security.spec.RSAPublicKeySpec(weakModulus(), BigInteger.valueOf(65537));
        var key = java.security.KeyFactory.getInstance("RSA").generatePublic(weak);
        SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(key.getEncoded());
        refused(validated(good(info)), ChainFault.WEAK_KEY, "CVE-2017-15361");
        assertThat(EndorsementKeys.isRoca(rsa.getPublic())).isFalse();
    }

    /// A number of 2048 bits that is a power of 65537 modulo the product of the small primes.
    private static BigInteger weakModulus() {
        BigInteger primorial = BigInteger.ONE;
        for (int prime = 2; prime <= 167; prime++) {
            if (BigInteger.valueOf(prime).isProbablePrime(20)) {
                primorial = primorial.multiply(BigInteger.valueOf(prime));
            }
        }
        BigInteger power = BigInteger.valueOf(65537).modPow(BigInteger.valueOf(12345), primorial);
        BigInteger factor = BigInteger.ONE.shiftLeft(2047).divide(primorial).add(BigInteger.TWO);
        return primorial.multiply(factor).add(power);
    }

    @Test
    void passesOverWhatMakersFillTheStorageWith() throws Exception {
        byte[] der = good(TestAuthority.info(rsa)).getEncoded();
        for (byte filler : new byte[] {0, -1}) {
            byte[] storage = Arrays.copyOf(der, der.length + 100);
            Arrays.fill(storage, der.length, storage.length, filler);
            assertThat(EndorsementCertificates.fromStorage(storage).getEncoded()).isEqualTo(der);
        }
        assertThat(EndorsementCertificates.fromStorage(der).getEncoded()).isEqualTo(der);
    }

    @Test
    void refusesOtherBytesBehindACertificate() throws Exception {
        byte[] der = good(TestAuthority.info(rsa)).getEncoded();
        byte[] storage = Arrays.copyOf(der, der.length + 2);
        storage[der.length + 1] = 1;
        assertThatThrownBy(() -> EndorsementCertificates.fromStorage(storage))
                .hasMessage("ek certificate: expected only padding from offset " + der.length);
    }
}
