// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.sparegrid.coordinator.lease.LeaseStatus;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.NetworkTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.protocol.market.Usage;

/// Takes the agents' messages, and brings what they run in line with the database.
final class Agents {
    /// The longest reason that is kept.
    private static final int DETAIL_MAX = 500;

    private final Exchange exchange;
    private final Consoles consoles;
    private final Watch watch;
    private final Trust trust;
    private final MachineStreams streams;
    private final VolumeWatch volumes;
    private final ImageCircles circles;

    /// What the database knows of a seller that says what it offers.
    ///
    /// @param leases whether it has live leases
    private record Entry(boolean leases, String owner, Knowledge known) {}

    public Agents(Exchange exchange, Consoles consoles, Watch watch, Trust trust) {
        this.trust = trust;
        this.volumes = new VolumeWatch(exchange);
        this.circles = new ImageCircles(exchange);
        this.watch = watch;
        this.exchange = exchange;
        this.consoles = consoles;
        this.streams = new MachineStreams(exchange);
    }

    MachineStreams streams() {
        return streams;
    }

    /// Adds what agents told of their exchange of images.
    void measure(Metrics metrics) {
        circles.measure(metrics);
    }

    /// Takes one message; when this returns its effect is durable.
    void received(SellerId seller, AgentMessage message) {
        switch (message) {
            case AgentMessage.Inventory inventory -> inventory(seller, inventory);
            case AgentMessage.AskChanged(var ask, var selling) -> offered(seller, ask, selling);
            case AgentMessage.LeaseAccepted accepted -> accepted(seller, accepted);
            case AgentMessage.LeaseRejected(var lease, var why) ->
                    happened(seller, lease, new LeaseStatus.Happening.Rejected(cut(why)));
            case AgentMessage.Progress(var lease, var progress) ->
                    happened(seller, lease, new LeaseStatus.Happening.Progressed(progress));
            case AgentMessage.Metered(var lease, var usage) -> metered(seller, lease, usage);
            case AgentMessage.TrafficCounted(var lease, var traffic) ->
                    counted(seller, lease, traffic);
            case AgentMessage.Ended ended -> ended(seller, ended);
            case AgentMessage.ConsoleOutput output -> consoles.append(seller, output);
            case AgentMessage.StreamRefused(var stream, var why) ->
                    streams.refused(seller, stream, cut(why));
            case AgentMessage.EndpointsChanged(var endpoints) -> moved(seller, endpoints);
            case AgentMessage.KnockHeard(var label, var secret) ->
                    exchange.change((tx, effects, _) -> {
                        OpenPorts.heard(tx, seller, label, secret, effects);
                        return true;
                    });
            case AgentMessage.TpmOffered offer -> trust.offered(seller, offer);
            case AgentMessage.TpmProved(var proof) -> trust.proved(seller, proof);
            case AgentMessage.TrustAnswered(var lease, var answer) ->
                    trust.answered(seller, lease, answer);
            case AgentMessage.ImageShared shared -> circles.shared(seller, shared);
            case AgentMessage.ImageUnshared gone -> circles.unshared(seller, gone);
            case AgentMessage.VolumeKept(var volume) -> volumes.kept(seller, volume);
            case AgentMessage.VolumeGone(var volume, var why) ->
                    volumes.gone(seller, volume, cut(why));
            case AgentMessage.Heartbeat() -> {}
        }
    }

    /// Ends what took too long, and renews what is under way.
    public void tick() {
        volumes.tick();
        circles.tick();
        List<LeaseTable.Row> live = exchange.read(tx -> tx.leases().live());
        for (LeaseTable.Row row : live) {
            var ticked =
                    new LeaseStatus.Happening.Ticked(
                            exchange.sessions().heard(row.seller(), exchange.now()));
            if (!row.status()
                    .after(ticked, exchange.limits(), exchange.now())
                    .equals(row.status())) {
                exchange.change((tx, effects, now) -> {
                    LeaseTable.Row current = tx.leases().find(row.id()).orElseThrow();
                    LeaseTable.Row next = Leases.apply(exchange, tx, current, ticked, effects, now);
                    if (!next.status().state().isLive()) {
                        effects.send(
                                row.seller(),
                                new CoordinatorMessage.StopLease(row.id(), next.status().detail()));
                    }
                    return true;
                });
            }
        }
    }

