// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.sparegrid.coordinator.audit.Finding;
import org.sparegrid.coordinator.audit.Known;
import org.sparegrid.coordinator.audit.Walk;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.VolumeOffer;

/// Goes through the books from the first transfer on, and holds them against what was dealt.
///
/// Each transfer must stand in its place, unchanged, with the balances that it left behind; money
/// may only go the way that its kind goes; deposits, machines and payouts must have been paid for
/// once and to the billionth.
final class LedgerAudit {
    private static final int FETCH_ROWS = 1_000;

    /// From which kind of book to which, by the kind of transfer.
    private static final Map<Transfer.Kind, String> WAYS =
            Map.ofEntries(
                    Map.entry(Transfer.Kind.DEPOSIT, "psp_clearing>wallet"),
                    Map.entry(Transfer.Kind.COMMISSION, "wallet>revenue_commission"),
                    Map.entry(Transfer.Kind.HOLD, "wallet>escrow"),
                    Map.entry(Transfer.Kind.SETTLE, "escrow>earnings"),
                    Map.entry(Transfer.Kind.CARRY, "escrow>earnings"),
                    Map.entry(Transfer.Kind.BONUS, "revenue_commission>earnings"),
                    Map.entry(Transfer.Kind.REPLENISHED, "psp_losses>revenue_commission"),
                    Map.entry(Transfer.Kind.CANCEL, "escrow>earnings"),
                    Map.entry(Transfer.Kind.ROYALTY, "earnings>earnings"),
                    Map.entry(Transfer.Kind.RELEASE, "escrow>wallet"),
                    Map.entry(Transfer.Kind.GIFT, "wallet>wallet"),
                    Map.entry(Transfer.Kind.KEEP, "earnings>wallet"),
                    Map.entry(Transfer.Kind.PAYOUT, "earnings>payout_clearing"),
                    Map.entry(Transfer.Kind.PAID, "payout_clearing>psp_clearing"),
                    Map.entry(Transfer.Kind.RETURNED, "payout_clearing>earnings"),
                    Map.entry(Transfer.Kind.DISPUTE, "earnings>dispute_reserve"),
                    Map.entry(Transfer.Kind.REFUND, "dispute_reserve>wallet"),
                    Map.entry(Transfer.Kind.CLEARED, "dispute_reserve>earnings"),
                    Map.entry(Transfer.Kind.REVERSED, "wallet>psp_clearing"),
                    Map.entry(Transfer.Kind.WAIVED, "revenue_commission>psp_clearing"),
                    Map.entry(Transfer.Kind.UNCOVERED, "psp_losses>psp_clearing"),
                    Map.entry(Transfer.Kind.REINSTATED, "psp_clearing>wallet"),
                    Map.entry(Transfer.Kind.REGAINED, "psp_clearing>revenue_commission"),
                    Map.entry(Transfer.Kind.RECOVERED, "psp_clearing>psp_losses"));

    /// The books that the operator may correct, each from and to each other.
    private static final Set<String> ADJUSTABLE =
            Set.of("wallet", "earnings", "revenue_commission", "psp_clearing", "psp_losses");

    /// The books that may be below zero.
    private static final Set<String> OUTSIDE = Set.of(Book.CLEARING.id(), Book.LOSSES.id());

    private final Handle handle;
    private final Map<String, Long> balances = new HashMap<>();

    LedgerAudit(Handle handle) {
        this.handle = handle;
    }

    Finding run(Optional<Known> known) {
        Walk walk = new Walk("transfer", known);
        handle.createQuery("select * from ledger_transfer order by number")
                .setFetchSize(FETCH_ROWS)
                .map((row, _) -> transfer(walk, row))
                .forEach(_ -> {});
        long sum = balances.values().stream().mapToLong(Long::longValue).sum();
        if (sum != 0) {
            walk.fault("the transfers sum to " + new Credits(sum) + ", expected 0");
        }
        books(walk);
        dealings(walk);
        return walk.end();
    }

