// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.NetworkTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.TrafficReport;

/// The buyers' networks.
public final class Networks {
    private static final int KEY_BYTES = 32;

    /// What fits through WireGuard and VXLAN on a path of 1,500 bytes.
    private static final int MTU_BYTES = 1370;

    private static final int ENDPOINTS_MAX = 16;

    private final Exchange exchange;

    public Networks(Exchange exchange) {
        this.exchange = exchange;
    }

    /// A computer of the buyer joins, or says of itself anew.
    public NetworkJoined join(AccountId account, NetworkId id, NetworkJoin join) {
        check(join);
        return exchange.change((tx, effects, _) -> {
            NetworkTable.Row network = findLive(tx, account, id);
            List<NetworkTable.Member> members = tx.networks().members(id);
            NetworkTable.Member member = member(network, members, join);
            boolean known = members.stream().anyMatch(m -> m.id().equals(member.id()));
            if (!members.contains(member)) {
                if (known) {
                    tx.networks().update(member);
                } else {
                    tx.networks().insert(member);
                }
                tx.networks().change(id);
                effects.networkChanged(id);
            }
            return new NetworkJoined(
                    member.id(), view(tx, findLive(tx, account, id), exchange.settings()));
        });
    }

    /// The network, as soon as its version is above `after`.
    public NetworkView get(AccountId account, NetworkId id, long after, Duration wait) {
        return exchange.signals()
                .await(
                        id.value(),
                        wait,
                        () ->
                                exchange.read(
                                        tx -> view(tx, find(tx, account, id), exchange.settings())),
                        view -> view.version() > after);
    }

    /// A computer of the buyer leaves; machines leave when their lease ends.
    public void leave(AccountId account, NetworkId id, MemberId member) {
        exchange.change((tx, effects, _) -> {
            find(tx, account, id);
            requireComputer(tx, id, member);
            tx.networks().delete(member);
            tx.networks().change(id);
            effects.networkChanged(id);
            return true;
        });
    }

    /// A computer of the buyer says what it exchanged.
    public void count(AccountId account, NetworkId id, MemberId member, TrafficReport report) {
        exchange.change((tx, _, _) -> {
            NetworkTable.Row network = find(tx, account, id);
            requireComputer(tx, id, member);
            if (counts(network, exchange.settings())) {
                tx.traffic().put(id, member, "", report);
            }
            return true;
        });
    }

    /// Takes what a machine exchanged.
    static void count(
            Transaction tx, LeaseTable.Row row, TrafficReport report, MarketSettings settings) {
        tx.networks()
                .memberOf(row.id())
                .filter(member ->
                        counts(tx.networks().find(member.network()).orElseThrow(), settings))
                .ifPresent(member ->
                        tx.traffic().put(member.network(), member.id(), row.id().value(), report));
    }

    /// Whether the members of a network report what they exchange.
    private static boolean counts(NetworkTable.Row network, MarketSettings settings) {
        return network.metered() || settings.bonus().isOn();
    }

    /// What members are told of a network.
    static NetworkView view(Transaction tx, NetworkTable.Row network, MarketSettings settings) {
        Set<String> open = tx.openPorts().leasesOf(network.id());
        AddressPlan.Range subnet = network.subnet();
        return new NetworkView(
                network.id(),
                network.version(),
                network.name(),
                network.vni(),
                subnet.toString(),
                subnet.host(1),
                network.name() + ".grid.internal",
                MTU_BYTES,
                counts(network, settings),
                tx.networks().members(network.id()).stream()
                        .map(member ->
                                new NetworkMember(
                                        member.id(),
                                        member.name(),
                                        member.kind(),
                                        member.publicKey(),
                                        AddressPlan.tunnel(member.hostNumber()),
                                        AddressPlan.mac(network.vni(), member.hostNumber()),
                                        subnet.host(member.hostNumber()),
                                        member.endpoints(),
                                        open.contains(member.lease())))
                        .toList(),
                settings.relays());
    }

    /// Whether the text is 32 bytes in base64, and not all zero.
    static boolean isKey(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            boolean canonical = Base64.getEncoder().encodeToString(bytes).equals(text);
            int bits = 0;
            for (byte b : bytes) {
                bits |= b;
            }
            return bytes.length == KEY_BYTES && canonical && bits != 0;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    /// Whether these can be endpoints of a member.
    static boolean areEndpoints(List<String> endpoints) {
        return endpoints.size() <= ENDPOINTS_MAX
                && endpoints.stream()
                        .allMatch(text ->
                                text.matches(
                                        "([0-9]{1,3}([.][0-9]{1,3}){3}|\\[[0-9a-fA-F:.]{2,45}(%[a-z0-9.]+)?]):[0-9]{1,5}"));
    }

    private NetworkTable.Member member(
            NetworkTable.Row network, List<NetworkTable.Member> members, NetworkJoin join) {
        Optional<NetworkTable.Member> known =
                members.stream().filter(m -> m.publicKey().equals(join.publicKey())).findFirst();
        boolean nameTaken =
                members.stream()
                        .anyMatch(m ->
                                m.name().equals(join.name())
                                        && !m.publicKey().equals(join.publicKey()));
        if (nameTaken || join.name().matches("node[0-9]+")) {
            throw new RefusedException(
                    Reason.CONFLICT, "the name " + join.name() + " is taken; choose another");
        }
        if (known.filter(m -> m.kind() == NetworkMember.Kind.MACHINE).isPresent()) {
            throw new RefusedException(Reason.CONFLICT, "this key is a machine's");
        }
        int number =
                known.map(NetworkTable.Member::hostNumber)
                        .or(() ->
                                AddressPlan.computer(
                                        network.subnet(),
                                        network.machines(),
                                        members.stream()
                                                .map(NetworkTable.Member::hostNumber)
                                                .collect(Collectors.toSet())))
                        .orElseThrow(
                                () -> new RefusedException(Reason.CONFLICT, "the network is full"));
        return new NetworkTable.Member(
                known.map(NetworkTable.Member::id)
                        .orElseGet(() -> exchange.draw(MemberId.PREFIX, MemberId::new)),
                network.id(),
                "",
                NetworkMember.Kind.HOST,
                join.name(),
                join.publicKey(),
                number,
                join.endpoints());
    }

    private static void check(NetworkJoin join) {
        if (!join.name().matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            throw new RefusedException(
                    Reason.INVALID, "name: expected 1 to 63 of a-z, 0-9 and '-'");
        }
        if (!isKey(join.publicKey())) {
            throw new RefusedException(Reason.INVALID, "publicKey: expected 32 bytes in base64");
        }
        if (!areEndpoints(join.endpoints())) {
            throw new RefusedException(
                    Reason.INVALID, "endpoints: expected at most 16 of ADDRESS:PORT");
        }
    }

    private static void requireComputer(Transaction tx, NetworkId id, MemberId member) {
        boolean there =
                tx.networks().members(id).stream()
                        .anyMatch(
                                m -> m.id().equals(member) && m.kind() == NetworkMember.Kind.HOST);
        if (!there) {
            throw RefusedException.notFound("computer " + member);
        }
    }

    private static NetworkTable.Row find(Transaction tx, AccountId account, NetworkId id) {
        return tx.networks()
                .find(id)
                .filter(row -> row.account().equals(account))
                .orElseThrow(() -> RefusedException.notFound("network " + id));
    }

    private static NetworkTable.Row findLive(Transaction tx, AccountId account, NetworkId id) {
        NetworkTable.Row row = find(tx, account, id);
        if (!row.live()) {
            throw new RefusedException(Reason.CONFLICT, "the order of this network is closed");
        }
        return row;
    }
}
