// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.lease.LeaseStatus;
import org.sparegrid.coordinator.lease.Meter;
import org.sparegrid.coordinator.lease.Traffic;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.NetworkTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Usage;

/// What follows from what happens to a lease: its history, its place on the network, its money, and
/// the state of its order. All methods work within the caller's transaction.
final class Leases {
    private static final System.Logger LOGGER = System.getLogger(Leases.class.getName());

    private Leases() {}

    /// Lets something happen to a lease.
    ///
    /// @return the lease as it is then
    static LeaseTable.Row apply(
            Exchange exchange,
            Transaction tx,
            LeaseTable.Row row,
            LeaseStatus.Happening happening,
            Effects effects,
            Instant now) {
        LeaseStatus old = row.status();
        LeaseStatus next = old.after(happening, exchange.limits(), now);
        if (next.ran() && !old.ran() && !mayRun(tx, row)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () ->
                            "runs before its buyer let it in lease="
                                    + row.id()
                                    + " seller="
                                    + row.seller());
            return row;
        }
        if (next.equals(old)) {
            return row;
        }
        LeaseTable.Row changed = row.with(next);
        if (next.ran() && !old.ran()) {
            changed = changed.with(Meter.startedAt(now));
            VolumeKeeping.opened(tx, row);
        }
        if (next.state() != old.state()) {
            note(tx, changed, next.detail(), now);
        }
        if (next.state() == LeaseState.ENDED) {
            changed = end(exchange, tx, changed, effects, now);
            tx.sellerDays().add(changed);
            VolumeKeeping.free(tx, changed, effects);
            if (!tx.displacements().isKept(changed.id())) {
                effects.released(changed.slot());
            }
            effects.judged(changed.seller());
        }
        tx.leases().update(changed);
        if (next.mayBeReplaced() && !VolumeKeeping.isBound(tx, changed)) {
            replace(exchange, tx, changed, effects, now);
        }
        Seeking.begin(tx, changed, now);
        refreshOrder(exchange, tx, changed, effects, now);
        return changed;
    }

    /// A machine whose buyer asked for trust neither runs nor costs before he let it in, whatever
    /// the seller says.
    private static boolean mayRun(Transaction tx, LeaseTable.Row row) {
        return tx.orders().find(row.order()).orElseThrow().spec().trust() == 0
                || tx.trust().isLetIn(row.id());
    }

    /// Takes a meter reading of a machine that ran.
    static LeaseTable.Row meter(
            Exchange exchange, Transaction tx, LeaseTable.Row row, Usage usage, Instant now) {
        if (!row.status().ran() || !row.status().state().isLive()) {
            return row;
        }
        if (!row.meter().accepts(usage)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "reading went backwards lease=" + row.id() + " seller=" + row.seller());
            return row;
        }
        LeaseTable.Row carried = Tolls.read(tx, row);
        LeaseTable.Row read =
                carried.with(carried.meter().after(usage, now, Budget.secondsMax(tx, carried)));
        boolean due = !now.isBefore(read.settledAt().plus(exchange.settings().settleInterval()));
        LeaseTable.Row paid = due ? settle(exchange, tx, read, now) : read;
        tx.leases().update(paid);
        return paid;
    }

    /// Ends a lease that lives, and tells its agent.
    static void stop(
            Exchange exchange,
            Transaction tx,
            LeaseTable.Row row,
            EndReason reason,
            String why,
            Effects effects,
            Instant now) {
        if (!row.status().state().isLive() || row.status().state() == LeaseState.STOPPING) {
            return;
        }
        apply(exchange, tx, row, new LeaseStatus.Happening.StopAsked(reason, why), effects, now);
        effects.send(row.seller(), new CoordinatorMessage.StopLease(row.id(), why));
    }

    /// The machine's place on its network, with the key that the agent made for it.
    static void join(
            Exchange exchange,
            Transaction tx,
            LeaseTable.Row row,
            String publicKey,
            List<String> endpoints,
            Effects effects) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        Optional<NetworkTable.Member> known = tx.networks().memberOf(row.id());
        NetworkTable.Member member =
                new NetworkTable.Member(
                        known.map(NetworkTable.Member::id)
                                .orElseGet(() -> exchange.draw(MemberId.PREFIX, MemberId::new)),
                        order.network(),
                        row.id().value(),
                        NetworkMember.Kind.MACHINE,
                        order.hostName(row.rank()),
                        publicKey,
                        AddressPlan.FIRST_MACHINE + row.rank(),
                        endpoints);
        if (known.isPresent() && known.get().equals(member)) {
            return;
        }
        if (known.isPresent()) {
            tx.networks().update(member);
        } else {
            tx.networks().insert(member);
        }
        tx.networks().change(order.network());
        effects.networkChanged(order.network());
    }

    /// The offer of a lease to its agent.
    static CoordinatorMessage offer(Transaction tx, LeaseTable.Row row, MarketSettings settings) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        return offer(row, order, imageKey(tx, order), settings);
    }

    /// The key that signed the image of an order.
    static String imageKey(Transaction tx, OrderTable.Row order) {
        return tx.images().imageKey(order.account(), order.spec().image());
    }

    private static CoordinatorMessage offer(
            LeaseTable.Row row, OrderTable.Row order, String imageKey, MarketSettings settings) {
        return new CoordinatorMessage.LeaseOffered(
                row.id(),
                row.slot(),
                order.spec().size(),
                order.spec().image(),
                imageKey,
                order.hostName(row.rank()),
                order.spec().name(),
                order.node(row.rank()),
                order.spec().machines(),
                order.spec().authorizedKeys(),
                settings.bootTimeout().toSeconds(),
                order.spec().trust(),
                order.spec().volume().volumes());
    }

    /// The leases of an order whose slots were just taken.
    static void reserve(
            Exchange exchange,
            Transaction tx,
            OrderTable.Row order,
            Choice choice,
            Effects effects,
            Instant now) {
        String imageKey = imageKey(tx, order);
        for (int i = 0; i < choice.ranks().size(); i++) {
            Match.Taken taken = choice.match().slots().get(i);
            reserve(
                    exchange,
                    tx,
                    order,
                    imageKey,
                    choice.ranks().get(i),
                    taken,
                    order.spec().secondsMax(),
                    effects,
                    now);
        }
    }

    /// A lease of that length on a slot that was just taken. Its agent hears of it once that is
    /// committed; if we are killed in between, when it connects again.
    static void reserve(
            Exchange exchange,
            Transaction tx,
            OrderTable.Row order,
            String imageKey,
            int rank,
            Match.Taken taken,
            long secondsMax,
            Effects effects,
            Instant now) {
        LeaseTable.Row row =
                new LeaseTable.Row(
                        exchange.draw(LeaseId.PREFIX, LeaseId::new),
                        order.id(),
                        rank,
                        taken.slot(),
                        taken.from().ask().name(),
                        taken.from().ask().acceleration(),
                        taken.from().ask().pricePerHour(),
                        secondsMax,
                        LeaseStatus.reserved(now)
                                .after(new LeaseStatus.Happening.Offered(), exchange.limits(), now),
                        Meter.startedAt(now),
                        0,
                        now,
                        Credits.ZERO,
                        Traffic.of(
                                taken.from().ask().traits().networkFeePerGigabyte(),
                                order.spec().trafficMegabytes()),
                        now);
        tx.leases().insert(row, taken.from().attributes().speed());
        tx.leases()
                .addEvent(
                        row.id(),
                        new LeaseEvent(now, LeaseState.RESERVED, "on " + row.sellerName()));
        note(tx, row, "", now);
        effects.send(row.seller(), offer(row, order, imageKey, exchange.settings()));
    }

    /// The newest lease of each rank; the older ones were replaced.
    static List<LeaseTable.Row> newest(List<LeaseTable.Row> all) {
        return List.copyOf(
                all.stream()
                        .collect(
                                Collectors.toMap(
                                        LeaseTable.Row::rank,
                                        row -> row,
                                        (older, newer) ->
                                                newer.created().isBefore(older.created())
                                                                || !older.status()
                                                                        .state()
                                                                        .equals(LeaseState.SETTLED)
                                                        ? older
                                                        : newer,
                                        java.util.TreeMap::new))
                        .values());
    }

    /// Counts a change of a lease's order.
    static void touchOrder(Transaction tx, LeaseTable.Row row, Effects effects) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        tx.orders().change(order.id(), order.state());
        effects.orderChanged(order.id());
    }

    private static void note(Transaction tx, LeaseTable.Row row, String detail, Instant now) {
        LeaseState state = row.status().state();
        tx.leases().addEvent(row.id(), new LeaseEvent(now, state, detail));
        LOGGER.log(
                System.Logger.Level.INFO,
                () ->
                        "lease changed lease="
                                + row.id()
                                + " order="
                                + row.order()
                                + " state="
                                + state
                                + " seller="
                                + row.seller()
                                + (detail.isEmpty() ? "" : " cause=" + detail));
    }

    private static LeaseTable.Row end(
            Exchange exchange, Transaction tx, LeaseTable.Row row, Effects effects, Instant now) {
        tx.networks()
                .memberOf(row.id())
                .ifPresent(member -> {
                    tx.networks().delete(member.id());
                    tx.networks().change(member.network());
                    effects.networkChanged(member.network());
                });
        LeaseTable.Row paid =
                row.status().ran() ? settle(exchange, tx, Tolls.read(tx, row), now) : row;
        LeaseTable.Row done =
                paid.with(
                        paid.status()
                                .after(
                                        new LeaseStatus.Happening.Settled(),
                                        exchange.limits(),
                                        now));
        note(tx, done, "", now);
        return done;
    }

    private static LeaseTable.Row settle(
            Exchange exchange, Transaction tx, LeaseTable.Row row, Instant now) {
        long seconds = row.meter().billedSeconds();
        Credits total = row.pricePerHour().perHourFor(seconds);
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        AccountId seller = tx.sellers().owner(row.seller()).orElseThrow();
        Credits due = total.minus(row.charged());
        Transfers.settle(row.id(), seconds, order.id(), order.account(), seller, due)
                .ifPresent(transfer -> tx.ledger().post(transfer, now));
        exchange.settings().royalty().take(tx, row.id(), seconds, seller, due, now);
        LeaseTable.Row paid = Tolls.settle(tx, row.settled(seconds, now, total), order, now);
        return exchange.settings().bonus().settle(tx, paid, order, now);
    }

    /// Takes another slot for a machine that did not come up, if there is one that can be paid.
    private static void replace(
            Exchange exchange,
            Transaction tx,
            LeaseTable.Row failed,
            Effects effects,
            Instant now) {
        OrderTable.Row order = tx.orders().find(failed.order()).orElseThrow();
        List<LeaseTable.Row> all = tx.leases().ofOrder(order.id());
        long tries = all.stream().filter(row -> row.rank() == failed.rank()).count();
        if (tries >= exchange.settings().startTries()) {
            return;
        }
        Set<SellerId> except =
                all.stream()
                        .filter(row -> !row.status().state().isLive() && !row.status().ran())
                        .map(LeaseTable.Row::seller)
                        .collect(Collectors.toSet());
        List<SellerId> beside =
                all.stream()
                        .filter(row -> row.status().state().isLive())
                        .map(LeaseTable.Row::seller)
                        .toList();
        Match match = Substitute.take(exchange, tx, order, failed, all, except, beside, now);
        if (match.missing() > 0) {
            return;
        }
        effects.took(match.slots());
        Match.Taken taken = match.slots().getFirst();
        replace(exchange, tx, order, all, failed, taken, failed.secondsMax(), effects, now);
    }

    /// Puts a machine that was just taken in the place of one that is over, if it can be paid.
    ///
    /// @return whether it can
    static boolean replace(
            Exchange exchange,
            Transaction tx,
            OrderTable.Row order,
            List<LeaseTable.Row> all,
            LeaseTable.Row over,
            Match.Taken taken,
            long seconds,
            Effects effects,
            Instant now) {
        if (!holdMore(tx, order, all, taken, seconds, over.id(), now)) {
            effects.released(taken.slot());
            return false;
        }
        String imageKey = imageKey(tx, order);
        reserve(exchange, tx, order, imageKey, over.rank(), taken, seconds, effects, now);
        return true;
    }

    /// Sees to it that the escrow suffices for all live leases and one more.
    private static boolean holdMore(
            Transaction tx,
            OrderTable.Row order,
            List<LeaseTable.Row> all,
            Match.Taken taken,
            long seconds,
            LeaseId over,
            Instant now) {
        Ask ask = taken.from().ask();
        Credits needed =
                ask.pricePerHour()
                        .perHourFor(seconds)
                        .plus(Tolls.costMax(ask.traits().networkFeePerGigabyte(), order.spec()));
        Credits charged = Credits.ZERO;
        for (LeaseTable.Row row : all) {
            charged = charged.plus(row.paid());
            if (row.status().state().isLive()) {
                needed =
                        needed.plus(row.pricePerHour().perHourFor(row.secondsMax()))
                                .plus(row.traffic().costMax())
                                .minus(row.paid());
            }
        }
        Credits rest = order.costMax().minus(charged);
        if (needed.compareTo(rest) > 0) {
            // The order ends when its limit is reached, so more is never needed.
            needed = rest;
        }
        Credits more = needed.minus(tx.ledger().balance(Book.escrow(order.id(), order.account())));
        if (more.nanos() <= 0) {
            return true;
        }
        Credits wallet = tx.ledger().balance(Book.wallet(order.account()));
        if (wallet.compareTo(more) < 0 || !Spending.allows(tx, order, more)) {
            return false;
        }
        Spending.hold(tx, order, over.value(), more, now);
        return true;
    }

    /// Brings an order's state in line with its machines, of which that one changed.
    static void refreshOrder(
            Exchange exchange, Transaction tx, LeaseTable.Row row, Effects effects, Instant now) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        OrderState left = state(newest(tx.leases().ofOrder(order.id())));
        OrderState state =
                left == OrderState.CLOSED && tx.sought().isAny(order.id()) ? OrderState.OPEN : left;
        if (state == OrderState.CLOSED && order.state() != OrderState.CLOSED) {
            Tolls.close(tx, order, exchange.settings().bonus(), now);
            Credits rest = tx.ledger().balance(Book.escrow(order.id(), order.account()));
            Spending.release(tx, order, rest, now);
            tx.networks().end(order.network());
            tx.orders().explain(order.id(), endOf(order, row));
            effects.networkChanged(order.network());
            LOGGER.log(
                    System.Logger.Level.INFO,
                    () -> "order closed order=" + order.id() + " buyer=" + order.account());
        }
        tx.orders().change(order.id(), state);
        effects.orderChanged(order.id());
    }

    /// What an order ended with that nobody ended.
    private static String endOf(OrderTable.Row order, LeaseTable.Row last) {
        String detail = last.status().detail();
        return order.hostName(last.rank())
                + " ended last: "
                + (detail.isEmpty() ? last.status().reason().map(Leases::word).orElse("") : detail);
    }

    private static String word(EndReason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static OrderState state(List<LeaseTable.Row> leases) {
        Set<LeaseState> states =
                leases.stream().map(row -> row.status().state()).collect(Collectors.toSet());
        if (states.stream().anyMatch(state -> state.compareTo(LeaseState.RUNNING) < 0)) {
            return OrderState.STARTING;
        }
        if (states.contains(LeaseState.RUNNING)) {
            return OrderState.RUNNING;
        }
        return states.stream().anyMatch(LeaseState::isLive)
                ? OrderState.STOPPING
                : OrderState.CLOSED;
    }
}
