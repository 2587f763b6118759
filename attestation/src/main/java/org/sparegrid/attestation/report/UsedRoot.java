// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.report;

/// A root certificate at which a chain of the evidence ended.
///
/// @param name its common name
/// @param fingerprint SHA-256 of its DER in hexadecimal
/// @param vendor whether it is a maker's, not somebody's own
public record UsedRoot(String name, String fingerprint, boolean vendor) {}
