// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.market.NetworkMember;

/// Networks and their members.
public final class NetworkTable {
    private final Handle handle;

    NetworkTable(Handle handle) {
        this.handle = handle;
    }

    /// A network.
    ///
    /// @param machines how many machines its order has
    /// @param metered whether its members report what they exchange
    public record Row(
            NetworkId id,
            AccountId account,
            String name,
            int vni,
            AddressPlan.Range subnet,
            int machines,
            boolean metered,
            long version,
            boolean live) {}

    /// A member.
    ///
    /// @param lease the machine's lease, or empty for a computer of the buyer
    /// @param hostNumber its place in the address plan
    public record Member(
            MemberId id,
            NetworkId network,
            String lease,
            NetworkMember.Kind kind,
            String name,
            String publicKey,
            int hostNumber,
            List<String> endpoints) {
        public Member {
            endpoints = List.copyOf(endpoints);
        }
    }

    /// Adds a network.
    public void insert(Row row) {
        handle.createUpdate(
                        "insert into network (id, account, name, vni, subnet, machines, metered,"
                                + " version, live) values (:id, :account, :name, :vni, :subnet,"
                                + " :machines, :metered, :version, 1)")
                .bind("id", row.id.value())
                .bind("account", row.account.value())
                .bind("name", row.name)
                .bind("vni", row.vni)
                .bind("subnet", row.subnet.toString())
                .bind("machines", row.machines)
                .bind("metered", row.metered ? 1 : 0)
                .bind("version", row.version)
                .execute();
    }

    /// The network with that identifier.
    public Optional<Row> find(NetworkId id) {
        return handle.createQuery("select * from network where id = :id")
                .bind("id", id.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The account's live networks.
    public List<Row> liveOf(AccountId account) {
        return handle.createQuery("select * from network where account = :account and live = 1")
                .bind("account", account.value())
                .map((row, _) -> row(row))
                .list();
    }

    /// The live network of which the owner of that key is a member.
    public Optional<NetworkId> networkOf(String publicKey) {
        return handle.createQuery(
                        "select network.id from member join network on network.id = member.network"
                                + " where member.public_key = :key and network.live = 1")
                .bind("key", publicKey)
                .mapTo(String.class)
                .findFirst()
                .map(NetworkId::new);
    }

    /// Whether a live network has that number.
    public boolean isUsed(int vni) {
        return handle.createQuery("select 1 from network where vni = :vni and live = 1")
                .bind("vni", vni)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /// Counts a change.
    public void change(NetworkId id) {
        handle.createUpdate("update network set version = version + 1 where id = :id")
                .bind("id", id.value())
                .execute();
    }

    /// Ends a network and removes its members.
    public void end(NetworkId id) {
        handle.createUpdate("delete from member where network = :id")
                .bind("id", id.value())
                .execute();
        handle.createUpdate("update network set live = 0, version = version + 1 where id = :id")
                .bind("id", id.value())
                .execute();
    }

    /// Adds a member.
    public void insert(Member member) {
        handle.createUpdate(
                        "insert into member (id, network, lease, kind, name, public_key,"
                                + " host_number, endpoints) values (:id, :network, :lease, :kind,"
                                + " :name, :key, :number, :endpoints)")
                .bind("id", member.id.value())
                .bind("network", member.network.value())
                .bind("lease", member.lease)
                .bind("kind", member.kind.name())
                .bind("name", member.name)
                .bind("key", member.publicKey)
                .bind("number", member.hostNumber)
                .bind("endpoints", String.join(" ", member.endpoints))
                .execute();
    }

    /// Changes a member's name, key and endpoints.
    public void update(Member member) {
        handle.createUpdate(
                        "update member set name = :name, public_key = :key, endpoints = :endpoints"
                                + " where id = :id")
                .bind("name", member.name)
                .bind("key", member.publicKey)
                .bind("endpoints", String.join(" ", member.endpoints))
                .bind("id", member.id.value())
                .execute();
    }

    /// Removes a member; whether it was there.
    public boolean delete(MemberId id) {
        return handle.createUpdate("delete from member where id = :id")
                        .bind("id", id.value())
                        .execute()
                > 0;
    }

    /// A network's members by address.
    public List<Member> members(NetworkId network) {
        return handle.createQuery(
                        "select * from member where network = :network order by host_number")
                .bind("network", network.value())
                .map((row, _) -> member(row))
                .list();
    }

    /// The member that a lease's machine is.
    public Optional<Member> memberOf(LeaseId lease) {
        return handle.createQuery("select * from member where lease = :lease")
                .bind("lease", lease.value())
                .map((row, _) -> member(row))
                .findOne();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new NetworkId(row.getString("id")),
                new AccountId(row.getString("account")),
                row.getString("name"),
                row.getInt("vni"),
                AddressPlan.Range.parse(row.getString("subnet")),
                row.getInt("machines"),
                row.getInt("metered") == 1,
                row.getLong("version"),
                row.getInt("live") == 1);
    }

    private static Member member(ResultSet row) throws SQLException {
        String endpoints = row.getString("endpoints");
        return new Member(
                new MemberId(row.getString("id")),
                new NetworkId(row.getString("network")),
                row.getString("lease"),
                NetworkMember.Kind.valueOf(row.getString("kind")),
                row.getString("name"),
                row.getString("public_key"),
                row.getInt("host_number"),
                endpoints.isEmpty() ? List.of() : List.of(endpoints.split(" ")));
    }
}
