// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;
import org.sparegrid.protocol.market.Order;

/// An account's orders, newest first.
///
/// @param orders the orders
public record Orders(List<Order> orders) {
    public Orders {
        orders = List.copyOf(orders);
    }
}
