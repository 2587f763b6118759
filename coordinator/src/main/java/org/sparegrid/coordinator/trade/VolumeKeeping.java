// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.coordinator.store.VolumeTable;
import org.sparegrid.coordinator.volume.VolumeStatus;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.VolumeUse;

/// What follows from what happens to a volume: its money and the machine that has it. All methods
/// work within the caller's transaction.
final class VolumeKeeping {
    private static final System.Logger LOGGER = System.getLogger(VolumeKeeping.class.getName());

    /// What is held ahead. When the wallet has nothing more, a volume is kept for as long, and its
    /// seller is paid for it.
    static final Duration HELD = Duration.ofDays(7);

    /// More is held as soon as what is held lasts no longer.
    static final Duration HELD_LEAST = Duration.ofDays(6);

    private VolumeKeeping() {}

    /// The computer on which an order's volume lies; none if it has no volume.
    ///
    /// @throws RefusedException if no machine of that buyer can have it now
    static List<SellerId> usable(Transaction tx, AccountId buyer, VolumeUse use) {
        if (!use.isWanted()) {
            return List.of();
        }
        VolumeTable.Row row = find(tx, buyer, new VolumeId(use.volume()));
        VolumeStatus.State state = row.status().state();
        if (state != VolumeStatus.State.KEPT) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "volume %s can't be used: %s"
                            .formatted(
                                    row.name(),
                                    switch (state) {
                                        case MAKING -> "its seller's computer still makes room";
                                        case KEPT -> "";
                                        case LOST, DELETING, ENDED -> row.status().detail();
                                    }));
        }
        if (!row.lease().isEmpty()) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "volume %s is in use by machine %s; stop that first"
                            .formatted(row.name(), row.lease()));
        }
        return List.of(row.seller());
    }

    /// Refuses an order whose machine could not open its volume.
    static void requireKey(VolumeUse use) {
        if (use.isWanted() && use.key().isEmpty()) {
            throw new RefusedException(
                    Reason.INVALID, "an order with a volume needs the volume's key");
        }
    }

    /// The volume, if it is the account's.
    static VolumeTable.Row find(Transaction tx, AccountId account, VolumeId id) {
        return tx.volumes()
                .find(id)
                .filter(row -> row.account().equals(account))
                .orElseThrow(() -> RefusedException.notFound("volume " + id));
    }

    /// The order's machine has its volume from now on.
    static void use(Transaction tx, OrderTable.Row order, Effects effects) {
        for (VolumeId id : order.spec().volume().volumes()) {
            VolumeTable.Row row = tx.volumes().find(id).orElseThrow();
            String lease = tx.leases().ofOrder(order.id()).getFirst().id().value();
            tx.volumes().update(row.heldBy(lease, row.used()));
            effects.volumeChanged(id);
        }
    }

    /// A machine runs, so that its volume is open and the key is needed no more.
    static void opened(Transaction tx, LeaseTable.Row lease) {
        tx.volumes()
                .ofLease(lease.id())
                .ifPresent(row -> tx.volumes().update(row.heldBy(row.lease(), true)));
        tx.orders().forgetVolumeKey(lease.order());
    }

    /// A machine has ended.
    static void free(Transaction tx, LeaseTable.Row lease, Effects effects) {
        tx.volumes()
                .ofLease(lease.id())
                .ifPresent(row -> {
                    tx.volumes().update(row.heldBy("", row.used()));
                    effects.volumeChanged(row.id());
                });
        tx.orders().forgetVolumeKey(lease.order());
    }

    /// Whether a machine's order can be met by one computer only.
    static boolean isBound(Transaction tx, LeaseTable.Row lease) {
        return tx.orders().find(lease.order()).orElseThrow().spec().volume().isWanted();
    }

    /// Tells the agent of a machine the key of its volume, as long as it may need it.
    static void open(Transaction tx, LeaseTable.Row lease, Effects effects) {
        VolumeUse use = tx.orders().find(lease.order()).orElseThrow().spec().volume();
        if (!use.key().isEmpty()) {
            effects.send(
                    lease.seller(),
                    new CoordinatorMessage.OpenVolume(
                            lease.id(), new VolumeId(use.volume()), use.key()));
        }
    }

    /// Lets something happen to a volume.
    ///
    /// @return the volume as it is then
    static VolumeTable.Row apply(
            Transaction tx,
            VolumeTable.Row row,
            VolumeStatus.Happening happening,
            Effects effects,
            Instant now) {
        VolumeStatus next = row.status().after(happening, now);
        if (next.equals(row.status())) {
            return row;
        }
        VolumeTable.Row changed = row.with(next);
        switch (next.state()) {
            case KEPT -> changed = changed.with(changed.time().againAt(now));
            case LOST -> changed = settle(tx, changed, now);
            case DELETING -> {
                changed = close(tx, changed, now);
                drop(changed, effects);
            }
            case ENDED -> changed = close(tx, changed, now);
            case MAKING -> {}
        }
        tx.volumes().update(changed);
        effects.volumeChanged(row.id());
        LOGGER.log(
                System.Logger.Level.INFO,
                () ->
                        "volume changed volume="
                                + row.id()
                                + " seller="
                                + row.seller()
                                + " state="
                                + next.state()
                                + (next.detail().isEmpty() ? "" : " cause=" + next.detail()));
        return changed;
    }

    /// Tells the computer to remove a volume.
    static void drop(VolumeTable.Row row, Effects effects) {
        effects.send(
                row.seller(), new CoordinatorMessage.DropVolume(row.id(), row.status().detail()));
    }

    /// Tells the computer to make room.
    static void keep(VolumeTable.Row row, Effects effects) {
        effects.send(row.seller(), new CoordinatorMessage.KeepVolume(row.id(), row.gibibytes()));
    }

    /// The time up to now counts, as far as the money lasts; the computer is there.
    static VolumeTable.Row accrue(Transaction tx, VolumeTable.Row row, Instant now) {
        return row.status().state() == VolumeStatus.State.KEPT
                ? row.with(row.time().heardAt(now, secondsMax(tx, row)))
                : row;
    }

    /// How long a volume can be kept in all for what was paid and is held.
    static long secondsMax(Transaction tx, VolumeTable.Row row) {
        return VolumeOffer.seconds(
                row.charged().plus(held(tx, row)), row.pricePerMonth(), row.gibibytes());
    }

    static Credits held(Transaction tx, VolumeTable.Row row) {
        return tx.ledger().balance(Book.escrow(row.id(), row.account()));
    }

    /// What has to be held for a volume that nothing is held for.
    static Credits first(Credits pricePerMonth, int gibibytes) {
        return VolumeOffer.cost(pricePerMonth, gibibytes, HELD.toSeconds());
    }

    /// Holds money for a volume.
    static void hold(Transaction tx, VolumeTable.Row row, Credits amount, Instant now) {
        Transfers.hold(row.id(), row.account(), row.version(), amount)
                .ifPresent(transfer -> tx.ledger().post(transfer, now));
    }

    /// Holds more if what is held will not last for long and the wallet has it.
    static void holdMore(Transaction tx, VolumeTable.Row row, Instant now) {
        Credits unpaid = row.cost(row.time().seconds()).minus(row.charged());
        Credits left = held(tx, row).minus(unpaid);
        if (left.compareTo(row.cost(HELD_LEAST.toSeconds())) < 0) {
            Credits more = row.cost(HELD.toSeconds()).minus(left);
            if (tx.ledger().balance(Book.wallet(row.account())).compareTo(more) >= 0) {
                hold(tx, row, more, now);
            }
        }
    }

    /// Pays the seller for what was kept.
    static VolumeTable.Row settle(Transaction tx, VolumeTable.Row row, Instant now) {
        long seconds = row.time().seconds();
        Credits total = row.cost(seconds);
        AccountId owner = tx.sellers().owner(row.seller()).orElseThrow();
        Transfers.settle(row.id(), seconds, row.account(), owner, total.minus(row.charged()))
                .ifPresent(transfer -> tx.ledger().post(transfer, now));
        return row.settled(seconds, now, total);
    }

    /// Pays the seller, and gives back the rest of what was held.
    private static VolumeTable.Row close(Transaction tx, VolumeTable.Row row, Instant now) {
        VolumeTable.Row paid = settle(tx, row, now);
        Transfers.release(row.id(), row.account(), held(tx, row))
                .ifPresent(transfer -> tx.ledger().post(transfer, now));
        return paid;
    }
}
