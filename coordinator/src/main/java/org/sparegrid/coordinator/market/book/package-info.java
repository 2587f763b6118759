// SPDX-License-Identifier: Apache-2.0
/// The order book: every ask of a market in memory, and the search for the cheapest that will do.
@NullMarked
package org.sparegrid.coordinator.market.book;

import org.jspecify.annotations.NullMarked;
