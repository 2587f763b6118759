// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.DisplacementTable;
import org.sparegrid.coordinator.store.IdempotencyTable;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.NetworkTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Quote;

/// Buyers' orders and their machines.
public final class Orders {
    private static final System.Logger LOGGER = System.getLogger(Orders.class.getName());

    /// Orders in one list.
    private static final int LIST_MAX = 200;

    private static final int VNI_MAX = (1 << 24) - 1;

    /// An order that ends sooner is not worth its machines' starts.
    private static final long SECONDS_MIN = 60;

    private final Exchange exchange;
    private final OpenOrders open;

    public Orders(Exchange exchange) {
        this.exchange = exchange;
        this.open = new OpenOrders(exchange);
    }

    /// Takes up the orders that wait for machines.
    void recover() {
        open.recover();
    }

    /// Starts the waiting orders whose machines have come.
    void tick() {
        open.tick();
    }

    /// What would have to change for what an order lacks, or for all of it if it lacks nothing.
    public Explanation explain(AccountId account, OrderId id) {
        return exchange.read(tx -> {
            OrderTable.Row order = find(tx, account, id);
            long live =
                    tx.leases().ofOrder(id).stream()
                            .filter(lease -> lease.status().state().isLive())
                            .count();
            Instant start = order.spec().placement().opens(order.created());
            int lacking = order.spec().machines() - (int) live;
            return Board.explain(
                    exchange,
                    order.spec(),
                    Access.of(tx, account),
                    tx.displacements().candidates(),
                    lacking > 0 ? lacking : order.spec().machines(),
                    start.isAfter(exchange.now()) ? start : exchange.now());
        });
    }

    /// What an order would get of what is on offer now.
    public Quote quote(AccountId account, OrderSpec spec) {
        Instant now = exchange.now();
        Instant start = spec.placement().opens(now);
        List<DisplacementTable.Candidate> interruptible =
                exchange.read(tx -> tx.displacements().candidates());
        Access access = exchange.read(tx -> access(tx, account, spec, start));
        Choice choice = Choice.look(exchange, spec, access, start);
        Match match = choice.match();
        Explanation why =
                Board.explain(exchange, spec, access, interruptible, spec.machines(), start);
        Estimates expected = exchange.read(tx -> Estimates.of(tx, choice, spec, start, now));
        return new Quote(
                match.slots().stream().map(taken -> Board.offer(taken.from())).toList(),
                choice.nodes(),
                match.missing(),
                pricePerHour(match),
                choice.premium(exchange, spec, access, start),
                trafficCost(match, spec),
                cost(match, spec),
                expected.startSeconds(),
                expected.interruptions(),
                expected.lasting(),
                expected.completionSeconds(),
                exchange.prices().reference(match),
                Board.exclusions(why));
    }

    /// Places an order: takes the slots, holds the money, then offers the leases to the agents.
    ///
    /// @param key makes a repeated request the same order, or empty
    public Order place(Caller.Holder payer, OrderRequest request, String key, String requestHash) {
        AccountId account = payer.account();
        Optional<OrderId> known =
                exchange.read(tx -> earlier(tx, account, key, requestHash)).map(OrderId::new);
        if (known.isPresent()) {
            return exchange.read(tx -> Views.of(tx, find(tx, account, known.get())));
        }
        Access access = exchange.read(tx -> access(tx, account, request.spec(), exchange.now()));
        Choice looked = Choice.look(exchange, request.spec(), access, exchange.now());
        OrderId id =
                exchange.change((tx, effects, now) -> {
                    Optional<OrderId> earlier =
                            earlier(tx, account, key, requestHash).map(OrderId::new);
                    return earlier.orElseGet(() -> {
                        OrderId made = make(tx, payer, request, looked, effects, now);
                        remember(tx, account, key, requestHash, made.value(), now);
                        return made;
                    });
                });
        return exchange.read(tx -> Views.of(tx, find(tx, account, id)));
    }

    /// The account's orders, newest first.
    public List<Order> list(AccountId account) {
        return exchange.read(tx ->
                tx.orders().list(account, LIST_MAX).stream()
                        .map(row -> Views.of(tx, row))
                        .toList());
    }

    /// An order, as soon as its version is above `after`.
    public Order get(AccountId account, OrderId id, long after, Duration wait) {
        return exchange.signals()
                .await(
                        id.value(),
                        wait,
                        () -> exchange.read(tx -> Views.of(tx, find(tx, account, id))),
                        order -> order.version() > after);
    }

    /// Stops all machines of an order.
    public Order stop(AccountId account, OrderId id) {
        exchange.change((tx, effects, now) -> {
            find(tx, account, id);
            stop(tx, id, EndReason.BUYER, "stopped by the buyer", effects, now);
            return true;
        });
        return exchange.read(tx -> Views.of(tx, find(tx, account, id)));
    }

