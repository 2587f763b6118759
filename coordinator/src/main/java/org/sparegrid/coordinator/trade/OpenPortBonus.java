// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.TrafficTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;

/// What the operator pays sellers whose UDP ports are open, for each byte that no relay had to
/// forward between their machines and others: the smaller of both ends' counts, the half of it if
/// the other's port is open as well, and nothing between computers of one owner.
///
/// Nobody gains by paying himself: all that the orders of an account ever caused stays below a part
/// of the commission on what that account itself paid in, and credits that were earned and are
/// spent again cause nothing more. What the limit cuts off is not paid later.
///
/// @param perGigabyte for 10^9 bytes; nothing is paid if it is 0
/// @param shareBasisPoints the part of the commission, in hundredths of a percent, below 100 %
public record OpenPortBonus(Credits perGigabyte, int shareBasisPoints) {
    /// Open ports are counted on the networks whose traffic is paid for, and nobody is paid.
    public static final OpenPortBonus NONE = new OpenPortBonus(Credits.ZERO, 0);

    private static final int ALL = 10_000;

    public OpenPortBonus {
        if (perGigabyte.nanos() < 0 || shareBasisPoints < 0 || shareBasisPoints >= ALL) {
            throw new IllegalArgumentException("bonus: expected a share of 0 to 99.99 %");
        }
    }

    /// Whether anything is paid.
    public boolean isOn() {
        return perGigabyte.nanos() > 0 && shareBasisPoints > 0;
    }

    /// The lease with what its computer's open port has saved by now, which is paid for.
    LeaseTable.Row settle(Transaction tx, LeaseTable.Row row, OrderTable.Row order, Instant now) {
        if (!row.status().ran() || (!isOn() && order.spec().trafficMegabytes() == 0)) {
            return row;
        }
        AccountId owner = tx.sellers().owner(row.seller()).orElseThrow();
        long saved = tx.openPorts().isOpen(row.seller()) ? saved(tx, row, owner) : skip(tx, row);
        if (saved == 0) {
            return row;
        }
        long before = row.traffic().savedBytes();
        long after = Math.addExact(before, saved);
        Credits due = perGigabyte.perGigabyteFor(after).minus(perGigabyte.perGigabyteFor(before));
        Credits paid = smaller(due, room(tx, order.account()));
        Transfers.bonus(row.id(), after, owner, paid)
                .ifPresent(transfer -> {
                    tx.ledger().post(transfer, now);
                    tx.accounts().addBonus(order.account(), paid);
                });
        return row.with(row.traffic().saved(saved, paid));
    }

    private static long saved(Transaction tx, LeaseTable.Row row, AccountId owner) {
        long halves = 0;
        for (TrafficTable.Direct peer : tx.traffic().directOf(row.id())) {
            long more = peer.bytes() - peer.seen();
            if (more > 0) {
                tx.traffic().see(row.id(), peer);
                if (!peer.owner().equals(owner)) {
                    halves =
                            Math.addExact(halves, peer.open() ? more : Math.multiplyExact(2, more));
                }
            }
        }
        return halves / 2;
    }

    /// What passed while the port was not open is nothing saved, and never will be.
    private static long skip(Transaction tx, LeaseTable.Row row) {
        tx.traffic().directOf(row.id()).stream()
                .filter(peer -> peer.bytes() > peer.seen())
                .forEach(peer -> tx.traffic().see(row.id(), peer));
        return 0;
    }

    /// What may still be paid for the orders of an account.
    private Credits room(Transaction tx, AccountId buyer) {
        if (!isOn()) {
            return Credits.ZERO;
        }
        Credits most = Postings.commission(tx, buyer).basisPoints(shareBasisPoints);
        Credits rest = most.minus(tx.accounts().bonus(buyer));
        Credits room = smaller(rest, tx.ledger().balance(Book.COMMISSION));
        return room.nanos() < 0 ? Credits.ZERO : room;
    }

    private static Credits smaller(Credits one, Credits other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
