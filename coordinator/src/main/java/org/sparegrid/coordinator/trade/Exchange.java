// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.introduction.Knocker;
import org.sparegrid.coordinator.lease.LeaseStatus;
import org.sparegrid.coordinator.lease.Limits;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.session.Sessions;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.NetworkTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Identifier;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.NetworkMember;

/// What all parts of the market work with, and the one way to change the database: first the
/// commit, then the messages that follow from it.
public final class Exchange {
    private static final System.Logger LOGGER = System.getLogger(Exchange.class.getName());

    private final Database database;
    private final InstantSource clock;
    private final SecureRandom random;
    private final MarketSettings settings;
    private final Sessions sessions;
    private final Signals signals = new Signals();
    private final Asks asks;
    private final RecentOrders recent = new RecentOrders();
    private final PriceDesk prices = new PriceDesk(this);
    private volatile @Nullable Knocker knocker;

    /// A change of the database.
    @FunctionalInterface
    interface Change<T> {
        T make(Transaction tx, Effects effects, Instant now);
    }

    public Exchange(
            Database database,
            InstantSource clock,
            SecureRandom random,
            MarketSettings settings,
            Sessions sessions) {
        this.database = database;
        this.clock = clock;
        this.random = random;
        this.settings = settings;
        this.sessions = sessions;
        this.asks = new Asks(sessions);
    }

    /// Adds the figures of the tables.
    void measure(Metrics metrics) {
        metrics.gauge(
                "sparegrid.leases", "Live leases.", () -> read(tx -> tx.leases().countLive()));
        metrics.gauge(
                "sparegrid.ledger.sum.nanos",
                "Sum of all balances in billionths; anything but 0 is a fault.",
                () -> read(tx -> tx.ledger().sumNanos()));
        metrics.gauge(
                "sparegrid.open.ports",
                "Sellers whose UDP ports were found open.",
                () -> read(tx -> tx.openPorts().count()));
        metrics.counter(
                "sparegrid.relay.bytes.saved",
                "Bytes of settled leases that open ports kept off relays.",
                () -> read(tx -> tx.leases().savedBytes()));
        metrics.counter(
                "sparegrid.ledger.transfers",
                "Transfers that were booked.",
                () -> read(tx -> tx.ledger().transfers()));
    }

    /// What is wrong with the database; empty if it can be written and its books balance.
    List<String> faults() {
        try {
            long sum = change((tx, _, _) -> tx.ledger().sumNanos());
            return sum == 0
                    ? List.of()
                    : List.of("ledger: the balances sum to " + sum + " billionths, expected 0");
        } catch (RuntimeException failure) {
            LOGGER.log(System.Logger.Level.WARNING, () -> "not ready cause=" + failure);
            return List.of("database: it can't be written");
        }
    }

    <T> T change(Change<T> change) {
        Effects effects = new Effects();
        T result;
        try {
            result = database.write(tx -> change.make(tx, effects, clock.instant()));
        } catch (RuntimeException undone) {
            asks.release(effects.takenSlots());
            asks.unbind(effects.bookedSlots());
            throw undone;
        }
        perform(effects);
        return result;
    }

    <T> T read(Database.Work<T> work) {
        return database.read(work);
    }

    Instant now() {
        return clock.instant();
    }

    MarketSettings settings() {
        return settings;
    }

    Sessions sessions() {
        return sessions;
    }

    Signals signals() {
        return signals;
    }

    Asks asks() {
        return asks;
    }

    /// The round trip to a seller's agent in microseconds, as far as it is known.
    int latency(SellerId seller) {
        return sessions.latency(seller).orElse(AskAttributes.UNKNOWN_LATENCY);
    }

    RecentOrders recent() {
        return recent;
    }

    PriceDesk prices() {
        return prices;
    }

    /// Has sellers' ports knocked at from now on.
    void knockBy(Knocker someone) {
        knocker = someone;
    }

    /// Whether anybody knocks at sellers' ports.
    boolean canKnock() {
        return knocker != null;
    }

    SecureRandom random() {
        return random;
    }

    Limits limits() {
        return new Limits(
                settings.offerTimeout(),
                settings.bootTimeout(),
                settings.lostAfterStarting(),
                settings.lostAfter());
    }

    <I extends Identifier> I draw(String prefix, Function<String, I> kind) {
        return Identifier.draw(random, prefix, kind);
    }

    /// Tells the agents of a network's machines what it looks like now.
    void pushNetwork(NetworkId network) {
        Effects effects = new Effects();
        read(tx -> {
            tx.networks()
                    .find(network)
                    .filter(NetworkTable.Row::live)
                    .ifPresent(row -> pushTo(tx, row, effects));
            return true;
        });
        effects.messages().forEach(out -> sessions.send(out.seller(), out.message()));
    }

    private void pushTo(Transaction tx, NetworkTable.Row network, Effects effects) {
        for (NetworkTable.Member member : tx.networks().members(network.id())) {
            if (member.kind() == NetworkMember.Kind.MACHINE) {
                LeaseId lease = new LeaseId(member.lease());
                tx.leases()
                        .find(lease)
                        .ifPresent(row ->
                                effects.send(
                                        row.seller(),
                                        new CoordinatorMessage.NetworkChanged(
                                                lease,
                                                member.id(),
                                                Networks.view(tx, network, settings))));
            }
        }
    }

    private void perform(Effects effects) {
        asks.release(effects.releasedSlots());
        asks.unbind(effects.unbookedSlots());
        effects.openedOrders().forEach(asks::await);
        effects.closedOrders().forEach(asks::forget);
        if (!effects.reservedLeases().isEmpty()) {
            offer(effects.reservedLeases());
        }
        effects.messages().forEach(out -> sessions.send(out.seller(), out.message()));
        Knocker known = knocker;
        if (known != null) {
            effects.knocks().forEach(k -> known.knock(k.endpoints(), k.label(), k.secret()));
        }
        for (NetworkId network : effects.networks()) {
            signals.raise(network.value());
            pushNetwork(network);
        }
        effects.judgedSellers().forEach(seller -> Records.refresh(this, seller));
        effects.orders().forEach(order -> signals.raise(order.value()));
        effects.volumes().forEach(volume -> signals.raise(volume.value()));
    }

    /// Offers leases whose slots were taken in a transaction that is committed by now.
    private void offer(Set<LeaseId> leases) {
        change((tx, effects, now) -> {
            for (LeaseId lease : leases) {
                LeaseTable.Row row = tx.leases().find(lease).orElseThrow();
                LeaseTable.Row next =
                        Leases.apply(
                                this, tx, row, new LeaseStatus.Happening.Offered(), effects, now);
                effects.send(row.seller(), Leases.offer(tx, next, settings));
            }
            return true;
        });
    }
}