    /// Closes an order that waits, or stops all its machines.
    void stop(
            Transaction tx,
            OrderId id,
            EndReason reason,
            String why,
            Effects effects,
            Instant now) {
        if (tx.orders().find(id).orElseThrow().state() != OrderState.CLOSED) {
            tx.orders().explain(id, why);
        }
        Seeking.giveUp(exchange, tx, id, effects, now);
        open.close(tx, id, reason, why, effects, now);
        for (LeaseTable.Row row : tx.leases().ofOrder(id)) {
            Leases.stop(exchange, tx, row, reason, why, effects, now);
        }
    }

    /// A machine.
    public Lease lease(AccountId account, LeaseId id) {
        return exchange.read(tx -> Views.of(tx, findLease(tx, account, id)));
    }

    /// Stops a machine.
    public Lease stopLease(AccountId account, LeaseId id) {
        exchange.change((tx, effects, now) -> {
            LeaseTable.Row row = findLease(tx, account, id);
            Leases.stop(exchange, tx, row, EndReason.BUYER, "stopped by the buyer", effects, now);
            Seeking.giveUp(exchange, tx, row, effects, now);
            return true;
        });
        return lease(account, id);
    }

    /// The machine's row, if it is the account's.
    static LeaseTable.Row findLease(Transaction tx, AccountId account, LeaseId id) {
        return tx.leases()
                .find(id)
                .filter(row ->
                        tx.orders()
                                .find(row.order())
                                .filter(order -> order.account().equals(account))
                                .isPresent())
                .orElseThrow(() -> RefusedException.notFound("machine " + id));
    }

