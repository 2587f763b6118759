// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;

/// Orders.
public final class OrderTable {
    private final Handle handle;

    OrderTable(Handle handle) {
        this.handle = handle;
    }

    /// An order.
    ///
    /// @param costMax the most that may be held for it
    /// @param reason why it ended or is ending, or empty
    public record Row(
            OrderId id,
            AccountId account,
            NetworkId network,
            long version,
            OrderSpec spec,
            Credits costMax,
            OrderState state,
            String reason,
            Instant created) {
        /// A machine's host name: `node1` and so on, and `node1-2` for the second machine of a
        /// node.
        public String hostName(int rank) {
            int replica = rank / spec.machines();
            return "node" + (node(rank) + 1) + (replica == 0 ? "" : "-" + (replica + 1));
        }

        /// The node that a machine is, or is part of; from 0 on.
        public int node(int rank) {
            return rank % spec.machines();
        }
    }

    /// Adds an order.
    public void insert(Row row) {
        handle.createUpdate(
                        "insert into buyer_order (id, account, network, version, image, spec,"
                                + " cost_max, state, reason, created, interruptible) values (:id, :account,"
                                + " :network, :version, :image, :spec, :costMax, :state, :reason,"
                                + " :created, :interruptible)")
                .bind("id", row.id.value())
                .bind("account", row.account.value())
                .bind("network", row.network.value())
                .bind("version", row.version)
                .bind("image", row.spec.image().value())
                .bind("spec", text(row.spec))
                .bind("costMax", row.costMax.nanos())
                .bind("state", row.state.name())
                .bind("reason", row.reason)
                .bind("created", row.created.toEpochMilli())
                .bind("interruptible", row.spec.placement().interruptible() ? 1 : 0)
                .execute();
    }

    /// The order with that identifier.
    public Optional<Row> find(OrderId id) {
        return handle.createQuery("select * from buyer_order where id = :id")
                .bind("id", id.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The order of a network.
    public Optional<Row> findByNetwork(NetworkId network) {
        return handle.createQuery("select * from buyer_order where network = :network")
                .bind("network", network.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The account's orders, newest first.
    public List<Row> list(AccountId account, int limit) {
        return handle.createQuery(
                        "select * from buyer_order where account = :account"
                                + " order by created desc, id limit :limit")
                .bind("account", account.value())
                .bind("limit", limit)
                .map((row, _) -> row(row))
                .list();
    }

    /// All orders in that state, oldest first.
    public List<Row> inState(OrderState state) {
        return handle.createQuery(
                        "select * from buyer_order where state = :state order by created, id")
                .bind("state", state.name())
                .map((row, _) -> row(row))
                .list();
    }

    /// Counts a change and sets the state.
    public void change(OrderId id, OrderState state) {
        handle.createUpdate(
                        "update buyer_order set version = version + 1, state = :state"
                                + " where id = :id")
                .bind("state", state.name())
                .bind("id", id.value())
                .execute();
    }

    /// Keeps why an order ends; of several causes the first.
    public void explain(OrderId id, String reason) {
        handle.createUpdate(
                        "update buyer_order set reason = :reason where id = :id and reason = ''")
                .bind("reason", reason)
                .bind("id", id.value())
                .execute();
    }

    /// Forgets the key of the order's volume; all else of the order stays.
    public void forgetVolumeKey(OrderId id) {
        Row row = find(id).orElseThrow();
        if (!row.spec.volume().key().isEmpty()) {
            handle.createUpdate("update buyer_order set spec = :spec where id = :id")
                    .bind("spec", text(row.spec.withoutVolumeKey()))
                    .bind("id", id.value())
                    .execute();
        }
    }

    private static String text(OrderSpec spec) {
        return new String(Format.JSON.write(spec), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new OrderId(row.getString("id")),
                new AccountId(row.getString("account")),
                new NetworkId(row.getString("network")),
                row.getLong("version"),
                spec(row.getString("spec")),
                new Credits(row.getLong("cost_max")),
                OrderState.valueOf(row.getString("state")),
                row.getString("reason"),
                Instant.ofEpochMilli(row.getLong("created")));
    }

    private static OrderSpec spec(String json) {
        try {
            return Format.JSON.read(json, OrderSpec.class);
        } catch (MessageFormatException damaged) {
            throw new IllegalStateException("database: an order can't be read", damaged);
        }
    }
}
