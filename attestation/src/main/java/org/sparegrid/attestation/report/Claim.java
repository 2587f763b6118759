// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.report;

/// Something the evidence says, whether or not it is believed.
///
/// @param name what it is about: `guest measurement`
/// @param value what it says
public record Claim(String name, String value) {}
