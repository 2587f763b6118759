// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Reads X.509 certificates and revocation lists from outside, within limits.
public final class Certificates {
    /// Longest certificate read; those of TPMs, AMD and Intel have under 2 KiB.
    public static final int CERTIFICATE_BYTES_MAX = 16 * 1024;

    /// Longest revocation list read; Intel's lists of platforms have a few KiB.
    public static final int CRL_BYTES_MAX = 4 * 1024 * 1024;

    /// Most certificates in one PEM text from outside; a chain has three or four.
    static final int PEM_COUNT_MAX = 16;

    private static final String COMMON_NAME = "2.5.4.3";
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----\n";
    private static final String END = "-----END CERTIFICATE-----\n";
    private static final int PEM_COLUMNS = 64;

    private Certificates() {}

    /// Reads the one certificate that fills `der`.
    public static X509Certificate certificate(byte[] der) throws EvidenceFormatException {
        checkLength("certificate", der, CERTIFICATE_BYTES_MAX);
        checkEnvelope(der);
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException | RuntimeException refused) {
            // The JDK's parser throws unchecked exceptions on some malformed names.
            throw new EvidenceFormatException(
                    "certificate: expected X.509 in DER, got " + cause(refused));
        }
    }

    /// Reads the one revocation list that fills `der`.
    public static X509CRL revocationList(byte[] der) throws EvidenceFormatException {
        checkLength("crl", der, CRL_BYTES_MAX);
        try {
            X509CRL list =
                    (X509CRL)
                            CertificateFactory.getInstance("X.509")
                                    .generateCRL(new ByteArrayInputStream(der));
            if (!Arrays.equals(list.getEncoded(), der)) {
                throw new EvidenceFormatException(
                        "crl: expected nothing but DER, got something beside it");
            }
            return list;
        } catch (CRLException | CertificateException | RuntimeException refused) {
            throw new EvidenceFormatException("crl: expected X.509 in DER, got " + cause(refused));
        }
    }

    /// Reads certificates from a PEM text that has exactly the form OpenSSL writes: lines of 64
    /// columns that end in a line feed, and nothing between the certificates.
    ///
    /// There is one such text for given certificates, so a changed bit is never without effect.
    public static List<X509Certificate> strictPem(byte[] text) throws EvidenceFormatException {
        checkLength("pem", text, PEM_COUNT_MAX * CERTIFICATE_BYTES_MAX);
        String pem = new String(text, StandardCharsets.ISO_8859_1);
        List<X509Certificate> certificates = new ArrayList<>();
        StringBuilder canonical = new StringBuilder();
        int at = 0;
        while (at < pem.length()) {
            int end = pem.indexOf(END, at);
            if (!pem.startsWith(BEGIN, at) || end < 0 || certificates.size() == PEM_COUNT_MAX) {
                throw new EvidenceFormatException(
                        "pem: expected up to " + PEM_COUNT_MAX + " certificates at offset " + at);
            }
            byte[] der = base64(pem.substring(at + BEGIN.length(), end).replace("\n", ""));
            certificates.add(certificate(der));
            canonical.append(pem(der));
            at = end + END.length();
        }
        if (certificates.isEmpty() || !canonical.toString().equals(pem)) {
            throw new EvidenceFormatException(
                    "pem: expected certificates in lines of 64 columns and nothing else");
        }
        return List.copyOf(certificates);
    }

    /// The PEM text of one certificate.
    public static String pem(byte[] der) {
        Base64.Encoder encoder = Base64.getMimeEncoder(PEM_COLUMNS, new byte[] {'\n'});
        return BEGIN + encoder.encodeToString(der) + "\n" + END;
    }

    /// SHA-256 of a certificate's DER in hexadecimal, which names it in messages and deny lists.
    public static String fingerprint(X509Certificate certificate) {
        try {
            return sha256(certificate.getEncoded());
        } catch (CertificateException impossible) {
            throw new IllegalStateException("a parsed certificate has its DER", impossible);
        }
    }

    /// The one common name of a certificate's subject.
    public static Optional<String> commonName(X509Certificate certificate) {
        try {
            DerReader name =
                    DerReader.of("name", certificate.getSubjectX500Principal().getEncoded())
                            .inside(DerReader.SEQUENCE);
            Optional<String> found = Optional.empty();
            while (name.more()) {
                DerReader relative = name.inside(DerReader.SET);
                while (relative.more()) {
                    DerReader attribute = relative.inside(DerReader.SEQUENCE);
                    if (!attribute.oid().equals(COMMON_NAME)) {
                        continue;
                    }
                    if (found.isPresent()) {
                        return Optional.empty();
                    }
                    found = Optional.of(attribute.text());
                }
            }
            return found;
        } catch (EvidenceFormatException _) {
            // A name in another alphabet is none that is compared here.
            return Optional.empty();
        }
    }

    /// SHA-256 in hexadecimal.
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /// Checks what the signature does not cover and the JDK lets pass, so that no bit of a
    /// certificate is without effect: that nothing follows and that the signature has whole bytes.
    private static void checkEnvelope(byte[] der) throws EvidenceFormatException {
        DerReader reader = DerReader.of("certificate", der);
        DerReader envelope = reader.inside(DerReader.SEQUENCE);
        reader.end();
        envelope.skip();
        envelope.skip();
        byte[] signature = envelope.contents(DerReader.BIT_STRING);
        envelope.end();
        if (signature.length == 0 || signature[0] != 0) {
            throw new EvidenceFormatException(
                    "certificate: expected a signature of whole bytes at the end");
        }
    }

    private static byte[] base64(String text) throws EvidenceFormatException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            throw new EvidenceFormatException("pem: expected base64 between the lines of dashes");
        }
    }

    private static void checkLength(String structure, byte[] bytes, int max)
            throws EvidenceFormatException {
        if (bytes.length > max) {
            throw new EvidenceFormatException(
                    structure + ": expected at most " + max + " bytes, got " + bytes.length);
        }
    }

    /// The parser's words, without what an attacker could make long or unprintable.
    private static String cause(Exception refused) {
        String words = String.valueOf(refused.getMessage()).replaceAll("[^ -~]", "?");
        return words.length() <= 120 ? words : words.substring(0, 120) + "...";
    }
}