    /// Tells an agent that connected again what it may have missed; all of it may be repeated.
    void remind(SellerId seller) {
        volumes.remind(seller);
        if (exchange.read(tx -> tx.leases().liveOf(seller)).isEmpty()) {
            return;
        }
        exchange.change((tx, effects, _) -> {
            for (LeaseTable.Row row : tx.leases().liveOf(seller)) {
                switch (row.status().state()) {
                    case RESERVED -> effects.reserved(row.id());
                    case OFFERED ->
                            effects.send(seller, Leases.offer(tx, row, exchange.settings()));
                    case ACCEPTED, STARTING, RUNNING -> {
                        tx.networks()
                                .memberOf(row.id())
                                .map(NetworkTable.Member::network)
                                .ifPresent(effects::networkChanged);
                        keepCheckpoints(tx, row, effects);
                        VolumeKeeping.open(tx, row, effects);
                    }
                    case STOPPING -> refuse(seller, row.id(), effects);
                    case ENDED, SETTLED -> {}
                }
            }
            return true;
        });
    }

    /// Offers again what was reserved when the coordinator was killed before it could.
    public void recover() {
        exchange.change((tx, effects, _) -> {
            tx.leases().live().stream()
                    .filter(row -> row.status().state() == LeaseState.RESERVED)
                    .forEach(row -> effects.reserved(row.id()));
            return true;
        });
    }

    private void inventory(SellerId seller, AgentMessage.Inventory inventory) {
        Map<LeaseId, MachineReport> reports =
                inventory.machines().stream()
                        .collect(
                                Collectors.toMap(
                                        MachineReport::lease,
                                        Function.identity(),
                                        (first, _) -> first));
        // Most have nothing, and a node that takes over hears of all of them at once: one read
        // each.
        Entry entry =
                exchange.read(tx ->
                        new Entry(
                                !tx.leases().liveOf(seller).isEmpty(),
                                owner(tx, seller),
                                Records.of(exchange, tx, seller, exchange.now())));
        boolean idle = reports.isEmpty() && !entry.leases;
        if (!idle) {
            compare(seller, reports);
        }
        volumes.compare(seller, inventory.volumes());
        exchange.asks().attest(seller, 0); // until its TPM is challenged again
        if (idle) {
            offered(seller, inventory.ask(), inventory.selling(), entry);
        } else {
            offered(seller, inventory.ask(), inventory.selling());
        }
    }

    /// Compares what an agent has with what it is to have.
    private void compare(SellerId seller, Map<LeaseId, MachineReport> reports) {
        exchange.change((tx, effects, now) -> {
            List<LeaseTable.Row> live = tx.leases().liveOf(seller);
            Set<LeaseId> unwanted = new HashSet<>(reports.keySet());
            for (LeaseTable.Row row : live) {
                unwanted.remove(row.id());
                Optional.ofNullable(reports.get(row.id()))
                        .ifPresentOrElse(
                                report -> known(tx, row, report, effects, now),
                                () -> unknown(tx, row, effects, now));
            }
            unwanted.forEach(lease -> refuse(seller, lease, effects));
            return true;
        });
    }

    private void offered(SellerId seller, Ask ask, boolean selling) {
        Entry entry =
                exchange.read(tx ->
                        new Entry(
                                false,
                                owner(tx, seller),
                                Records.of(exchange, tx, seller, exchange.now())));
        offered(seller, ask, selling, entry);
    }

    private void offered(SellerId seller, Ask ask, boolean selling, Entry entry) {
        exchange.asks().put(seller, ask, entry.owner, entry.known, selling);
        watch.seen(seller, selling && exchange.sessions().isConnected(seller));
    }

    private static String owner(Transaction tx, SellerId seller) {
        return tx.sellers().owner(seller).map(AccountId::value).orElse("");
    }

