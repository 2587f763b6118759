// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.sparegrid.coordinator.audit.Finding;
import org.sparegrid.coordinator.audit.Known;
import org.sparegrid.coordinator.audit.Seal;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.BookKind;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.LedgerPage;

/// The books. Transfers are only ever added.
public final class LedgerTable {
    private final Handle handle;

    LedgerTable(Handle handle) {
        this.handle = handle;
    }

    /// Books a transfer, unless it was booked before.
    ///
    /// @return whether it was booked now
    /// @throws BelowZeroException if the debited book doesn't hold that much
    public boolean post(Transfer transfer, Instant now) {
        String id = transfer.id();
        if (isPosted(id)) {
            return false;
        }
        long amount = transfer.amount().nanos();
        Credits debit = change(transfer.from(), -amount);
        Credits credit = change(transfer.to(), amount);
        Known last = last();
        long number = last.number() + 1;
        Seal seal =
                last.seal()
                        .next(
                                id,
                                now.toEpochMilli(),
                                transfer.kind().name(),
                                transfer.reference(),
                                transfer.from().id(),
                                transfer.to().id(),
                                amount,
                                debit.nanos(),
                                credit.nanos());
        handle.createUpdate(
                        "insert into ledger_transfer (id, number, at, kind, reference, debit,"
                                + " credit, amount, debit_balance, credit_balance, seal) values"
                                + " (:id, :number, :at, :kind, :reference, :debit, :credit,"
                                + " :amount, :debitBalance, :creditBalance, :seal)")
                .bind("id", id)
                .bind("number", number)
                .bind("at", now.toEpochMilli())
                .bind("kind", transfer.kind().name())
                .bind("reference", transfer.reference())
                .bind("debit", transfer.from().id())
                .bind("credit", transfer.to().id())
                .bind("amount", amount)
                .bind("debitBalance", debit.nanos())
                .bind("creditBalance", credit.nanos())
                .bind("seal", seal.hex())
                .execute();
        return true;
    }

    /// The last transfer with its seal.
    private Known last() {
        return handle.createQuery(
                        "select number, seal from ledger_transfer order by number desc limit 1")
                .map((row, _) -> {
                    String seal = row.getString("seal");
                    // The first after those from before there were seals; it seals them all.
                    return seal.isEmpty()
                            ? new LedgerAudit(handle).run(Optional.empty()).head()
                            : new Known(row.getLong("number"), new Seal(seal));
                })
                .findOne()
                .orElse(new Known(0, Seal.NONE));
    }

    /// Goes through all transfers from the first on.
    ///
    /// @param known a seal that was noted down earlier
    public Finding audit(Optional<Known> known) {
        return new LedgerAudit(handle).run(known);
    }

    /// What a book holds.
    public Credits balance(Book book) {
        return handle.createQuery("select balance from ledger_book where id = :id")
                .bind("id", book.id())
                .map((row, _) -> new Credits(row.getLong("balance")))
                .findOne()
                .orElse(Credits.ZERO);
    }

    /// A payment that reached a wallet.
    ///
    /// @param commission what the operator took of it
    public record Paid(Instant at, Credits amount, Credits commission) {}

    /// The payment of that name, if it reached the account's wallet.
    public Optional<Paid> paid(DepositId deposit, AccountId account) {
        Credits commission =
                handle.createQuery("select amount from ledger_transfer where id = :id")
                        .bind("id", Transfer.id(Transfer.Kind.COMMISSION, deposit.value()))
                        .map((row, _) -> new Credits(row.getLong("amount")))
                        .findOne()
                        .orElse(Credits.ZERO);
        return handle.createQuery(
                        "select at, amount from ledger_transfer where id = :id and credit = :wallet")
                .bind("id", Transfer.id(Transfer.Kind.DEPOSIT, deposit.value()))
                .bind("wallet", Book.wallet(account).id())
                .map((row, _) ->
                        new Paid(
                                Instant.ofEpochMilli(row.getLong("at")),
                                new Credits(row.getLong("amount")),
                                commission))
                .findOne();
    }

    /// What of a machine's payments its seller had to hand on to the pool.
    public Credits royalty(LeaseId lease, AccountId seller) {
        return handle.createQuery(
                        "select coalesce(sum(amount), 0) as total from ledger_transfer"
                                + " where debit = :earnings and kind = 'ROYALTY'"
                                + " and reference = :lease")
                .bind("earnings", Book.earnings(seller).id())
                .bind("lease", lease.value())
                .map((row, _) -> new Credits(row.getLong("total")))
                .one();
    }

    /// What all books of one kind of an owner hold together.
    public Credits sum(BookKind kind, String owner) {
        return handle.createQuery(
                        "select coalesce(sum(balance), 0) as total from ledger_book"
                                + " where kind = :kind and owner = :owner")
                .bind("kind", kind.name())
                .bind("owner", owner)
                .map((row, _) -> new Credits(row.getLong("total")))
                .one();
    }

    /// What some books hold.
    ///
    /// @param name a book's, or what is common to all of one kind
    /// @param books how many they are
    public record Total(String name, long books, Credits balance) {}

    /// What each of the operator's books holds, and all books of accounts together, by their kind.
    public List<Total> totals() {
        return totals(
                handle.createQuery(
                        """
                        select case when owner = '' then id else lower(kind) end as name,
                            count(*) as books, sum(balance) as total
                        from ledger_book group by 1 order by 1
                        """));
    }

