// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.sparegrid.attestation.authority.TestAuthority;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.wire.Octets;

/// A platform of a test with a root of its own: it makes quotes and collateral as Intel's do.
public final class TestPlatform {
    private static final String BASE = "1.2.840.113741.1.13.1";
    private static final String SUFFIX = ",O=Intel Corporation,L=Santa Clara,ST=CA,C=US";

    private final TestAuthority root;
    private final TestAuthority issuer;
    private final KeyPair platformKeys = TestAuthority.ecKeys("secp256r1");
    private final KeyPair attestationKeys = TestAuthority.ecKeys("secp256r1");
    private final KeyPair signerKeys = TestAuthority.ecKeys("secp256r1");
    private final X509Certificate platform;
    private final X509Certificate signer;

    /// A platform all of whose parts have version 5, with PCESVN 11.
    public TestPlatform() throws Exception {
        this("Intel SGX PCK Platform CA");
    }

    TestPlatform(String issuerName) throws Exception {
        root = TestAuthority.root("CN=Intel SGX Root CA" + SUFFIX);
        issuer = root.below("CN=" + issuerName + SUFFIX);
        platform =
                issuer.certify(
                        "CN=Intel SGX PCK Certificate" + SUFFIX,
                        TestAuthority.info(platformKeys),
                        TestAuthority.extension(BASE, extension()));
        signer =
                root.certify(
                        "CN=Intel SGX TCB Signing" + SUFFIX,
                        TestAuthority.info(signerKeys),
                        TestAuthority.Extras.NONE);
    }

    private static ASN1Encodable extension() {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        for (int i = 1; i <= 17; i++) {
            parts.add(entry(".2." + i, new ASN1Integer(i == 17 ? 11 : 5)));
        }
        return new DERSequence(
                new ASN1Encodable[] {
                    entry(".1", new DEROctetString(new byte[16])),
                    entry(".2", new DERSequence(parts)),
                    entry(".3", new DEROctetString(new byte[2])),
                    entry(".4", new DEROctetString(HexFormat.of().parseHex("00806f050000"))),
                });
    }

    private static ASN1Encodable entry(String number, ASN1Encodable value) {
        return new DERSequence(
                new ASN1Encodable[] {new ASN1ObjectIdentifier(BASE + number), value});
    }

    public ChainValidator validator() {
        return new ChainValidator(
                TrustAnchors.of(List.of(root.certificate()), TrustAnchors.Origin.VENDOR),
                List.of(),
                RevocationRule.IF_PRESENT);
    }

    /// The body of TDX 1.0 that [#quote] puts into quotes of version 4.
    public static byte[] body() {
        ByteBuffer body = ByteBuffer.allocate(584).order(ByteOrder.LITTLE_ENDIAN);
        body.put(0, new byte[] {5, 1, 5});
        body.putLong(120, 1 << 28);
        body.put(136, "measurement".getBytes(US_ASCII));
        body.put(520, "report data".getBytes(US_ASCII));
        return body.array();
    }

    /// The report of the quoting enclave, but for the key it names.
    static byte[] enclave() {
        ByteBuffer enclave = ByteBuffer.allocate(384).order(ByteOrder.LITTLE_ENDIAN);
        enclave.put(48, HexFormat.of().parseHex("1500000000000000e700000000000000"));
        Arrays.fill(enclave.array(), 128, 160, (byte) 0xdc);
        enclave.putShort(256, (short) 2);
        enclave.putShort(258, (short) 6);
        return enclave.array();
    }

    /// A quote of this platform.
    public byte[] quote(int version, byte[] body) throws Exception {
        return quote(version, body, enclave());
    }

