// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.store.BookingTable;
import org.sparegrid.coordinator.store.DisplacementTable;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.market.Booking;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.Order;

/// Orders and machines as their buyers see them.
final class Views {
    private Views() {}

    static Order of(Transaction tx, OrderTable.Row row) {
        List<LeaseTable.Row> all = tx.leases().ofOrder(row.id());
        Map<LeaseId, List<LeaseEvent>> events = tx.leases().eventsOf(row.id());
        Map<LeaseId, Instant> ends =
                row.spec().placement().interruptible()
                        ? tx.displacements().endsOf(row.id())
                        : Map.of();
        List<BookingTable.Row> booked =
                row.spec().placement().reserved() ? tx.bookings().of(row.id()) : List.of();
        AddressPlan.Range subnet = tx.networks().find(row.network()).orElseThrow().subnet();
        Credits charged =
                Stream.concat(
                                all.stream().map(LeaseTable.Row::paid),
                                booked.stream().map(BookingTable.Row::charged))
                        .reduce(Credits.ZERO, Credits::plus);
        return new Order(
                row.id(),
                row.version(),
                row.spec().withoutVolumeKey(),
                row.network(),
                row.state(),
                row.reason(),
                row.created(),
                tx.ledger().balance(Book.escrow(row.id(), row.account())),
                charged,
                Leases.newest(all).stream()
                        .sorted(Comparator.comparingInt(LeaseTable.Row::rank))
                        .map(lease ->
                                of(
                                        lease,
                                        row,
                                        subnet,
                                        Optional.ofNullable(ends.get(lease.id())),
                                        events.getOrDefault(lease.id(), List.of())))
                        .toList(),
                booked.stream().map(each -> of(row, each)).toList());
    }

    private static Booking of(OrderTable.Row order, BookingTable.Row row) {
        return new Booking(
                order.hostName(row.rank()),
                row.slot().seller(),
                row.sellerName(),
                row.pricePerHour(),
                row.begins(),
                row.ends(),
                row.state(),
                row.charged());
    }

    static Lease of(Transaction tx, LeaseTable.Row row) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        AddressPlan.Range subnet = tx.networks().find(order.network()).orElseThrow().subnet();
        Optional<Instant> endsAt =
                tx.displacements()
                        .find(row.id())
                        .filter(each -> !each.isOver())
                        .map(DisplacementTable.Row::endsAt);
        return of(row, order, subnet, endsAt, tx.leases().events(row.id()));
    }

    private static Lease of(
            LeaseTable.Row row,
            OrderTable.Row order,
            AddressPlan.Range subnet,
            Optional<Instant> endsAt,
            List<LeaseEvent> events) {
        return new Lease(
                row.id(),
                row.order(),
                order.spec().name(),
                order.hostName(row.rank()),
                row.rank(),
                row.seller(),
                row.sellerName(),
                row.acceleration(),
                row.pricePerHour(),
                row.status().state(),
                row.status().progress(),
                row.status().state().isLive()
                        ? ""
                        : row.status().reason().map(EndReason::name).orElse(""),
                endsAt.map(Instant::toString).orElse(""),
                subnet.host(AddressPlan.FIRST_MACHINE + row.rank()),
                row.meter().usage(),
                row.status().ran() ? row.meter().billedSeconds() : 0,
                row.traffic().view(),
                row.paid(),
                events);
    }
}