    /// What each of an account's books holds, but for empty ones.
    public List<Total> totals(AccountId account) {
        return totals(
                handle.createQuery(
                                "select id as name, 1 as books, balance as total from ledger_book"
                                        + " where owner = :owner and balance <> 0 order by id")
                        .bind("owner", account.value()));
    }

    private static List<Total> totals(Query query) {
        return query.map((row, _) ->
                        new Total(
                                row.getString("name"),
                                row.getLong("books"),
                                new Credits(row.getLong("total"))))
                .list();
    }

    /// A part of an account's entries, newest first; a transfer between two of its books is two.
    ///
    /// @param before the first entry of the page before, or 0 to begin
    public LedgerPage page(AccountId account, int limit, long before) {
        List<LedgerPage.Entry> entries =
                handle.createQuery(
                                """
                                select t.number * 2 as entry, t.at, t.kind, t.reference,
                                    -t.amount as amount, t.debit_balance as balance,
                                    b.kind as book
                                from ledger_book b join ledger_transfer t on t.debit = b.id
                                where b.owner = :owner and t.number * 2 < :before
                                union all
                                select t.number * 2 + 1, t.at, t.kind, t.reference,
                                    t.amount, t.credit_balance, b.kind
                                from ledger_book b join ledger_transfer t on t.credit = b.id
                                where b.owner = :owner and t.number * 2 + 1 < :before
                                order by 1 desc limit :limit
                                """)
                        .bind("owner", account.value())
                        .bind("before", before == 0 ? Long.MAX_VALUE : before)
                        .bind("limit", limit + 1)
                        .map((row, _) -> entry(row))
                        .list();
        return entries.size() <= limit
                ? new LedgerPage(entries, 0)
                : new LedgerPage(entries.subList(0, limit), entries.get(limit - 1).number());
    }

    /// Everything that is wrong with the books; empty if nothing is.
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        long sum = sumNanos();
        if (sum != 0) {
            faults.add("the sum of all balances is " + new Credits(sum) + ", expected 0");
        }
        handle.createQuery(
                        """
                        select id, balance, coalesce((select sum(amount) from ledger_transfer
                            where credit = b.id), 0) - coalesce((select sum(amount)
                            from ledger_transfer where debit = b.id), 0) as moved
                        from ledger_book b
                        """)
                .map((row, _) ->
                        row.getLong("balance") == row.getLong("moved")
                                ? ""
                                : row.getString("id")
                                        + " holds "
                                        + new Credits(row.getLong("balance"))
                                        + ", but its transfers sum to "
                                        + new Credits(row.getLong("moved")))
                .filter(text -> !text.isEmpty())
                .forEach(faults::add);
        handle.createQuery(
                        "select id from ledger_book where balance < 0 and kind <> 'PSP_CLEARING'")
                .map((row, _) -> row.getString("id") + " is below 0")
                .forEach(faults::add);
        handle.createQuery(
                        """
                        select b.id from ledger_book b join buyer_order o
                            on b.id = 'escrow:' || o.id
                        where o.state = 'CLOSED' and b.balance <> 0
                        """)
                .map((row, _) -> row.getString("id") + " is not empty, but its order is closed")
                .forEach(faults::add);
        handle.createQuery(
                        """
                        select b.id from ledger_book b join volume v on b.id = 'escrow:' || v.id
                        where v.state in ('DELETING', 'ENDED') and b.balance <> 0
                        """)
                .map((row, _) -> row.getString("id") + " is not empty, but its volume is gone")
                .forEach(faults::add);
        return faults;
    }

    /// What all balances sum to, in billionths: 0, unless the books are broken.
    public long sumNanos() {
        return number("select coalesce(sum(balance), 0) from ledger_book");
    }

    /// How many transfers there are.
    public long transfers() {
        return number("select count(*) from ledger_transfer");
    }

    private boolean isPosted(String id) {
        return handle.createQuery("select 1 from ledger_transfer where id = :id")
                .bind("id", id)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    private Credits change(Book book, long difference) {
        handle.createUpdate(
                        "insert into ledger_book (id, kind, owner, balance)"
                                + " values (:id, :kind, :owner, 0) on conflict (id) do nothing")
                .bind("id", book.id())
                .bind("kind", book.kind().name())
                .bind("owner", book.owner())
                .execute();
        long balance = Math.addExact(balance(book).nanos(), difference);
        if (balance < 0 && !book.kind().mayBeNegative()) {
            throw new BelowZeroException(book.id());
        }
        handle.createUpdate("update ledger_book set balance = :balance where id = :id")
                .bind("balance", balance)
                .bind("id", book.id())
                .execute();
        return new Credits(balance);
    }

    private long number(String sql) {
        return handle.createQuery(sql).mapTo(Long.class).one();
    }

    private static LedgerPage.Entry entry(ResultSet row) throws SQLException {
        return new LedgerPage.Entry(
                row.getLong("entry"),
                Instant.ofEpochMilli(row.getLong("at")),
                BookKind.valueOf(row.getString("book")).label(),
                row.getString("kind").toLowerCase(Locale.ROOT),
                row.getString("reference"),
                new Credits(row.getLong("amount")),
                new Credits(row.getLong("balance")));
    }
}
