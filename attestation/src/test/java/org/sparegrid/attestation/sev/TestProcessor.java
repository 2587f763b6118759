// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.sparegrid.attestation.authority.TestAuthority;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.TrustAnchors;

/// A processor of a test with a root of its own: it signs reports as AMD's do.
public final class TestProcessor {
    private static final String BASE = "1.3.6.1.4.1.3704.1.";

    private final TestAuthority root;
    private final TestAuthority signer;
    private final KeyPair keys = TestAuthority.ecKeys("secp384r1");
    private final X509Certificate certificate;
    private final String product;
    private final SnpSigningKey kind;

    /// A processor with firmware versions 3, 0, 8 and 115 and a chip id of eight bytes of 7.
    public TestProcessor(String product, SnpSigningKey kind) throws Exception {
        this.product = product;
        this.kind = kind;
        this.root = TestAuthority.root("CN=ARK-" + product);
        this.signer =
                root.below((kind == SnpSigningKey.VCEK ? "CN=SEV-" : "CN=SEV-VLEK-") + product);
        this.certificate = signer.certify("CN=SEV-" + kind, TestAuthority.info(keys), this::extend);
    }

    private void extend(org.bouncycastle.cert.X509v3CertificateBuilder builder) throws Exception {
        Map<String, Integer> versions = new TreeMap<>(Map.of("1", 1, "3.1", 3, "3.2", 0));
        versions.putAll(Map.of("3.3", 8, "3.8", 115));
        if (product.equals("Turin")) {
            versions.put("3.9", 1);
        }
        for (var version : versions.entrySet()) {
            builder.addExtension(
                    new ASN1ObjectIdentifier(BASE + version.getKey()),
                    false,
                    new ASN1Integer(version.getValue()));
        }
        builder.addExtension(
                new ASN1ObjectIdentifier(BASE + "2"), false, new DERIA5String(product + "-B1"));
        if (kind == SnpSigningKey.VCEK) {
            builder.addExtension(new ASN1ObjectIdentifier(BASE + "4"), false, chipId());
        }
    }

    private byte[] chipId() {
        byte[] id = new byte[product.equals("Turin") ? 8 : 64];
        Arrays.fill(id, 0, 8, (byte) 7);
        return id;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public List<X509Certificate> intermediates() {
        return List.of(signer.certificate());
    }

    public ChainValidator validator() {
        return new ChainValidator(
                TrustAnchors.of(List.of(root.certificate()), TrustAnchors.Origin.VENDOR),
                List.of(),
                RevocationRule.IF_PRESENT);
    }

    public SnpEndorsement endorsement() {
        var result =
                SnpEndorsement.validate(
                        validator(), certificate, intermediates(), TestAuthority.NOW);
        if (result instanceof SnpEndorsement.Result.Trusted trusted) {
            return trusted.endorsement();
        }
        throw new AssertionError(result);
    }

    /// An unsigned report of this processor that holds all it should.
    public byte[] report(int version) {
        byte[] bytes = new byte[SnpReport.LENGTH];
        ByteBuffer report = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        report.putInt(0, version);
        report.putLong(8, 0x30000);
        report.putInt(0x34, 1);
        long tcb = product.equals("Turin") ? 0x7300_0000_0800_0301L : 0x7308_0000_0000_0003L;
        for (int at : new int[] {0x38, 0x180, 0x1e0, 0x1f0}) {
            report.putLong(at, tcb);
        }
        report.putLong(0x40, 0x21);
        report.putInt(0x48, kind == SnpSigningKey.VCEK ? 0 : 4);
        report.put(0x50, "report data".getBytes(US_ASCII));
        report.put(0x90, "measurement".getBytes(US_ASCII));
        if (version >= 3) {
            report.put(0x188, (byte) (product.equals("Turin") ? 0x1a : 0x19));
            report.put(0x189, (byte) (product.equals("Milan") ? 0x01 : 0x11));
        }
        if (version >= 5) {
            report.putLong(0x1f8, 3);
            report.putLong(0x200, 1);
        }
        if (kind == SnpSigningKey.VCEK) {
            report.put(0x1a0, chipId());
        }
        return bytes;
    }

    /// Signs a report in place.
    public byte[] signed(byte[] report) throws Exception {
        Signature signature = Signature.getInstance("SHA384withECDSAinP1363Format");
        signature.initSign(keys.getPrivate());
        signature.update(report, 0, SnpReport.SIGNED_LENGTH);
        byte[] both = signature.sign();
        for (int i = 0; i < 48; i++) {
            report[SnpReport.SIGNED_LENGTH + i] = both[47 - i];
            report[SnpReport.SIGNED_LENGTH + 72 + i] = both[95 - i];
        }
        return report;
    }
}
