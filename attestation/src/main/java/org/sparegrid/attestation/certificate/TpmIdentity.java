// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// A TPM as its maker's endorsement certificate names it, believed down to a root.
///
/// @param manufacturer four letters such as `INTC`, or eight hexadecimal digits if they are not
/// @param model the maker's name of the part
/// @param firmware the maker's number of the firmware at manufacture, as the certificate writes it
/// @param key the endorsement key, RSA or on a NIST curve
/// @param keyDigest SHA-256 of the key's SubjectPublicKeyInfo in hexadecimal: what names this
///   machine, and what a deny list holds
/// @param origin whether the root is a maker's or somebody's own
/// @param revocation what is known of revocation
/// @param path from the endorsement certificate to the root
public record TpmIdentity(
        String manufacturer,
        String model,
        String firmware,
        PublicKey key,
        String keyDigest,
        TrustAnchors.Origin origin,
        ChainResult.Revocation revocation,
        List<X509Certificate> path) {
    public TpmIdentity {
        path = List.copyOf(path);
    }
}
