// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import org.sparegrid.protocol.SellerId;

/// A certificate for a seller's computer.
///
/// @param seller the identifier, a digest of its key
/// @param certificatePem its certificate
/// @param authorityPem the certificate of the authority that signed it
public record Issued(SellerId seller, String certificatePem, String authorityPem) {}