    /// The agent knows a lease that is live: it may be ahead of what was last received.
    private void known(
            Transaction tx,
            LeaseTable.Row row,
            MachineReport report,
            Effects effects,
            Instant now) {
        if (row.status().state() == LeaseState.STOPPING) {
            effects.send(
                    row.seller(),
                    new CoordinatorMessage.StopLease(row.id(), row.status().detail()));
            return;
        }
        accept(tx, row, report.publicKey(), report.endpoints(), effects, now);
        LeaseTable.Row accepted = tx.leases().find(row.id()).orElseThrow();
        LeaseTable.Row reached =
                report.progress().phase() == LeaseProgress.Phase.MATCHED
                        ? accepted
                        : Leases.apply(
                                exchange,
                                tx,
                                accepted,
                                new LeaseStatus.Happening.Progressed(report.progress()),
                                effects,
                                now);
        read(tx, reached, report.usage(), effects, now);
        tx.networks()
                .memberOf(row.id())
                .map(NetworkTable.Member::network)
                .ifPresent(effects::networkChanged);
    }

    /// The agent doesn't know a lease that is live.
    private void unknown(Transaction tx, LeaseTable.Row row, Effects effects, Instant now) {
        switch (row.status().state()) {
            case RESERVED -> {}
            case OFFERED, ACCEPTED, STARTING ->
                    effects.send(row.seller(), Leases.offer(tx, row, exchange.settings()));
            case RUNNING, STOPPING ->
                    Leases.apply(
                            exchange,
                            tx,
                            row,
                            new LeaseStatus.Happening.Gone(
                                    EndReason.FAILED,
                                    "the seller's computer no longer has the machine"),
                            effects,
                            now);
            case ENDED, SETTLED -> {}
        }
    }

    private void accepted(SellerId seller, AgentMessage.LeaseAccepted accepted) {
        exchange.change((tx, effects, now) -> {
            find(tx, seller, accepted.lease())
                    .ifPresentOrElse(
                            row ->
                                    accept(
                                            tx,
                                            row,
                                            accepted.publicKey(),
                                            accepted.endpoints(),
                                            effects,
                                            now),
                            () -> refuse(seller, accepted.lease(), effects));
            return true;
        });
    }

    private void accept(
            Transaction tx,
            LeaseTable.Row row,
            String publicKey,
            List<String> endpoints,
            Effects effects,
            Instant now) {
        if (row.status().state() == LeaseState.STOPPING) {
            return;
        }
        boolean keyTaken =
                tx.orders()
                        .find(row.order())
                        .filter(order ->
                                tx.networks().members(order.network()).stream()
                                        .anyMatch(m ->
                                                m.publicKey().equals(publicKey)
                                                        && !m.lease().equals(row.id().value())))
                        .isPresent();
        if (keyTaken || !Networks.isKey(publicKey) || !Networks.areEndpoints(endpoints)) {
            Leases.apply(
                    exchange,
                    tx,
                    row,
                    new LeaseStatus.Happening.Gone(
                            EndReason.REJECTED, "the seller's computer sent a bad key or address"),
                    effects,
                    now);
            refuse(row.seller(), row.id(), effects);
            return;
        }
        Leases.apply(exchange, tx, row, new LeaseStatus.Happening.Accepted(), effects, now);
        Leases.join(exchange, tx, row, publicKey, endpoints, effects);
        OpenPorts.look(exchange, tx, row, effects, now);
        tx.networks()
                .memberOf(row.id())
                .map(NetworkTable.Member::network)
                .ifPresent(effects::networkChanged);
        keepCheckpoints(tx, row, effects);
        VolumeKeeping.open(tx, row, effects);
    }

    /// The agent keeps the key in its memory only, so that it is told again and again.
    private static void keepCheckpoints(Transaction tx, LeaseTable.Row row, Effects effects) {
        Checkpoints wanted = tx.orders().find(row.order()).orElseThrow().spec().checkpoints();
        if (wanted.areWanted()) {
            effects.send(row.seller(), new CoordinatorMessage.KeepCheckpoints(row.id(), wanted));
        }
    }

    private void happened(SellerId seller, LeaseId lease, LeaseStatus.Happening happening) {
        exchange.change((tx, effects, now) -> {
            find(tx, seller, lease)
                    .ifPresentOrElse(
                            row -> Leases.apply(exchange, tx, row, happening, effects, now),
                            () -> refuseUnlessOver(happening, seller, lease, effects));
            return true;
        });
    }