    private String transfer(Walk walk, ResultSet row) throws SQLException {
        long number = row.getLong("number");
        String debit = row.getString("debit");
        String credit = row.getString("credit");
        long amount = row.getLong("amount");
        walk.next(
                number,
                row.getString("seal"),
                row.getString("id"),
                row.getLong("at"),
                row.getString("kind"),
                row.getString("reference"),
                debit,
                credit,
                amount,
                row.getLong("debit_balance"),
                row.getLong("credit_balance"));
        moved(walk, number, debit, -amount, row.getLong("debit_balance"));
        moved(walk, number, credit, amount, row.getLong("credit_balance"));
        way(walk, number, Transfer.Kind.valueOf(row.getString("kind")), kind(debit), kind(credit));
        return debit;
    }

    private static void way(Walk walk, long number, Transfer.Kind kind, String from, String to) {
        String way = from + ">" + to;
        boolean good =
                kind == Transfer.Kind.ADJUST
                        ? ADJUSTABLE.contains(from) && ADJUSTABLE.contains(to)
                        : way.equals(WAYS.get(kind));
        if (!good) {
            walk.fault(
                    "transfer %d goes %s, expected %s"
                            .formatted(
                                    number, way, WAYS.getOrDefault(kind, "books to be adjusted")));
        }
    }

    private void moved(Walk walk, long number, String book, long difference, long written) {
        long balance = balances.merge(book, difference, Math::addExact);
        if (balance != written) {
            walk.fault(
                    "transfer %d left %s with %s, expected %s"
                            .formatted(number, book, new Credits(written), new Credits(balance)));
        }
        if (balance < 0 && !OUTSIDE.contains(book)) {
            walk.fault("transfer " + number + " took " + book + " below 0");
        }
    }

    /// A book's kind stands before its owner.
    private static String kind(String book) {
        int colon = book.indexOf(':');
        return colon < 0 ? book : book.substring(0, colon);
    }

    private void books(Walk walk) {
        handle.createQuery("select id, balance from ledger_book")
                .setFetchSize(FETCH_ROWS)
                .map((row, _) -> {
                    long moved = balances.getOrDefault(row.getString("id"), 0L);
                    return row.getLong("balance") == moved
                            ? ""
                            : "%s holds %s, but its transfers sum to %s"
                                    .formatted(
                                            row.getString("id"),
                                            new Credits(row.getLong("balance")),
                                            new Credits(moved));
                })
                .filter(text -> !text.isEmpty())
                .forEach(walk::fault);
    }

    private void deposits(Walk walk) {
        sums(
                walk,
                "deposit %s credited %s, expected %s",
                """
                select d.id as what, case when d.state in ('POSTED', 'REFUNDED', 'CHARGEBACK')
                    then d.amount else 0 end as due,
                    coalesce(sum(t.amount), 0) as paid
                from deposit d left join ledger_transfer t
                    on t.reference = d.id and t.kind = 'DEPOSIT'
                group by d.id, d.state, d.amount
                """);
        sums(
                walk,
                "of deposit %s went back %s, expected %s",
                """
                select d.id as what, d.refunded + d.disputed as due,
                    coalesce(sum(t.amount), 0) as paid
                from deposit d left join ledger_transfer t
                    on t.reference = d.id and t.kind in ('REVERSED', 'WAIVED', 'UNCOVERED')
                group by d.id, d.refunded, d.disputed
                """);
        sums(
                walk,
                "of deposit %s came again %s, expected %s",
                """
                select d.id as what, d.reinstated as due, coalesce(sum(t.amount), 0) as paid
                from deposit d left join ledger_transfer t
                    on t.reference = d.id and t.kind in ('REGAINED', 'RECOVERED', 'REINSTATED')
                group by d.id, d.reinstated
                """);
    }

