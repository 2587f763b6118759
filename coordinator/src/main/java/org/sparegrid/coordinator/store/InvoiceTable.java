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
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Invoice;

/// Invoices of payments. Rows are only ever added.
public final class InvoiceTable {
    private final Handle handle;

    InvoiceTable(Handle handle) {
        this.handle = handle;
    }

    /// The number of the next invoice.
    public long nextNumber() {
        return handle.createQuery("select coalesce(max(number), 0) + 1 from invoice")
                .mapTo(Long.class)
                .one();
    }

    /// Adds an invoice of a payment that has none.
    public void insert(Invoice invoice) {
        handle.createUpdate(
                        """
                        insert into invoice (number, deposit, account, issued, paid, issuer,
                            recipient, amount, commission) values (:number, :deposit, :account,
                            :issued, :paid, :issuer, :recipient, :amount, :commission)
                        """)
                .bind("number", invoice.number())
                .bind("deposit", invoice.deposit().value())
                .bind("account", invoice.account().value())
                .bind("issued", invoice.issued().toEpochMilli())
                .bind("paid", invoice.paid().toEpochMilli())
                .bind("issuer", String.join("\n", invoice.issuer()))
                .bind("recipient", String.join("\n", invoice.recipient()))
                .bind("amount", invoice.amount().nanos())
                .bind("commission", invoice.commission().nanos())
                .execute();
    }

    /// The invoice of a payment.
    public Optional<Invoice> find(DepositId deposit) {
        return handle.createQuery("select * from invoice where deposit = :deposit")
                .bind("deposit", deposit.value())
                .map((row, _) -> invoice(row))
                .findOne();
    }

    /// An account's invoices, newest first.
    public List<Invoice> of(AccountId account, int limit) {
        return handle.createQuery(
                        "select * from invoice where account = :account"
                                + " order by number desc limit :limit")
                .bind("account", account.value())
                .bind("limit", limit)
                .map((row, _) -> invoice(row))
                .list();
    }

    private static Invoice invoice(ResultSet row) throws SQLException {
        Credits amount = new Credits(row.getLong("amount"));
        Credits commission = new Credits(row.getLong("commission"));
        return new Invoice(
                row.getLong("number"),
                new DepositId(row.getString("deposit")),
                new AccountId(row.getString("account")),
                Instant.ofEpochMilli(row.getLong("issued")),
                Instant.ofEpochMilli(row.getLong("paid")),
                row.getString("issuer").lines().toList(),
                row.getString("recipient").lines().toList(),
                amount,
                commission,
                amount.minus(commission));
    }
}
