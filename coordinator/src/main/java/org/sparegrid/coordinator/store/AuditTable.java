// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.coordinator.audit.Finding;
import org.sparegrid.coordinator.audit.Known;
import org.sparegrid.coordinator.audit.Seal;
import org.sparegrid.coordinator.audit.Walk;

/// Who did what. Entries are only ever added; each is sealed with those before it.
public final class AuditTable {
    private static final int FETCH_ROWS = 1_000;
    private static final int DETAIL_MAX = 500;

    private final Handle handle;

    AuditTable(Handle handle) {
        this.handle = handle;
    }

    /// One thing that was done.
    ///
    /// @param number counted from 1
    /// @param actor an account, or `operator NAME`
    /// @param action what was done, as `seller-suspended`
    /// @param subject what it was done to
    /// @param detail what else is to be known of it; no secret
    public record Entry(
            long number, Instant at, String actor, String action, String subject, String detail) {}

    /// Adds an entry.
    public void add(String actor, String action, String subject, String detail, Instant now) {
        Known last =
                handle.createQuery(
                                "select number, seal from audit_entry order by number desc limit 1")
                        .map((row, _) ->
                                new Known(row.getLong("number"), new Seal(row.getString("seal"))))
                        .findOne()
                        .orElse(new Known(0, Seal.NONE));
        String cut = detail.length() > DETAIL_MAX ? detail.substring(0, DETAIL_MAX) : detail;
        handle.createUpdate(
                        "insert into audit_entry (number, at, actor, action, subject, detail, seal)"
                                + " values (:number, :at, :actor, :action, :subject, :detail,"
                                + " :seal)")
                .bind("number", last.number() + 1)
                .bind("at", now.toEpochMilli())
                .bind("actor", actor)
                .bind("action", action)
                .bind("subject", subject)
                .bind("detail", cut)
                .bind(
                        "seal",
                        last.seal().next(now.toEpochMilli(), actor, action, subject, cut).hex())
                .execute();
    }

    /// The last entries, oldest first.
    ///
    /// @param about only those of this actor or subject; all if empty
    public List<Entry> last(int limit, String about) {
        return handle.createQuery(
                        "select * from (select * from audit_entry where :about = ''"
                                + " or actor = :about or subject = :about"
                                + " order by number desc limit :limit) as newest order by number")
                .bind("about", about)
                .bind("limit", limit)
                .map((row, _) -> entry(row))
                .list();
    }

    /// Goes through all entries from the first on.
    ///
    /// @param known a seal that was noted down earlier
    public Finding verify(Optional<Known> known) {
        Walk walk = new Walk("entry", known);
        handle.createQuery("select * from audit_entry order by number")
                .setFetchSize(FETCH_ROWS)
                .map((row, _) -> {
                    Entry entry = entry(row);
                    walk.next(
                            entry.number(),
                            row.getString("seal"),
                            entry.at().toEpochMilli(),
                            entry.actor(),
                            entry.action(),
                            entry.subject(),
                            entry.detail());
                    return entry;
                })
                .forEach(_ -> {});
        return walk.end();
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getLong("number"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getString("actor"),
                row.getString("action"),
                row.getString("subject"),
                row.getString("detail"));
    }
}
