// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import org.sparegrid.protocol.SellerId;

/// A seller's machine as buyers see it.
///
/// @param seller whose machine
/// @param ask what it offers
/// @param slotsFree slots that can be had now
public record Offer(SellerId seller, Ask ask, int slotsFree) {}
