// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.api.Rule;

/// Whom accounts block and allow.
public final class RuleTable {
    private final Handle handle;

    RuleTable(Handle handle) {
        this.handle = handle;
    }

    /// Writes a rule in place of the one about the same subject.
    public void put(AccountId account, Rule rule, Instant now) {
        handle.createUpdate(
                        "insert into rule (account, side, subject, kind, created) values"
                                + " (:account, :side, :subject, :kind, :now)"
                                + " on conflict (account, side, subject)"
                                + " do update set kind = excluded.kind")
                .bind("account", account.value())
                .bind("side", rule.side().name())
                .bind("subject", rule.subject())
                .bind("kind", rule.kind().name())
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /// Removes the rule about a subject.
    ///
    /// @return whether there was one
    public boolean delete(AccountId account, Rule.Side side, String subject) {
        return handle.createUpdate(
                                "delete from rule where account = :account and side = :side"
                                        + " and subject = :subject")
                        .bind("account", account.value())
                        .bind("side", side.name())
                        .bind("subject", subject)
                        .execute()
                > 0;
    }

    /// The rules of an account.
    public List<Rule> of(AccountId account) {
        return handle.createQuery(
                        "select side, subject, kind from rule where account = :account"
                                + " order by side, kind, subject")
                .bind("account", account.value())
                .map((row, _) ->
                        new Rule(
                                Rule.Side.valueOf(row.getString("side")),
                                Rule.Kind.valueOf(row.getString("kind")),
                                row.getString("subject")))
                .list();
    }

    /// The accounts that don't sell to a buyer: they block it, or allow others only.
    public List<String> sellersAgainst(AccountId buyer) {
        return handle.createQuery(
                        """
                        select distinct account from rule r where side = 'SELLING'
                            and (subject = :buyer and kind = 'BLOCK'
                            or kind = 'ALLOW' and not exists (select 1 from rule mine
                                where mine.account = r.account and mine.side = 'SELLING'
                                and mine.kind = 'ALLOW' and mine.subject = :buyer))
                        order by account
                        """)
                .bind("buyer", buyer.value())
                .map((row, _) -> row.getString("account"))
                .list();
    }
}
