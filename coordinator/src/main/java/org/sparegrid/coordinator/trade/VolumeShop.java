// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.Terms;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.operation.VolumeDesk;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.coordinator.store.VolumeTable;
import org.sparegrid.coordinator.volume.KeptTime;
import org.sparegrid.coordinator.volume.VolumeStatus;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.Volume;

/// Buyers' volumes as their buyers deal with them.
final class VolumeShop implements VolumeDesk {
    /// Volumes of one account.
    private static final int VOLUMES_MAX = 100;

    /// How long a list names what has ended.
    private static final Duration REMEMBERED = Duration.ofDays(7);

    /// Further than anybody looks.
    private static final long FOREVER_SECONDS = 100L * 365 * 86_400;

    private final Exchange exchange;

    VolumeShop(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public Volume create(AccountId account, Volume.Request request, String idempotencyKey) {
        String hash = Market.hash("volume", request);
        VolumeId id =
                exchange.change((tx, effects, now) -> {
                    Optional<VolumeId> earlier =
                            Orders.earlier(tx, account, idempotencyKey, hash).map(VolumeId::new);
                    return earlier.orElseGet(() -> {
                        VolumeTable.Row made = make(tx, account, request, effects, now);
                        Orders.remember(tx, account, idempotencyKey, hash, made.id().value(), now);
                        return made.id();
                    });
                });
        return exchange.read(tx -> view(tx, VolumeKeeping.find(tx, account, id)));
    }

    @Override
    public Volume.Page list(AccountId account) {
        return exchange.read(tx ->
                new Volume.Page(
                        tx.volumes().of(account, exchange.now().minus(REMEMBERED)).stream()
                                .map(row -> view(tx, row))
                                .toList()));
    }

    @Override
    public Volume get(AccountId account, VolumeId id, long after, Duration wait) {
        return exchange.signals()
                .await(
                        id.value(),
                        wait,
                        () -> exchange.read(tx -> view(tx, VolumeKeeping.find(tx, account, id))),
                        volume -> volume.version() > after);
    }

    @Override
    public Volume remove(AccountId account, VolumeId id) {
        exchange.change((tx, effects, now) -> {
            VolumeTable.Row row = VolumeKeeping.find(tx, account, id);
            if (!row.lease().isEmpty()) {
                throw new RefusedException(
                        Reason.CONFLICT,
                        "volume %s is in use by machine %s; stop that first"
                                .formatted(row.name(), row.lease()));
            }
            boolean here = exchange.sessions().isConnected(row.seller());
            VolumeKeeping.apply(
                    tx,
                    here ? VolumeKeeping.accrue(tx, row, now) : row,
                    new VolumeStatus.Happening.DropAsked("removed by its buyer"),
                    effects,
                    now);
            tx.audit().add(account.value(), "volume-removed", id.value(), row.name(), now);
            return true;
        });
        return exchange.read(tx -> view(tx, VolumeKeeping.find(tx, account, id)));
    }

    private VolumeTable.Row make(
            Transaction tx,
            AccountId account,
            Volume.Request request,
            Effects effects,
            Instant now) {
        List<VolumeTable.Row> all = tx.volumes().of(account, now);
        if (all.stream()
                .filter(row -> row.status().state().isLive())
                .anyMatch(row -> row.name().equals(request.name()))) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "there is a volume " + request.name() + " already; choose another name");
        }
        if (all.size() >= VOLUMES_MAX) {
            throw new RefusedException(
                    Reason.CONFLICT, "an account has at most " + VOLUMES_MAX + " volumes");
        }
        SlotAsk place = place(tx, account, request);
        Credits price = place.ask().traits().volumes().pricePerMonth();
        Credits first = VolumeKeeping.first(price, request.gibibytes());
        Credits wallet = tx.ledger().balance(Book.wallet(account));
        if (wallet.compareTo(first) < 0) {
            throw new RefusedException(
                    Reason.FUNDS,
                    "%s is to be held for the first %d days, the wallet holds %s; deposit %s more"
                            .formatted(
                                    first,
                                    VolumeKeeping.HELD.toDays(),
                                    wallet,
                                    first.minus(wallet)));
        }
        VolumeTable.Row row =
                new VolumeTable.Row(
                        exchange.draw(VolumeId.PREFIX, VolumeId::new),
                        1,
                        account,
                        request.name(),
                        request.gibibytes(),
                        place.seller(),
                        place.ask().name(),
                        price,
                        VolumeStatus.making(now),
                        false,
                        "",
                        KeptTime.from(now),
                        0,
                        now,
                        Credits.ZERO,
                        now);
        tx.volumes().insert(row);
        VolumeKeeping.hold(tx, row, first, now);
        VolumeKeeping.keep(row, effects);
        tx.audit().add(account.value(), "volume-ordered", row.id().value(), row.name(), now);
        return row;
    }

    /// The computer that keeps it for least, and among those the cheapest machine.
    private SlotAsk place(Transaction tx, AccountId account, Volume.Request request) {
        Access access = Access.of(tx, account);
        List<SlotAsk> fitting =
                exchange
                        .asks()
                        .list(Terms.constraints(request.where().and(access.terms())))
                        .stream()
                        .filter(ask -> !access.except().contains(ask.seller()))
                        .toList();
        List<SlotAsk> roomy =
                fitting.stream().filter(ask -> room(tx, ask) >= request.gibibytes()).toList();
        return roomy.stream()
                .filter(ask -> price(ask).compareTo(request.pricePerMonthMax()) <= 0)
                .min(Comparator.comparing(VolumeShop::price))
                .orElseThrow(() -> refused(request, fitting, roomy, tx));
    }

    private static RefusedException refused(
            Volume.Request request, List<SlotAsk> fitting, List<SlotAsk> roomy, Transaction tx) {
        if (!roomy.isEmpty()) {
            Credits least = roomy.stream().map(VolumeShop::price).min(Credits::compareTo).get();
            return new RefusedException(
                    Reason.NO_MATCH,
                    "no computer keeps %d GiB at that price; the cheapest asks %s for a GiB and month"
                            .formatted(request.gibibytes(), least));
        }
        long most = fitting.stream().mapToLong(ask -> room(tx, ask)).max().orElse(0);
        return new RefusedException(
                Reason.NO_MATCH,
                "of %d computers that would do none has room for %d GiB; the most is %d GiB"
                        .formatted(fitting.size(), request.gibibytes(), Math.max(0, most)));
    }

    private static long room(Transaction tx, SlotAsk ask) {
        int offered = ask.ask().traits().volumes().gibibytes();
        return offered == 0 ? 0 : offered - tx.volumes().gibibytes(ask.seller());
    }

    private static Credits price(SlotAsk ask) {
        return ask.ask().traits().volumes().pricePerMonth();
    }

    private Volume view(Transaction tx, VolumeTable.Row row) {
        long left =
                Math.min(FOREVER_SECONDS, VolumeKeeping.secondsMax(tx, row) - row.time().seconds());
        return new Volume(
                row.id(),
                row.version(),
                row.name(),
                row.gibibytes(),
                row.seller(),
                row.sellerName(),
                exchange.sessions().isConnected(row.seller()),
                row.pricePerMonth(),
                state(row),
                row.status().detail(),
                row.lease(),
                row.time().seconds(),
                row.cost(row.time().seconds()),
                VolumeKeeping.held(tx, row),
                row.status().state().isLive()
                        ? row.time().heard().plusSeconds(left)
                        : row.status().since(),
                row.created());
    }

    private static Volume.State state(VolumeTable.Row row) {
        return switch (row.status().state()) {
            case MAKING -> Volume.State.MAKING;
            case KEPT ->
                    row.lease().isEmpty()
                            ? row.used() ? Volume.State.KEPT : Volume.State.EMPTY
                            : Volume.State.IN_USE;
            case LOST -> Volume.State.LOST;
            case DELETING -> Volume.State.DELETING;
            case ENDED -> Volume.State.ENDED;
        };
    }
}