    private void dealings(Walk walk) {
        deposits(walk);
        sums(
                walk,
                "machine %s was settled with %s, expected %s",
                """
                select l.id as what, l.charged as due, coalesce(sum(t.amount), 0) as paid
                from lease l left join ledger_transfer t
                    on t.reference = l.id and t.kind = 'SETTLE'
                group by l.id, l.charged
                """);
        sums(
                walk,
                "the traffic of machine %s was settled with %s, expected %s",
                """
                select l.id as what, l.traffic_charged as due, coalesce(sum(t.amount), 0) as paid
                from lease l left join ledger_transfer t
                    on t.reference = l.id and t.kind = 'CARRY'
                group by l.id, l.traffic_charged
                """);
        sums(
                walk,
                "payout %s took %s, expected %s",
                """
                select p.id as what, p.amount as due, coalesce(sum(t.amount), 0) as paid
                from payout p left join ledger_transfer t
                    on t.reference = p.id and t.kind = 'PAYOUT'
                group by p.id, p.amount
                """);
        sums(
                walk,
                "payout %s ended with %s, expected %s",
                """
                select p.id as what, case when p.state = 'PENDING' then 0 else p.amount end as due,
                    coalesce(sum(t.amount), 0) as paid
                from payout p left join ledger_transfer t
                    on t.reference = p.id and t.kind in ('PAID', 'RETURNED')
                group by p.id, p.state, p.amount
                """);
        sums(
                walk,
                "dispute about %s gave back %s, expected %s",
                """
                select d.lease as what,
                    case when d.state = 'OPEN' then 0 else d.refunded end as due,
                    coalesce(sum(t.amount), 0) as paid
                from dispute d left join ledger_transfer t
                    on t.reference = d.lease and t.kind = 'REFUND'
                group by d.lease, d.state, d.refunded
                """);
        bonuses(walk);
        bookings(walk);
        volumes(walk);
        adjustments(walk);
        royalties(walk);
        handle.createQuery("select id, price_per_hour, settled_seconds, charged from lease")
                .setFetchSize(FETCH_ROWS)
                .map((row, _) -> price(row))
                .filter(text -> !text.isEmpty())
                .forEach(walk::fault);
        handle.createQuery("select * from lease where network_fee > 0")
                .setFetchSize(FETCH_ROWS)
                .map((row, _) -> toll(row))
                .filter(text -> !text.isEmpty())
                .forEach(walk::fault);
    }

    /// The bonuses that an account's orders caused come out of what it paid in commission.
    private void bonuses(Walk walk) {
        sums(
                walk,
                "the open port of machine %s was paid %s, expected %s",
                """
                select l.id as what, l.bonus as due, coalesce(sum(t.amount), 0) as paid
                from lease l left join ledger_transfer t
                    on t.reference = l.id and t.kind = 'BONUS'
                group by l.id, l.bonus
                """);
        sums(
                walk,
                "the orders of account %s caused bonuses of %s, expected %s",
                """
                select a.id as what, a.bonus as due, coalesce(sum(l.bonus), 0) as paid
                from account a left join buyer_order o on o.account = a.id
                    left join lease l on l.buyer_order = o.id
                group by a.id, a.bonus
                """);
        handle.createQuery(
                        """
                        select a.id, a.bonus, coalesce(sum(t.amount), 0) as earned
                        from account a left join deposit d on d.account = a.id
                            left join ledger_transfer t
                            on t.reference = d.id and t.kind = 'COMMISSION'
                        where a.bonus > 0 group by a.id, a.bonus
                        having a.bonus > coalesce(sum(t.amount), 0)
                        """)
                .map((row, _) ->
                        "the orders of account %s caused bonuses of %s, but its commission was %s"
                                .formatted(
                                        row.getString("id"),
                                        new Credits(row.getLong("bonus")),
                                        new Credits(row.getLong("earned"))))
                .forEach(walk::fault);
    }

    /// Sellers get what buyers were charged that went back on bookings.
    private void bookings(Walk walk) {
        sums(
                walk,
                "the sellers bound to order %s got %s, expected %s",
                """
                select o.id as what, b.due as due, coalesce(sum(t.amount), 0) as paid
                from buyer_order o
                    join (select buyer_order, sum(charged) as due from booking group by buyer_order)
                        b on b.buyer_order = o.id
                    left join ledger_transfer t on t.reference = o.id and t.kind = 'CANCEL'
                group by o.id, b.due
                """);
    }

