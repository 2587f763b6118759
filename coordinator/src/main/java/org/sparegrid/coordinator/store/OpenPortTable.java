// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.SellerId;

/// Which sellers' UDP ports are open, as far as was found out by knocking.
public final class OpenPortTable {
    private final Handle handle;

    OpenPortTable(Handle handle) {
        this.handle = handle;
    }

    /// What is known of a seller's port.
    ///
    /// @param knocked when it was last knocked at
    /// @param label what announced that knock
    /// @param secret what only the knock said
    /// @param unheard how many knocks in a row the seller has not heard, the newest among them
    /// @param open what is believed
    public record Row(
            SellerId seller, Instant knocked, long label, int secret, int unheard, boolean open) {}

    /// What is known of a seller's port, if it was ever knocked at.
    public Optional<Row> find(SellerId seller) {
        return handle.createQuery("select * from open_port where seller = :seller")
                .bind("seller", seller.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// Keeps what is known now.
    public void put(Row row) {
        handle.createUpdate(
                        """
                        insert into open_port (seller, knocked, label, secret, unheard, is_open)
                        values (:seller, :knocked, :label, :secret, :unheard, :open)
                        on conflict (seller) do update set knocked = excluded.knocked,
                            label = excluded.label, secret = excluded.secret,
                            unheard = excluded.unheard, is_open = excluded.is_open
                        """)
                .bind("seller", row.seller.value())
                .bind("knocked", row.knocked.toEpochMilli())
                .bind("label", row.label)
                .bind("secret", row.secret)
                .bind("unheard", row.unheard)
                .bind("open", row.open ? 1 : 0)
                .execute();
    }

    /// Whether a seller's port is open.
    public boolean isOpen(SellerId seller) {
        return find(seller).filter(Row::open).isPresent();
    }

    /// How many ports are open.
    public long count() {
        return handle.createQuery("select count(*) from open_port where is_open = 1")
                .mapTo(Long.class)
                .one();
    }

    /// The leases of a network's machines on computers whose ports are open.
    public Set<String> leasesOf(NetworkId network) {
        return new HashSet<>(
                handle.createQuery(
                                """
                                select m.lease from member m join lease l on l.id = m.lease
                                join open_port p on p.seller = l.seller
                                where m.network = :network and p.is_open = 1
                                """)
                        .bind("network", network.value())
                        .mapTo(String.class)
                        .list());
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new SellerId(row.getString("seller")),
                Instant.ofEpochMilli(row.getLong("knocked")),
                row.getLong("label"),
                row.getInt("secret"),
                row.getInt("unheard"),
                row.getInt("is_open") == 1);
    }
}
