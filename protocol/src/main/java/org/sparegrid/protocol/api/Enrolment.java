// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.SellerId;

/// Proof of who a seller's computer is, for its TLS connections.
///
/// @param seller the identifier, a digest of its key
/// @param certificate its certificate in PEM
/// @param authority the certificate of the coordinator's authority in PEM
public record Enrolment(SellerId seller, String certificate, String authority) {}
