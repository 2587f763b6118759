// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.coordinator.store.VolumeTable;
import org.sparegrid.coordinator.volume.VolumeStatus;
import org.sparegrid.coordinator.volume.VolumeStatus.Happening;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.EndReason;

/// Takes what agents say of the volumes on their disks, and has the time pass for which those are
/// paid.
final class VolumeWatch {
    private static final System.Logger LOGGER = System.getLogger(VolumeWatch.class.getName());

    /// How often time is counted, at the longest. It is less than what is paid of a silence.
    private static final Duration COUNT_MAX = Duration.ofSeconds(60);

    /// How many countings make a settlement: each is a transfer that is kept for good.
    private static final int COUNTS_A_SETTLEMENT = 60;

    /// Volumes that are counted in one transaction.
    private static final int BATCH = 200;

    private final Exchange exchange;
    private final Duration count;
    private Instant next = Instant.EPOCH;

    VolumeWatch(Exchange exchange) {
        this.exchange = exchange;
        Duration settle = exchange.settings().settleInterval();
        this.count = settle.compareTo(COUNT_MAX) < 0 ? settle : COUNT_MAX;
    }

    /// Counts the time of all volumes whose sellers' computers are there.
    synchronized void tick() {
        Instant now = exchange.now();
        if (now.isBefore(next)) {
            return;
        }
        next = now.plus(count);
        List<VolumeId> due = new ArrayList<>();
        for (VolumeTable.Row row : exchange.read(tx -> tx.volumes().all())) {
            if (isDue(row, now)) {
                due.add(row.id());
            }
        }
        for (int from = 0; from < due.size(); from += BATCH) {
            List<VolumeId> batch = due.subList(from, Math.min(due.size(), from + BATCH));
            exchange.change((tx, effects, at) -> {
                batch.forEach(id -> look(tx, tx.volumes().find(id).orElseThrow(), effects, at));
                return true;
            });
        }
    }

    private boolean isDue(VolumeTable.Row row, Instant now) {
        return switch (row.status().state()) {
            case KEPT -> exchange.sessions().isConnected(row.seller());
            case MAKING, LOST ->
                    !row.status().after(new Happening.Ticked(), now).equals(row.status());
            case DELETING, ENDED -> false;
        };
    }

    private void look(Transaction tx, VolumeTable.Row row, Effects effects, Instant now) {
        if (row.status().state() != VolumeStatus.State.KEPT) {
            VolumeKeeping.apply(tx, row, new Happening.Ticked(), effects, now);
            return;
        }
        VolumeTable.Row counted = VolumeKeeping.accrue(tx, row, now);
        VolumeKeeping.holdMore(tx, counted, now);
        Instant due = row.settledAt().plus(count.multipliedBy(COUNTS_A_SETTLEMENT));
        VolumeTable.Row paid = now.isBefore(due) ? counted : VolumeKeeping.settle(tx, counted, now);
        tx.volumes().update(paid);
        if (paid.time().seconds() >= VolumeKeeping.secondsMax(tx, paid)) {
            end(tx, paid, effects, now);
        }
    }

    /// Its money is used up: first the machine goes that has it, then the volume.
    private void end(Transaction tx, VolumeTable.Row row, Effects effects, Instant now) {
        String why = "the money for the volume is used up";
        Optional<LeaseTable.Row> machine =
                row.lease().isEmpty()
                        ? Optional.empty()
                        : tx.leases().find(new LeaseId(row.lease()));
        if (machine.isPresent()) {
            Leases.stop(exchange, tx, machine.get(), EndReason.BUDGET, why, effects, now);
        } else {
            VolumeKeeping.apply(tx, row, new Happening.DropAsked(why), effects, now);
        }
    }

    /// Tells an agent that connected again what it may have missed; all of it may be repeated.
    void remind(SellerId seller) {
        if (exchange.read(tx -> tx.volumes().of(seller)).isEmpty()) {
            return;
        }
        exchange.change((tx, effects, _) -> {
            for (VolumeTable.Row row : tx.volumes().of(seller)) {
                switch (row.status().state()) {
                    case MAKING -> VolumeKeeping.keep(row, effects);
                    case DELETING -> VolumeKeeping.drop(row, effects);
                    case KEPT, LOST, ENDED -> {}
                }
            }
            return true;
        });
    }

    /// Compares what an agent has with what it is to have.
    void compare(SellerId seller, Collection<VolumeId> reported) {
        if (reported.isEmpty() && exchange.read(tx -> tx.volumes().of(seller)).isEmpty()) {
            return;
        }
        exchange.change((tx, effects, now) -> {
            Set<VolumeId> others = new HashSet<>(reported);
            for (VolumeTable.Row row : tx.volumes().of(seller)) {
                if (others.remove(row.id())) {
                    kept(tx, row, effects, now);
                } else if (row.status().state() == VolumeStatus.State.MAKING) {
                    VolumeKeeping.keep(row, effects);
                } else {
                    VolumeKeeping.apply(tx, row, new Happening.Missing(), effects, now);
                }
            }
            others.forEach(id -> stray(tx, seller, id, effects));
            return true;
        });
    }

    /// The agent says that it keeps a volume.
    void kept(SellerId seller, VolumeId id) {
        exchange.change((tx, effects, now) -> {
            find(tx, seller, id)
                    .ifPresentOrElse(
                            row -> kept(tx, row, effects, now),
                            () -> stray(tx, seller, id, effects));
            return true;
        });
    }

    /// The agent says that a volume is not on its disk, and why.
    void gone(SellerId seller, VolumeId id, String why) {
        exchange.change((tx, effects, now) -> {
            find(tx, seller, id)
                    .ifPresent(row ->
                            VolumeKeeping.apply(
                                    tx,
                                    VolumeKeeping.accrue(tx, row, now),
                                    new Happening.Gone(why),
                                    effects,
                                    now));
            return true;
        });
    }

    private static void kept(Transaction tx, VolumeTable.Row row, Effects effects, Instant now) {
        if (row.status().state() == VolumeStatus.State.DELETING) {
            VolumeKeeping.drop(row, effects);
        } else {
            VolumeKeeping.apply(tx, row, new Happening.Kept(), effects, now);
        }
    }

    /// A volume that its computer need not keep. What this database never heard of is left alone:
    /// it may be older than that volume, restored from a copy.
    private static void stray(Transaction tx, SellerId seller, VolumeId id, Effects effects) {
        boolean ended =
                tx.volumes().find(id).filter(row -> row.seller().equals(seller)).isPresent();
        if (ended) {
            effects.send(
                    seller, new CoordinatorMessage.DropVolume(id, "the volume was removed before"));
        } else {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "unknown volume left alone volume=" + id + " seller=" + seller);
        }
    }

    private static Optional<VolumeTable.Row> find(Transaction tx, SellerId seller, VolumeId id) {
        return tx.volumes()
                .find(id)
                .filter(row -> row.seller().equals(seller))
                .filter(row -> row.status().state() != VolumeStatus.State.ENDED);
    }
}