    byte[] quote(int version, byte[] body, byte[] enclave) throws Exception {
        ByteArrayOutputStream quote = new ByteArrayOutputStream();
        quote.writeBytes(little(2, version));
        quote.writeBytes(little(2, 2));
        quote.writeBytes(little(4, 0x81));
        quote.writeBytes(new byte[4]);
        quote.writeBytes(HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607"));
        quote.writeBytes(new byte[20]);
        if (version == 5) {
            quote.writeBytes(little(2, body.length == 584 ? 2 : 3));
            quote.writeBytes(little(4, body.length));
        }
        quote.writeBytes(body);
        byte[] signature = signed(attestationKeys.getPrivate(), quote.toByteArray());
        byte[] key = point((ECPublicKey) attestationKeys.getPublic());
        byte[] beside = "beside".getBytes(US_ASCII);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(key);
        System.arraycopy(sha256.digest(beside), 0, enclave, 320, 32);
        ByteArrayOutputStream certified = new ByteArrayOutputStream();
        certified.writeBytes(enclave);
        certified.writeBytes(signed(platformKeys.getPrivate(), enclave));
        certified.writeBytes(little(2, beside.length));
        certified.writeBytes(beside);
        byte[] pem = pem().getBytes(US_ASCII);
        certified.writeBytes(little(2, 5));
        certified.writeBytes(little(4, pem.length));
        certified.writeBytes(pem);
        quote.writeBytes(little(4, 64 + 64 + 6 + certified.size()));
        quote.writeBytes(signature);
        quote.writeBytes(key);
        quote.writeBytes(little(2, 6));
        quote.writeBytes(little(4, certified.size()));
        quote.writeBytes(certified.toByteArray());
        return quote.toByteArray();
    }

    private String pem() throws Exception {
        return Certificates.pem(platform.getEncoded())
                + Certificates.pem(issuer.certificate().getEncoded())
                + Certificates.pem(root.certificate().getEncoded());
    }

    private static byte[] point(ECPublicKey key) {
        byte[] point = new byte[64];
        copy(key.getW().getAffineX().toByteArray(), point, 32);
        copy(key.getW().getAffineY().toByteArray(), point, 64);
        return point;
    }

    private static void copy(byte[] number, byte[] to, int end) {
        int length = Math.min(number.length, 32);
        System.arraycopy(number, number.length - length, to, end - length, length);
    }

    private static byte[] little(int length, int value) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (value >>> (8 * i));
        }
        return bytes;
    }

    private static byte[] signed(PrivateKey key, byte[] message) throws Exception {
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    /// Collateral with these two signed objects.
    public TdxCollateral collateral(String tcbInfo, String identity) throws Exception {
        return new TdxCollateral(
                answer("tcbInfo", tcbInfo),
                answer("enclaveIdentity", identity),
                List.of(signer, root.certificate()));
    }

    private Octets answer(String name, String object) throws Exception {
        String signature =
                HexFormat.of().formatHex(signed(signerKeys.getPrivate(), object.getBytes(UTF_8)));
        return Octets.of(
                ("{\"" + name + "\":" + object + ",\"signature\":\"" + signature + "\"}")
                        .getBytes(UTF_8));
    }

    /// An answer about levels, each `version:status`, that covers this platform.
    public static String tcbInfo(String moduleStatus, String... levels) {
        StringBuilder all = new StringBuilder();
        for (String level : levels) {
            String[] parts = level.split(":", 2);
            String versions = ("{\"svn\":" + parts[0] + "},").repeat(16).replaceAll(",$", "");
            all.append(all.isEmpty() ? "" : ",")
                    .append("{\"tcb\":{\"sgxtcbcomponents\":[")
                    .append(versions)
                    .append("],\"pcesvn\":11,\"tdxtcbcomponents\":[")
                    .append("{\"svn\":0},".repeat(15))
                    .append("{\"svn\":0}]},\"tcbDate\":\"2025-06-01T00:00:00Z\",\"tcbStatus\":\"")
                    .append(parts[1])
                    .append("\",\"advisoryIDs\":[\"INTEL-SA-")
                    .append(parts[0])
                    .append("\"]}");
        }
        return """
        {"id":"TDX","version":3,"issueDate":"2025-12-15T00:00:00Z",\
        "nextUpdate":"2026-01-15T00:00:00Z","fmspc":"00806F050000","pceId":"0000","tcbType":0,\
        "tcbEvaluationDataNumber":17,"tdxModule":{"mrsigner":"%s","attributes":"0000000000000000",\
        "attributesMask":"FFFFFFFFFFFFFFFF"},"tdxModuleIdentities":[{"id":"TDX_01","mrsigner":"%s",\
        "attributes":"0000000000000000","attributesMask":"FFFFFFFFFFFFFFFF","tcbLevels":[{"tcb":\
        {"isvsvn":4},"tcbDate":"2025-06-01T00:00:00Z","tcbStatus":"%s"}]}],"tcbLevels":[%s]}\
        """
                .formatted("0".repeat(96), "0".repeat(96), moduleStatus, all);
    }

    /// An answer about the quoting enclave of this platform.
    public static String identity(String status) {
        return """
        {"id":"TD_QE","version":2,"issueDate":"2025-12-15T00:00:00Z",\
        "nextUpdate":"2026-01-15T00:00:00Z","tcbEvaluationDataNumber":18,"miscselect":"00000000",\
        "miscselectMask":"FFFFFFFF","attributes":"11000000000000000000000000000000",\
        "attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":"%s","isvprodid":2,\
        "tcbLevels":[{"tcb":{"isvsvn":6},"tcbDate":"2025-06-01T00:00:00Z","tcbStatus":"%s"},\
        {"tcb":{"isvsvn":4},"tcbDate":"2024-06-01T00:00:00Z","tcbStatus":"OutOfDate"}]}\
        """
                .formatted("DC".repeat(32), status);
    }
}