    /// A pool gets a part of what a machine was paid for.
    private void royalties(Walk walk) {
        handle.createQuery(
                        """
                        select t.reference as what, sum(t.amount) as taken, l.charged as paid
                        from ledger_transfer t left join lease l on l.id = t.reference
                        where t.kind = 'ROYALTY' group by t.reference, l.charged
                        having l.charged is null or sum(t.amount) > l.charged
                        """)
                .map((row, _) ->
                        "a royalty of %s was taken of machine %s, which was settled with %s"
                                .formatted(
                                        new Credits(row.getLong("taken")),
                                        row.getString("what"),
                                        new Credits(row.getLong("paid"))))
                .forEach(walk::fault);
    }

    /// Whoever corrects the books says so in the audit log.
    private void adjustments(Walk walk) {
        handle.createQuery(
                        """
                        select t.number, t.reference from ledger_transfer t
                        where t.kind = 'ADJUST' and not exists (select 1 from audit_entry a
                            where a.action = 'ledger-adjusted' and a.subject = t.reference)
                        """)
                .map((row, _) ->
                        "transfer %d adjusts the books as %s, of which the audit log has nothing"
                                .formatted(row.getLong("number"), row.getString("reference")))
                .forEach(walk::fault);
    }

    private void volumes(Walk walk) {
        sums(
                walk,
                "volume %s was settled with %s, expected %s",
                """
                select v.id as what, v.charged as due, coalesce(sum(t.amount), 0) as paid
                from volume v left join ledger_transfer t
                    on t.reference = v.id and t.kind = 'SETTLE'
                group by v.id, v.charged
                """);
        handle.createQuery(
                        "select id, price_per_month, gibibytes, settled_seconds, charged"
                                + " from volume")
                .setFetchSize(FETCH_ROWS)
                .map((row, _) -> keeping(row))
                .filter(text -> !text.isEmpty())
                .forEach(walk::fault);
    }

    private static String keeping(ResultSet row) throws SQLException {
        Credits due =
                VolumeOffer.cost(
                        new Credits(row.getLong("price_per_month")),
                        row.getInt("gibibytes"),
                        row.getLong("settled_seconds"));
        Credits charged = new Credits(row.getLong("charged"));
        return charged.equals(due)
                ? ""
                : "volume %s was kept %d s for %s, expected %s"
                        .formatted(
                                row.getString("id"), row.getLong("settled_seconds"), charged, due);
    }

    /// What was paid for each thing must be what is due for it.
    private void sums(Walk walk, String fault, String sql) {
        handle.createQuery(sql)
                .setFetchSize(FETCH_ROWS)
                .map((row, _) ->
                        row.getLong("due") == row.getLong("paid")
                                ? ""
                                : fault.formatted(
                                        row.getString("what"),
                                        new Credits(row.getLong("paid")),
                                        new Credits(row.getLong("due"))))
                .filter(text -> !text.isEmpty())
                .forEach(walk::fault);
    }

    private static String toll(ResultSet row) throws SQLException {
        long bytes = row.getLong("traffic_settled");
        Credits due = new Credits(row.getLong("network_fee")).perGigabyteFor(bytes);
        Credits charged = new Credits(row.getLong("traffic_charged"));
        return charged.equals(due) && bytes <= row.getLong("traffic_max")
                ? ""
                : "machine %s was paid %s for %d bytes, expected %s"
                        .formatted(row.getString("id"), charged, bytes, due);
    }

    private static String price(ResultSet row) throws SQLException {
        Credits due =
                new Credits(row.getLong("price_per_hour"))
                        .perHourFor(row.getLong("settled_seconds"));
        Credits charged = new Credits(row.getLong("charged"));
        return charged.equals(due)
                ? ""
                : "machine %s ran %d s for %s, expected %s"
                        .formatted(
                                row.getString("id"), row.getLong("settled_seconds"), charged, due);
    }
}