    /// What an earlier request with that key made.
    static Optional<String> earlier(
            Transaction tx, AccountId account, String key, String requestHash) {
        if (key.isEmpty()) {
            return Optional.empty();
        }
        Optional<IdempotencyTable.Row> row = tx.idempotency().find(account, key);
        if (row.filter(known -> !known.requestHash().equals(requestHash)).isPresent()) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "this Idempotency-Key was sent with another request; draw a new one");
        }
        return row.map(IdempotencyTable.Row::answer);
    }

    static void remember(
            Transaction tx,
            AccountId account,
            String key,
            String requestHash,
            String answer,
            Instant now) {
        if (!key.isEmpty()) {
            tx.idempotency()
                    .insert(account, key, new IdempotencyTable.Row(requestHash, answer), now);
        }
    }

    private OrderId make(
            Transaction tx,
            Caller.Holder payer,
            OrderRequest request,
            Choice looked,
            Effects effects,
            Instant now) {
        AccountId account = payer.account();
        OrderSpec spec = request.spec();
        if (!tx.images().has(account, spec.image())) {
            throw RefusedException.notFound("image " + spec.image());
        }
        Access access = access(tx, account, spec, now);
        VolumeKeeping.requireKey(spec.volume());
        OrderId id = exchange.draw(OrderId.PREFIX, OrderId::new);
        boolean later = spec.placement().startAfterSeconds() > 0;
        Choice choice = later ? looked : Choice.take(exchange, id, spec, access, looked, now);
        Match match = choice.match();
        boolean filled = !later && match.missing() == 0;
        if (!later) {
            exchange.recent().note(spec, match, now);
        }
        if (filled) {
            effects.took(match.slots());
        } else if (spec.placement().waitSecondsMax() == 0) {
            throw noMatch(tx, match, access, spec);
        }
        Credits all = filled ? cost(match, spec) : OpenOrders.costMax(spec);
        Credits cost = held(all, request);
        Credits wallet = tx.ledger().balance(Book.wallet(account));
        if (cost.compareTo(wallet) > 0) {
            throw new RefusedException(
                    Reason.FUNDS,
                    "%s is to be held, the wallet holds %s; deposit %s more or order less time"
                            .formatted(cost, wallet, cost.minus(wallet)));
        }
        Spending.require(tx, payer, cost);
        OrderTable.Row order =
                new OrderTable.Row(
                        id,
                        account,
                        makeNetwork(tx, account, spec),
                        1,
                        spec,
                        request.costMax(),
                        filled ? OrderState.STARTING : OrderState.OPEN,
                        "",
                        now);
        tx.orders().insert(order);
        if (payer instanceof Caller.Program program) {
            tx.keys().insertOrder(program.key(), order.id());
        }
        Spending.hold(tx, order, order.id().value(), cost, now);
        if (!filled) {
            open.begin(tx, order, effects);
        }
        if (spec.placement().reserved()) {
            Bookings.bind(exchange, tx, order, Access.of(tx, account), effects, now);
        }
        if (filled) {
            Leases.reserve(exchange, tx, order, choice, effects, now);
            VolumeKeeping.use(tx, order, effects);
        }
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> "order placed order=" + order.id() + " buyer=" + account);
        return order.id();
    }

    /// What of the market is for machines that start then.
    private Access access(Transaction tx, AccountId account, OrderSpec spec, Instant start) {
        Access rules = Access.of(tx, account, spec);
        return spec.placement().reserved() && start.isAfter(exchange.now())
                ? Bookings.access(exchange, tx, spec, rules, start)
                : rules.reaching(
                        Reach.of(exchange.settings(), spec.placement(), spec.secondsMax(), start));
    }

    /// What is held for an order that would cost so much in all of its time.
    private static Credits held(Credits all, OrderRequest request) {
        Credits most = request.costMax();
        if (all.compareTo(most) <= 0) {
            return all;
        }
        if (!request.untilCostMax()) {
            throw new RefusedException(
                    Reason.COST_CAP, "it would cost up to " + all + ", the limit is " + most);
        }
        long seconds = request.spec().secondsMax();
        if (Budget.seconds(most, all) * seconds < SECONDS_MIN * 3600) {
            throw new RefusedException(
                    Reason.COST_CAP,
                    "the limit of "
                            + most
                            + " pays for less than "
                            + SECONDS_MIN
                            + " s of these machines");
        }
        return most;
    }

    private RefusedException noMatch(Transaction tx, Match match, Access access, OrderSpec spec) {
        double reliability = spec.placement().reliability();
        if (!access.only().isEmpty()) {
            return new RefusedException(
                    Reason.NO_MATCH,
                    "the computer on which the volume lies offers no such machine now; it may be"
                            + " away, taken, smaller or dearer than asked for");
        }
        if (reliability > 0) {
            return new RefusedException(
                    Reason.NO_MATCH,
                    "the machines on offer make %d of %d nodes of reliability %s at that price"
                            .formatted(
                                    spec.machines() - match.missing(),
                                    spec.machines(),
                                    reliability),
                    List.of("ask for a lower reliability, a shorter time or pay more for a node"));
        }
        return new RefusedException(
                Reason.NO_MATCH,
                "%d of %d machines can be had now".formatted(match.slots().size(), spec.machines()),
                Board.advice(
                        Board.explain(
                                exchange,
                                spec,
                                access,
                                tx.displacements().candidates(),
                                spec.machines(),
                                exchange.now())));
    }

    private NetworkId makeNetwork(Transaction tx, AccountId account, OrderSpec spec) {
        List<NetworkTable.Row> live = tx.networks().liveOf(account);
        if (live.stream().anyMatch(network -> network.name().equals(spec.name()))) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "an order with the network "
                            + spec.name()
                            + " is under way; choose another name");
        }
        AddressPlan.Range subnet =
                AddressPlan.subnet(
                                exchange.settings().networks(),
                                machinesMax(spec),
                                live.stream().map(NetworkTable.Row::subnet).toList())
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.CONFLICT,
                                        "all of your networks' addresses are in use; stop"
                                                + " an order"));
        int vni = 1 + exchange.random().nextInt(VNI_MAX);
        while (tx.networks().isUsed(vni)) {
            vni = 1 + exchange.random().nextInt(VNI_MAX);
        }
        NetworkTable.Row network =
                new NetworkTable.Row(
                        exchange.draw(NetworkId.PREFIX, NetworkId::new),
                        account,
                        spec.name(),
                        vni,
                        subnet,
                        machinesMax(spec),
                        spec.trafficMegabytes() > 0,
                        1,
                        true);
        tx.networks().insert(network);
        return network.id();
    }

    /// The most machines that the order may have.
    private static int machinesMax(OrderSpec spec) {
        return spec.machines() * spec.placement().replicasMax(spec.machines());
    }

    private static OrderTable.Row find(Transaction tx, AccountId account, OrderId id) {
        return tx.orders()
                .find(id)
                .filter(row -> row.account().equals(account))
                .orElseThrow(() -> RefusedException.notFound("order " + id));
    }

    private static Credits pricePerHour(Match match) {
        return match.slots().stream()
                .map(taken -> taken.from().ask().pricePerHour())
                .reduce(Credits.ZERO, Credits::plus);
    }

    private static Credits cost(Match match, OrderSpec spec) {
        return match.slots().stream()
                .map(taken -> taken.from().ask().pricePerHour().perHourFor(spec.secondsMax()))
                .reduce(trafficCost(match, spec), Credits::plus);
    }

    private static Credits trafficCost(Match match, OrderSpec spec) {
        return match.slots().stream()
                .map(taken -> taken.from().ask().traits().networkFeePerGigabyte())
                .map(fee -> Tolls.costMax(fee, spec))
                .reduce(Credits.ZERO, Credits::plus);
    }
}
