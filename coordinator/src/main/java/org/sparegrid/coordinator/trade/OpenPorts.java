// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.NetworkTable;
import org.sparegrid.coordinator.store.OpenPortTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// Finds out which sellers' UDP ports are open, whatever they say: by knocking where they say that
/// they are reached, from a port to which they never sent anything. What the knock says comes back
/// over the seller's session, so that no third computer can answer for it.
final class OpenPorts {
    /// A port that its owner closes is believed to be open for three times as long.
    private static final Duration KNOCK_EVERY = Duration.ofMinutes(5);

    /// So many knocks in a row may be lost.
    private static final int UNHEARD_MAX = 2;

    /// How many of a computer's addresses are knocked at; one must be open.
    private static final int ENDPOINTS_MAX = 4;

    private OpenPorts() {}

    /// Knocks at the computer of a machine that is on a network, unless that was done lately.
    static void look(
            Exchange exchange, Transaction tx, LeaseTable.Row row, Effects effects, Instant now) {
        Optional<OpenPortTable.Row> known = tx.openPorts().find(row.seller());
        if (!exchange.canKnock()
                || known.filter(port -> now.isBefore(port.knocked().plus(KNOCK_EVERY)))
                        .isPresent()) {
            return;
        }
        List<String> endpoints =
                tx
                        .networks()
                        .memberOf(row.id())
                        .map(NetworkTable.Member::endpoints)
                        .orElse(List.of())
                        .stream()
                        .limit(ENDPOINTS_MAX)
                        .toList();
        if (endpoints.isEmpty()) {
            return;
        }
        int unheard = known.map(OpenPortTable.Row::unheard).orElse(0);
        boolean open = known.filter(OpenPortTable.Row::open).isPresent();
        OpenPortTable.Row next =
                new OpenPortTable.Row(
                        row.seller(),
                        now,
                        exchange.random().nextLong(),
                        exchange.random().nextInt(),
                        Math.min(UNHEARD_MAX, unheard) + 1,
                        open && unheard < UNHEARD_MAX);
        put(tx, next, open, effects);
        effects.send(row.seller(), new CoordinatorMessage.PortKnocked(next.label()));
        effects.knock(new Effects.Knock(endpoints, next.label(), next.secret()));
    }

    /// A seller says what it heard. It may guess the secret once for each knock.
    static void heard(Transaction tx, SellerId seller, long label, int secret, Effects effects) {
        tx.openPorts()
                .find(seller)
                .filter(port -> port.label() == label && port.unheard() > 0)
                .ifPresent(port -> {
                    boolean right = port.secret() == secret;
                    put(
                            tx,
                            new OpenPortTable.Row(
                                    seller,
                                    port.knocked(),
                                    // Whoever was wrong has no second guess.
                                    right ? label : ~label,
                                    secret,
                                    right ? 0 : port.unheard(),
                                    right || port.open()),
                            port.open(),
                            effects);
                });
    }

    /// Keeps what is known, and tells the members of the computer's networks if that is new.
    private static void put(
            Transaction tx, OpenPortTable.Row row, boolean wasOpen, Effects effects) {
        tx.openPorts().put(row);
        if (row.open() == wasOpen) {
            return;
        }
        for (LeaseTable.Row lease : tx.leases().liveOf(row.seller())) {
            tx.networks()
                    .memberOf(lease.id())
                    .ifPresent(member -> {
                        tx.networks().change(member.network());
                        effects.networkChanged(member.network());
                    });
        }
    }
}
