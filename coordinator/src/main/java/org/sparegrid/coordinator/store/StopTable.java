// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// Orders and machines that the operator wants ended, until that is done.
public final class StopTable {
    private final Handle handle;

    StopTable(Handle handle) {
        this.handle = handle;
    }

    /// One of them.
    ///
    /// @param what the order's or the machine's identifier
    /// @param reason why, for both sides to read
    public record Row(String what, String reason) {}

    /// Adds one, or changes the reason.
    public void put(Row row, Instant now) {
        handle.createUpdate(
                        "insert into operator_stop (what, reason, asked) values"
                                + " (:what, :reason, :now) on conflict (what)"
                                + " do update set reason = excluded.reason")
                .bind("what", row.what)
                .bind("reason", row.reason)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /// All of them, in the order in which they were asked for.
    public List<Row> all() {
        return handle.createQuery("select what, reason from operator_stop order by asked, what")
                .map((row, _) -> new Row(row.getString("what"), row.getString("reason")))
                .list();
    }

    /// Whether that is yet to be ended.
    public boolean isAsked(String what) {
        return handle.createQuery("select 1 from operator_stop where what = :what")
                .bind("what", what)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /// It is done.
    public void delete(String what) {
        handle.createUpdate("delete from operator_stop where what = :what")
                .bind("what", what)
                .execute();
    }
}
