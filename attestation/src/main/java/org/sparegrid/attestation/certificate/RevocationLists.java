// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks certificates up in the revocation lists that came with the evidence.
///
/// Lists with critical extensions (deltas, lists for some reasons or of other issuers) are refused:
/// to read them as whole ones would hide revocations.
final class RevocationLists {
    /// Most lists used; a chain of TDX needs two.
    static final int LISTS_MAX = 32;

    private static final String DISTRIBUTION_POINTS = "2.5.29.31";
    private static final int KEY_USAGE_CRL_SIGN = 6;

    private final List<X509CRL> lists;
    private final RevocationRule rule;

    RevocationLists(List<X509CRL> lists, RevocationRule rule) {
        if (lists.size() > LISTS_MAX) {
            throw new IllegalArgumentException(
                    "revocation lists: expected at most " + LISTS_MAX + ", got " + lists.size());
        }
        this.lists = List.copyOf(lists);
        this.rule = rule;
    }

    /// What is wrong with a path from the leaf to the root, if anything is.
    Optional<ChainResult.Refused> faultOf(List<X509Certificate> path, Instant at) {
        for (int i = path.size() - 2; i >= 0; i--) {
            Optional<ChainResult.Refused> fault = faultOf(path.get(i), path.get(i + 1), at);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    /// What was known of a path that has no fault.
    ChainResult.Revocation knownOf(List<X509Certificate> path) {
        ChainResult.Revocation known = ChainResult.Revocation.CHECKED;
        for (int i = 0; i < path.size() - 1; i++) {
            X509Certificate certificate = path.get(i);
            if (ofIssuer(certificate).isEmpty()) {
                if (publishes(certificate)) {
                    return ChainResult.Revocation.NOT_CHECKED;
                }
                known = ChainResult.Revocation.NOT_PUBLISHED;
            }
        }
        return known;
    }

    private Optional<ChainResult.Refused> faultOf(
            X509Certificate certificate, X509Certificate issuer, Instant at) {
        List<X509CRL> ofIssuer = ofIssuer(certificate);
        if (ofIssuer.isEmpty()) {
            boolean missed =
                    switch (rule) {
                        case REQUIRED -> true;
                        case IF_PUBLISHED -> publishes(certificate);
                        case IF_PRESENT -> false;
                    };
            return missed
                    ? unknown("no revocation list of " + name(issuer) + " was given")
                    : Optional.empty();
        }
        // Every list counts: one that says "revoked" is believed beside a newer one that does not.
        Optional<ChainResult.Refused> unusable = Optional.empty();
        boolean current = false;
        for (X509CRL list : ofIssuer) {
            Optional<ChainResult.Refused> fault = faultOf(list, issuer, at);
            if (fault.isPresent()) {
                unusable = fault;
                continue;
            }
            current = true;
            X509CRLEntry entry = list.getRevokedCertificate(certificate.getSerialNumber());
            if (entry != null) {
                return Optional.of(
                        new ChainResult.Refused(
                                ChainFault.REVOKED,
                                name(issuer)
                                        + " took back the certificate of "
                                        + name(certificate)
                                        + reason(entry)));
            }
        }
        return current ? Optional.empty() : unusable;
    }

    private static Optional<ChainResult.Refused> faultOf(
            X509CRL list, X509Certificate issuer, Instant at) {
        boolean @Nullable [] usage = issuer.getKeyUsage();
        if (usage != null && (usage.length <= KEY_USAGE_CRL_SIGN || !usage[KEY_USAGE_CRL_SIGN])) {
            return unknown(name(issuer) + " may not sign revocation lists");
        }
        try {
            list.verify(issuer.getPublicKey());
        } catch (GeneralSecurityException | RuntimeException _) {
            return unknown("the revocation list of " + name(issuer) + " is not signed by it");
        }
        Set<String> critical = list.getCriticalExtensionOIDs();
        if (critical != null && !critical.isEmpty()) {
            return unknown("the revocation list of " + name(issuer) + " is only a part");
        }
        if (at.isBefore(list.getThisUpdate().toInstant())) {
            return unknown("the revocation list of " + name(issuer) + " is of a later time");
        }
        Date next = list.getNextUpdate();
        if (next == null || at.isAfter(next.toInstant())) {
            return unknown(
                    "the revocation list of "
                            + name(issuer)
                            + " is stale"
                            + (next == null ? "" : " since " + next.toInstant()));
        }
        return Optional.empty();
    }

    private List<X509CRL> ofIssuer(X509Certificate certificate) {
        return lists.stream()
                .filter(list ->
                        list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal()))
                .toList();
    }

    private static boolean publishes(X509Certificate certificate) {
        return certificate.getExtensionValue(DISTRIBUTION_POINTS) != null;
    }

    private static String reason(X509CRLEntry entry) {
        return entry.getRevocationReason() == null
                ? ""
                : " (" + entry.getRevocationReason().name().replace('_', ' ') + ")";
    }

    private static Optional<ChainResult.Refused> unknown(String reason) {
        return Optional.of(new ChainResult.Refused(ChainFault.REVOCATION_UNKNOWN, reason));
    }

    private static String name(X509Certificate certificate) {
        return ChainValidator.name(certificate);
    }
}
