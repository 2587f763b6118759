// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// The certificates that a verifier believes without proof, and what he believes of them.
///
/// @param roots self-signed certificates at which a chain may end
/// @param intermediates certificates known in advance, used to complete a chain, never believed
/// @param origin what a chain to these roots says about a machine
public record TrustAnchors(
        Set<X509Certificate> roots, List<X509Certificate> intermediates, Origin origin) {
    /// Most certificates of a bundle; the known TPM vendors have about 170.
    public static final int CERTIFICATES_MAX = 1_000;

    private static final int BUNDLE_BYTES_MAX = 8 * 1024 * 1024;
    private static final Pattern BLOCK =
            Pattern.compile(
                    "-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]*+)-----END CERTIFICATE-----");

    /// What stands behind a root.
    public enum Origin {
        /// A maker of TPMs or processors.
        VENDOR,
        /// Somebody's own authority, such as that of a software TPM: proves nothing to strangers.
        DEVELOPMENT
    }

    public TrustAnchors {
        roots = Set.copyOf(roots);
        intermediates = List.copyOf(intermediates);
    }

    /// Reads a PEM bundle; text between the certificates is skipped.
    ///
    /// A self-signed certificate becomes a root, any other an intermediate.
    public static TrustAnchors ofPem(byte[] bundle, Origin origin) throws EvidenceFormatException {
        if (bundle.length > BUNDLE_BYTES_MAX) {
            throw new EvidenceFormatException(
                    "trust anchors: expected at most "
                            + BUNDLE_BYTES_MAX
                            + " bytes, got "
                            + bundle.length);
        }
        return of(certificates(bundle), origin);
    }

    /// Sorts certificates into roots and intermediates.
    public static TrustAnchors of(List<X509Certificate> certificates, Origin origin) {
        Set<X509Certificate> roots = new LinkedHashSet<>();
        List<X509Certificate> intermediates = new ArrayList<>();
        for (X509Certificate certificate : certificates) {
            if (certificate
                    .getIssuerX500Principal()
                    .equals(certificate.getSubjectX500Principal())) {
                roots.add(certificate);
            } else {
                intermediates.add(certificate);
            }
        }
        return new TrustAnchors(roots, intermediates, origin);
    }

    /// Reads every `.pem` and `.crt` file in PEM form, and every `.der` and `.cer`, of a folder.
    ///
    /// @throws IOException if a file cannot be read
    public static TrustAnchors ofFolder(Path folder, Origin origin)
            throws IOException, EvidenceFormatException {
        List<X509Certificate> all = new ArrayList<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(folder, "*.{pem,crt,der,cer}")) {
            for (Path file : files) {
                all.addAll(certificatesOf(file));
                if (all.size() > CERTIFICATES_MAX) {
                    throw tooMany();
                }
            }
        }
        return of(all, origin);
    }

    private static List<X509Certificate> certificatesOf(Path file)
            throws IOException, EvidenceFormatException {
        if (Files.size(file) > BUNDLE_BYTES_MAX) {
            throw new EvidenceFormatException(
                    "trust anchors: expected at most "
                            + BUNDLE_BYTES_MAX
                            + " bytes in "
                            + file.getFileName());
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            return bytes.length > 0 && bytes[0] == DerReader.SEQUENCE
                    ? List.of(Certificates.certificate(bytes))
                    : certificates(bytes);
        } catch (EvidenceFormatException refused) {
            throw new EvidenceFormatException(refused.getMessage() + " in " + file.getFileName());
        }
    }

    private static List<X509Certificate> certificates(byte[] bundle)
            throws EvidenceFormatException {
        List<X509Certificate> all = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(new String(bundle, StandardCharsets.ISO_8859_1));
        while (blocks.find()) {
            byte[] der;
            try {
                der = Base64.getMimeDecoder().decode(blocks.group(1));
            } catch (IllegalArgumentException _) {
                throw new EvidenceFormatException("trust anchors: expected base64 in each block");
            }
            all.add(Certificates.certificate(der));
            if (all.size() > CERTIFICATES_MAX) {
                throw tooMany();
            }
        }
        if (all.isEmpty()) {
            throw new EvidenceFormatException("trust anchors: expected a certificate in PEM form");
        }
        return all;
    }

    private static EvidenceFormatException tooMany() {
        return new EvidenceFormatException(
                "trust anchors: expected at most " + CERTIFICATES_MAX + " certificates");
    }
}
