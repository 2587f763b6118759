// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/// Follows a certificate to a root that is believed, and checks the path at a given time.
///
/// The path is built here, because evidence may bring any certificates; the JDK's PKIX validator
/// then checks signatures, dates, authority, path lengths, key usage and critical extensions.
/// Revocation is looked up in the lists at hand, never fetched. Threads may share it.
///
/// Source: RFC 5280, sections 6.1 and 6.3.
public final class ChainValidator {
    /// Certificates below the root in the longest path tried; TPM makers use three.
    static final int PATH_LENGTH_MAX = 6;

    /// Signatures tried while building one path: bounds what crafted names can cost.
    static final int SIGNATURES_MAX = 32;

    private final TrustAnchors anchors;
    private final RevocationLists lists;

    /// A validator of paths to `anchors`.
    ///
    /// @param lists revocation lists at hand; those of other issuers are passed over
    public ChainValidator(TrustAnchors anchors, List<X509CRL> lists, RevocationRule rule) {
        this.anchors = anchors;
        this.lists = new RevocationLists(lists, rule);
    }

    /// Validates `leaf` at the time `at`.
    ///
    /// @param given intermediates that came with the evidence; roots among them are not believed
    public ChainResult validate(X509Certificate leaf, List<X509Certificate> given, Instant at) {
        List<X509Certificate> candidates = new ArrayList<>(given);
        candidates.addAll(anchors.intermediates());
        Optional<List<X509Certificate>> path = pathFrom(leaf, candidates);
        if (path.isEmpty()) {
            return new ChainResult.Refused(
                    ChainFault.NO_TRUSTED_ROOT,
                    "no trusted root signed the certificate of "
                            + name(leaf)
                            + ", issued by "
                            + shown(leaf.getIssuerX500Principal()));
        }
        return validatePath(path.get(), at);
    }

    private ChainResult validatePath(List<X509Certificate> path, Instant at) {
        try {
            PKIXParameters parameters =
                    new PKIXParameters(Set.of(new TrustAnchor(path.getLast(), null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509")
                                    .generateCertPath(path.subList(0, path.size() - 1)),
                            parameters);
            path.getLast().checkValidity(Date.from(at));
        } catch (CertPathValidatorException refused) {
            return refused(path, refused);
        } catch (GeneralSecurityException | IllegalArgumentException refused) {
            return new ChainResult.Refused(
                    ChainFault.CONSTRAINTS, "the chain is not one of X.509: " + words(refused));
        }
        Optional<ChainResult.Refused> revoked = lists.faultOf(path, at);
        if (revoked.isPresent()) {
            return revoked.get();
        }
        return new ChainResult.Trusted(path, anchors.origin(), lists.knownOf(path));
    }

    private static ChainResult.Refused refused(
            List<X509Certificate> path, CertPathValidatorException refused) {
        int index = Math.clamp(refused.getIndex(), 0, path.size() - 1);
        X509Certificate culprit = path.get(index);
        return switch (refused.getReason()) {
            case BasicReason.EXPIRED ->
                    new ChainResult.Refused(
                            ChainFault.EXPIRED,
                            "the certificate of "
                                    + name(culprit)
                                    + " expired on "
                                    + culprit.getNotAfter().toInstant());
            case BasicReason.NOT_YET_VALID ->
                    new ChainResult.Refused(
                            ChainFault.NOT_YET_VALID,
                            "the certificate of "
                                    + name(culprit)
                                    + " is valid only from "
                                    + culprit.getNotBefore().toInstant());
            case BasicReason.INVALID_SIGNATURE, PKIXReason.NO_TRUST_ANCHOR ->
                    new ChainResult.Refused(
                            ChainFault.NO_TRUSTED_ROOT,
                            "the certificate of " + name(culprit) + " is not signed by its issuer");
            default ->
                    new ChainResult.Refused(
                            ChainFault.CONSTRAINTS,
                            "the certificate of "
                                    + name(culprit)
                                    + " may not be used so: "
                                    + words(refused));
        };
    }

    /// The path from `leaf` to a believed root, both included, whose signatures are right.
    private Optional<List<X509Certificate>> pathFrom(
            X509Certificate leaf, List<X509Certificate> candidates) {
        List<X509Certificate> path = new ArrayList<>(List.of(leaf));
        return extended(path, candidates, new int[] {SIGNATURES_MAX})
                ? Optional.of(path)
                : Optional.empty();
    }

    private boolean extended(
            List<X509Certificate> path, List<X509Certificate> candidates, int[] budget) {
        X509Certificate last = path.getLast();
        for (X509Certificate root : anchors.roots()) {
            if (signed(last, root, budget)) {
                path.add(root);
                return true;
            }
        }
        if (path.size() > PATH_LENGTH_MAX) {
            return false;
        }
        for (X509Certificate candidate : candidates) {
            if (!path.contains(candidate) && signed(last, candidate, budget)) {
                path.add(candidate);
                if (extended(path, candidates, budget)) {
                    return true;
                }
                path.removeLast();
            }
        }
        return false;
    }

    private static boolean signed(X509Certificate by, X509Certificate issuer, int[] budget) {
        if (!by.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
                || budget[0] == 0) {
            return false;
        }
        budget[0]--;
        try {
            by.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException _) {
            return false;
        }
    }

    /// A certificate's subject for a message: the common name if there is one.
    static String name(X509Certificate certificate) {
        String subject =
                Certificates.commonName(certificate)
                        .orElseGet(() -> shown(certificate.getSubjectX500Principal()));
        return subject.isEmpty() ? "serial " + certificate.getSerialNumber() : subject;
    }

    private static String shown(X500Principal principal) {
        String name = principal.getName(X500Principal.RFC2253).replaceAll("[^ -~]", "?");
        return name.length() <= 80 ? name : name.substring(0, 80) + "...";
    }

    private static String words(Exception refused) {
        String words = String.valueOf(refused.getMessage()).replaceAll("[^ -~]", "?");
        return words.length() <= 160 ? words : words.substring(0, 160) + "...";
    }
}
