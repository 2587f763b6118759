// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.attestation.authority.TestAuthority.FROM;
import static org.sparegrid.attestation.authority.TestAuthority.NOW;
import static org.sparegrid.attestation.authority.TestAuthority.TO;

import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.sparegrid.attestation.authority.TestAuthority;

class ChainValidatorTest {
    private static TestAuthority root;
    private static TestAuthority below;
    private static X509Certificate leaf;

    @BeforeAll
    static void issues() throws Exception {
        root = TestAuthority.root("CN=Root");
        below = root.below("CN=Below");
        leaf =
                below.certify(
                        "CN=Leaf",
                        TestAuthority.info(TestAuthority.ecKeys("secp256r1")),
                        TestAuthority.Extras.NONE);
    }

    private static ChainValidator validator(RevocationRule rule, X509CRL... lists) {
        TrustAnchors anchors =
                TrustAnchors.of(List.of(root.certificate()), TrustAnchors.Origin.DEVELOPMENT);
        return new ChainValidator(anchors, List.of(lists), rule);
    }

    private static ChainResult validated(Instant at, List<X509Certificate> given) {
        return validator(RevocationRule.IF_PRESENT).validate(leaf, given, at);
    }

    private static void refused(ChainResult result, ChainFault fault, String words) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        ChainResult.Refused.class,
                        refused -> {
                            assertThat(refused.fault()).isEqualTo(fault);
                            assertThat(refused.reason()).contains(words);
                        });
    }

    @Test
    void followsTheChainToTheRoot() {
        assertThat(validated(NOW, List.of(below.certificate())))
                .isEqualTo(
                        new ChainResult.Trusted(
                                List.of(leaf, below.certificate(), root.certificate()),
                                TrustAnchors.Origin.DEVELOPMENT,
                                ChainResult.Revocation.NOT_PUBLISHED));
    }

    @Test
    void missesAnIntermediate() {
        refused(validated(NOW, List.of()), ChainFault.NO_TRUSTED_ROOT, "no trusted root");
    }

    @Test
    void doesNotBelieveARootThatTheEvidenceBrings() throws Exception {
        TestAuthority same = TestAuthority.root("CN=Root");
        TestAuthority sameBelow = same.below("CN=Below");
        X509Certificate forged =
                sameBelow.certify(
                        "CN=Leaf",
                        TestAuthority.info(TestAuthority.ecKeys("secp256r1")),
                        TestAuthority.Extras.NONE);
        refused(
                validator(RevocationRule.IF_PRESENT)
                        .validate(
                                forged, List.of(sameBelow.certificate(), same.certificate()), NOW),
                ChainFault.NO_TRUSTED_ROOT,
                "Leaf");
    }

    @Test
    void refusesWhatIsNotValidAtTheTime() {
        List<X509Certificate> given = List.of(below.certificate());
        refused(
                validated(FROM.minus(Duration.ofDays(1)), given),
                ChainFault.NOT_YET_VALID,
                "valid only from 2025-01-01");
        refused(
                validated(TO.plus(Duration.ofDays(1)), given),
                ChainFault.EXPIRED,
                "expired on 2027-01-01");
    }

    @Test
    void refusesALeafThatActsAsAnAuthority() throws Exception {
        var keys = TestAuthority.ecKeys("secp256r1");
        X509Certificate noAuthority =
                below.certify(
                        "CN=No authority", TestAuthority.info(keys), TestAuthority.Extras.NONE);
        X509Certificate under = signedBy(noAuthority, keys);
        refused(
                validator(RevocationRule.IF_PRESENT)
                        .validate(under, List.of(noAuthority, below.certificate()), NOW),
                ChainFault.CONSTRAINTS,
                "may not be used so");
    }

    private static X509Certificate signedBy(X509Certificate issuer, java.security.KeyPair keys)
            throws Exception {
        var builder =
                new org.bouncycastle.cert.X509v3CertificateBuilder(
                        org.bouncycastle.asn1.x500.X500Name.getInstance(
                                issuer.getSubjectX500Principal().getEncoded()),
                        java.math.BigInteger.TWO,
                        java.util.Date.from(FROM),
                        java.util.Date.from(TO),
                        new org.bouncycastle.asn1.x500.X500Name("CN=Under"),
                        TestAuthority.info(TestAuthority.ecKeys("secp256r1")));
        return Certificates.certificate(
                builder.build(
                                new org.bouncycastle.operator.jcajce.JcaContentSignerBuilder(
                                                "SHA256withECDSA")
                                        .build(keys.getPrivate()))
                        .getEncoded());
    }

    @Test
    void looksEachCertificateUpInTheListOfItsIssuer() throws Exception {
        X509CRL ofRoot = root.revoking(FROM, TO, List.of());
        X509CRL ofBelow = below.revoking(FROM, TO, List.of());
        assertThat(
                        validator(RevocationRule.REQUIRED, ofRoot, ofBelow)
                                .validate(leaf, List.of(below.certificate()), NOW))
                .isInstanceOfSatisfying(
                        ChainResult.Trusted.class,
                        trusted ->
                                assertThat(trusted.revocation())
                                        .isEqualTo(ChainResult.Revocation.CHECKED));
    }

    @Test
    void refusesWhatWasTakenBackAtAnyLevel() throws Exception {
        refused(
                validator(RevocationRule.IF_PRESENT, below.revoking(FROM, TO, List.of(leaf)))
                        .validate(leaf, List.of(below.certificate()), NOW),
                ChainFault.REVOKED,
                "Below took back the certificate of Leaf (KEY COMPROMISE)");
        refused(
                validator(
                                RevocationRule.IF_PRESENT,
                                root.revoking(FROM, TO, List.of(below.certificate())))
                        .validate(leaf, List.of(below.certificate()), NOW),
                ChainFault.REVOKED,
                "Root took back the certificate of Below");
    }

    @Test
    void believesTheListThatTakesBackBesideOneThatDoesNot() throws Exception {
        refused(
                validator(
                                RevocationRule.IF_PRESENT,
                                below.revoking(FROM, TO, List.of(leaf)),
                                below.revoking(FROM, TO, List.of()))
                        .validate(leaf, List.of(below.certificate()), NOW),
                ChainFault.REVOKED,
                "took back");
    }

    @Test
    void missesAListWhereTheRuleWantsOne() throws Exception {
        refused(
                validator(RevocationRule.REQUIRED)
                        .validate(leaf, List.of(below.certificate()), NOW),
                ChainFault.REVOCATION_UNKNOWN,
                "no revocation list of Root");
        X509Certificate published =
                below.certify(
                        "CN=Published",
                        TestAuthority.info(TestAuthority.ecKeys("secp256r1")),
                        TestAuthority.extension("2.5.29.31", distributionPoint()));
        refused(
                validator(RevocationRule.IF_PUBLISHED)
                        .validate(published, List.of(below.certificate()), NOW),
                ChainFault.REVOCATION_UNKNOWN,
                "no revocation list of Below");
        assertThat(
                        validator(RevocationRule.IF_PRESENT)
                                .validate(published, List.of(below.certificate()), NOW))
                .isInstanceOfSatisfying(
                        ChainResult.Trusted.class,
                        trusted ->
                                assertThat(trusted.revocation())
                                        .isEqualTo(ChainResult.Revocation.NOT_CHECKED));
    }

    private static CRLDistPoint distributionPoint() {
        GeneralName address =
                new GeneralName(GeneralName.uniformResourceIdentifier, "http://example.org/crl");
        return new CRLDistPoint(
                new DistributionPoint[] {
                    new DistributionPoint(
                            new DistributionPointName(new GeneralNames(address)), null, null)
                });
    }

    @Test
    void refusesAListThatIsStaleEarlyOrForged() throws Exception {
        List<X509Certificate> given = List.of(below.certificate());
        Duration day = Duration.ofDays(1);
        refused(
                validator(
                                RevocationRule.IF_PRESENT,
                                below.revoking(FROM, NOW.minus(day), List.of()))
                        .validate(leaf, given, NOW),
                ChainFault.REVOCATION_UNKNOWN,
                "is stale since 2025-12-31");
        refused(
                validator(RevocationRule.IF_PRESENT, below.revoking(NOW.plus(day), TO, List.of()))
                        .validate(leaf, given, NOW),
                ChainFault.REVOCATION_UNKNOWN,
                "is of a later time");
        X509CRL forged = TestAuthority.root("CN=Below").revoking(FROM, TO, List.of());
        refused(
                validator(RevocationRule.IF_PRESENT, forged).validate(leaf, given, NOW),
                ChainFault.REVOCATION_UNKNOWN,
                "is not signed by it");
    }

    @Test
    void spendsABoundedNumberOfSignaturesOnCraftedNames() throws Exception {
        List<X509Certificate> loop = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            loop.add(TestAuthority.root("CN=Below").certificate());
        }
        assertThat(validated(NOW, loop)).isInstanceOf(ChainResult.Refused.class);
    }

    @Test
    void knowsTheRootsOfProcessorMakers() {
        assertThat(VendorRoots.amd().roots().stream().map(Certificates::fingerprint).toList())
                .containsExactlyInAnyOrder(
                        "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd",
                        "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1",
                        "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a");
        assertThat(VendorRoots.intel().roots().stream().map(Certificates::fingerprint).toList())
                .containsExactly(
                        "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
    }

    @Test
    void endsEveryShippedIntermediateAtAShippedRoot() {
        for (TrustAnchors anchors : Set.of(VendorRoots.amd(), VendorRoots.intel())) {
            ChainValidator validator =
                    new ChainValidator(anchors, List.of(), RevocationRule.IF_PRESENT);
            for (X509Certificate each : anchors.intermediates()) {
                assertThat(validator.validate(each, List.of(), NOW))
                        .isInstanceOf(ChainResult.Trusted.class);
            }
        }
    }
}
