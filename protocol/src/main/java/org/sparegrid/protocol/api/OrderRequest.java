// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.OrderSpec;

/// Places an order; sent with an `Idempotency-Key`, so that a repeated request is the same order.
///
/// @param spec what is wanted
/// @param costMax the most that it may cost
/// @param untilCostMax whether it runs until that is reached; otherwise it is refused if all of its
///   time would cost more
public record OrderRequest(OrderSpec spec, Credits costMax, boolean untilCostMax) {}
