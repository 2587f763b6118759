// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.security.cert.X509Certificate;
import java.util.List;

/// What came of validating a certificate.
public sealed interface ChainResult {
    /// The certificate is believed.
    ///
    /// @param path from the certificate up to the root, both included
    /// @param revocation what is known of revocation along the path
    record Trusted(List<X509Certificate> path, TrustAnchors.Origin origin, Revocation revocation)
            implements ChainResult {
        public Trusted {
            path = List.copyOf(path);
        }

        /// The root at which the path ends.
        public X509Certificate root() {
            return path.getLast();
        }
    }

    /// The certificate is not believed.
    ///
    /// @param reason a sentence without a full stop
    record Refused(ChainFault fault, String reason) implements ChainResult {}

    /// What is known of revocation along a path.
    enum Revocation {
        /// Each certificate below the root was looked up in a current list of its issuer.
        CHECKED,
        /// A certificate names no list, and none was handed in.
        NOT_PUBLISHED,
        /// A certificate names a list, but it was not handed in.
        NOT_CHECKED
    }
}
