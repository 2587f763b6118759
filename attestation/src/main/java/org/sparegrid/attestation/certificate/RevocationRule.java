// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

/// How much a verifier wants to know of revocation.
public enum RevocationRule {
    /// A current list of every issuer has to be there.
    REQUIRED,
    /// A current list has to be there of each issuer that publishes one in its certificates.
    IF_PUBLISHED,
    /// Lists that are there are obeyed; others are not missed.
    IF_PRESENT
}
