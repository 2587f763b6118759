// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.explain;

import org.sparegrid.coordinator.market.AskAttributes;

/// An ask as it stands in the book.
///
/// @param ask what it offers
/// @param free how many of its slots can be had now
/// @param sequence grows with the time at which asks took their prices
public record Standing(AskAttributes ask, int free, long sequence) {}
