// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

/// Why a certificate is not believed.
public enum ChainFault {
    /// No root that is believed signed it, directly or through the given intermediates.
    NO_TRUSTED_ROOT,
    /// A certificate of the chain was not yet valid at the time.
    NOT_YET_VALID,
    /// A certificate of the chain was no longer valid at the time.
    EXPIRED,
    /// A certificate is used for what it was not issued for (authority, path length, key usage).
    CONSTRAINTS,
    /// Its issuer took a certificate of the chain back.
    REVOKED,
    /// A revocation list that has to be there is missing, stale, or not its issuer's.
    REVOCATION_UNKNOWN,
    /// The certificate is not of the kind that was asked for.
    WRONG_KIND,
    /// Its key is known to be weak.
    WEAK_KEY,
    /// Its key is on the caller's deny list.
    DENIED
}
