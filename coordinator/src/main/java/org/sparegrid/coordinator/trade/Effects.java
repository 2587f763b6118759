// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// What is to be done once a transaction is committed.
final class Effects {
    private final List<Outgoing> messages = new ArrayList<>();
    private final Set<OrderId> orders = new LinkedHashSet<>();
    private final Set<NetworkId> networks = new LinkedHashSet<>();
    private final Set<LeaseId> reserved = new LinkedHashSet<>();

    /// A message for an agent.
    record Outgoing(SellerId seller, CoordinatorMessage message) {}

    void send(SellerId seller, CoordinatorMessage message) {
        messages.add(new Outgoing(seller, message));
    }

    void orderChanged(OrderId order) {
        orders.add(order);
    }

    void networkChanged(NetworkId network) {
        networks.add(network);
    }

    void reserved(LeaseId lease) {
        reserved.add(lease);
    }

    List<Outgoing> messages() {
        return messages;
    }

    Set<OrderId> orders() {
        return orders;
    }

    Set<NetworkId> networks() {
        return networks;
    }

    Set<LeaseId> reservedLeases() {
        return reserved;
    }
}
