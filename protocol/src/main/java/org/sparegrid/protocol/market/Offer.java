// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import org.sparegrid.protocol.SellerId;

/// A seller's machine as buyers see it.
///
/// @param seller whose machine
/// @param ask what it offers
/// @param slotsFree slots that can be had now
/// @param attestation the level that the seller offers to prove: 0 open, 1 identified, 2 measured,
///   3 confidential; from 1 on the coordinator has seen its TPM, but only a buyer's own check shows
///   what a machine runs
public record Offer(SellerId seller, Ask ask, int slotsFree, int attestation) {}
