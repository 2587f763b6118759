// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// What is to be done once a transaction is committed.
final class Effects {
    private final List<Outgoing> messages = new ArrayList<>();
    private final Set<OrderId> orders = new LinkedHashSet<>();
    private final Set<VolumeId> volumes = new LinkedHashSet<>();
    private final Set<NetworkId> networks = new LinkedHashSet<>();
    private final Set<LeaseId> reserved = new LinkedHashSet<>();
    private final Map<OrderId, Demand> opened = new LinkedHashMap<>();
    private final Set<OrderId> closed = new LinkedHashSet<>();
    private final Set<SellerId> judged = new LinkedHashSet<>();
    private final List<SlotId> taken = new ArrayList<>();
    private final List<SlotId> released = new ArrayList<>();
    private final List<BookedSlots.Bound> booked = new ArrayList<>();
    private final List<BookedSlots.Bound> unbooked = new ArrayList<>();

    private final List<Knock> knocks = new ArrayList<>();

    /// A knock at a seller's ports.
    record Knock(List<String> endpoints, long label, int secret) {}

    /// A message for an agent.
    record Outgoing(SellerId seller, CoordinatorMessage message) {}

    void send(SellerId seller, CoordinatorMessage message) {
        messages.add(new Outgoing(seller, message));
    }

    void knock(Knock knock) {
        knocks.add(knock);
    }

    List<Knock> knocks() {
        return knocks;
    }

    void orderChanged(OrderId order) {
        orders.add(order);
    }

    void volumeChanged(VolumeId volume) {
        volumes.add(volume);
    }

    Set<VolumeId> volumes() {
        return volumes;
    }

    void networkChanged(NetworkId network) {
        networks.add(network);
    }

    void reserved(LeaseId lease) {
        reserved.add(lease);
    }

    /// Slots were taken off the book; they go back if the transaction fails.
    void took(List<Match.Taken> slots) {
        slots.forEach(slot -> taken.add(slot.slot()));
    }

    /// A lease no longer holds its slot.
    void released(SlotId slot) {
        released.add(slot);
    }

    /// A slot was bound to an order; it is free again if the transaction fails.
    void booked(OrderId order, SlotId slot) {
        booked.add(new BookedSlots.Bound(order, slot));
    }

    /// A slot is bound to an order no longer.
    void unbooked(OrderId order, SlotId slot) {
        unbooked.add(new BookedSlots.Bound(order, slot));
    }

    List<BookedSlots.Bound> bookedSlots() {
        return booked;
    }

    List<BookedSlots.Bound> unbookedSlots() {
        return unbooked;
    }

    /// What is known of a seller changed.
    void judged(SellerId seller) {
        judged.add(seller);
    }

    Set<SellerId> judgedSellers() {
        return judged;
    }

    /// An order waits for machines like these.
    void opened(OrderId order, Demand forOne) {
        opened.put(order, forOne);
    }

    /// An order waits no longer.
    void closed(OrderId order) {
        closed.add(order);
    }

    Map<OrderId, Demand> openedOrders() {
        return opened;
    }

    Set<OrderId> closedOrders() {
        return closed;
    }

    List<SlotId> takenSlots() {
        return taken;
    }

    List<SlotId> releasedSlots() {
        return released;
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