    private void metered(SellerId seller, LeaseId lease, Usage usage) {
        exchange.change((tx, effects, now) -> {
            find(tx, seller, lease)
                    .ifPresentOrElse(
                            row -> {
                                read(tx, row, usage, effects, now);
                                OpenPorts.look(exchange, tx, row, effects, now);
                            },
                            () -> refuse(seller, lease, effects));
            return true;
        });
    }

    private LeaseTable.Row read(
            Transaction tx, LeaseTable.Row row, Usage usage, Effects effects, Instant now) {
        LeaseTable.Row read = Leases.meter(exchange, tx, row, usage, now);
        if (!read.paid().equals(row.paid())) {
            Leases.touchOrder(tx, read, effects);
        }
        if (read.status().state() == LeaseState.RUNNING
                && Tolls.stop(exchange, tx, read, effects, now)) {
            return tx.leases().find(read.id()).orElseThrow();
        }
        long most = Budget.secondsMax(tx, read);
        if (read.status().state() != LeaseState.RUNNING || read.meter().billedSeconds() < most) {
            return read;
        }
        if (most < read.secondsMax()) {
            Budget.stopAll(exchange, tx, read, effects, now);
            return tx.leases().find(read.id()).orElseThrow();
        }
        String why = "the order's time is used up";
        effects.send(row.seller(), new CoordinatorMessage.StopLease(row.id(), why));
        return Leases.apply(
                exchange,
                tx,
                read,
                new LeaseStatus.Happening.StopAsked(EndReason.EXPIRED, why),
                effects,
                now);
    }

    private void counted(SellerId seller, LeaseId lease, TrafficReport traffic) {
        exchange.change((tx, effects, _) -> {
            find(tx, seller, lease)
                    .ifPresentOrElse(
                            row -> Networks.count(tx, row, traffic, exchange.settings()),
                            () -> refuse(seller, lease, effects));
            return true;
        });
    }

    private void ended(SellerId seller, AgentMessage.Ended ended) {
        consoles.keep(ended.lease());
        exchange.change((tx, effects, now) -> {
            find(tx, seller, ended.lease())
                    .ifPresent(row -> {
                        LeaseTable.Row read = Leases.meter(exchange, tx, row, ended.usage(), now);
                        Leases.apply(
                                exchange,
                                tx,
                                read,
                                new LeaseStatus.Happening.Gone(
                                        believed(ended.reason()), cut(ended.detail())),
                                effects,
                                now);
                    });
            return true;
        });
        exchange.signals().raise(ended.lease().value());
    }

    /// Only the coordinator knows that the operator or a firm order ended a machine; a seller can't
    /// excuse one so.
    private static EndReason believed(EndReason said) {
        return said == EndReason.OPERATOR || said == EndReason.PREEMPTED ? EndReason.FAILED : said;
    }

    private void moved(SellerId seller, List<String> endpoints) {
        if (!Networks.areEndpoints(endpoints)) {
            return;
        }
        exchange.change((tx, effects, _) -> {
            for (LeaseTable.Row row : tx.leases().liveOf(seller)) {
                tx.networks()
                        .memberOf(row.id())
                        .ifPresent(member ->
                                Leases.join(
                                        exchange, tx, row, member.publicKey(), endpoints, effects));
            }
            return true;
        });
    }

    private static void refuseUnlessOver(
            LeaseStatus.Happening happening, SellerId seller, LeaseId lease, Effects effects) {
        if (!(happening instanceof LeaseStatus.Happening.Rejected)) {
            refuse(seller, lease, effects);
        }
    }

    private static void refuse(SellerId seller, LeaseId lease, Effects effects) {
        effects.send(
                seller, new CoordinatorMessage.StopLease(lease, "the lease is over or never was"));
    }

    /// A live lease of that seller; an agent never reaches any other.
    private static Optional<LeaseTable.Row> find(Transaction tx, SellerId seller, LeaseId lease) {
        return tx.leases()
                .find(lease)
                .filter(row -> row.seller().equals(seller) && row.status().state().isLive());
    }

    private static String cut(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= DETAIL_MAX ? line : line.substring(0, DETAIL_MAX) + "…";
    }
}
