// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.List;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.LedgerTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Invoice;

/// What the operator confirms in writing about payments into wallets.
final class Invoices {
    /// Invoices in one list.
    private static final int LIST_MAX = 1_000;

    private final Exchange exchange;

    Invoices(Exchange exchange) {
        this.exchange = exchange;
    }

    /// The invoice of a payment, issued now if there is none. The books say what was paid, so that
    /// what the operator booked by hand has invoices, too.
    Invoice issue(AccountId account, DepositId deposit, Invoice.Request request) {
        return exchange.change((tx, _, now) ->
                tx.invoices()
                        .find(deposit)
                        .filter(invoice -> invoice.account().equals(account))
                        .orElseGet(() -> make(tx, account, deposit, request, now)));
    }

    Invoice.Page list(AccountId account) {
        return exchange.read(tx -> new Invoice.Page(tx.invoices().of(account, LIST_MAX)));
    }

    private Invoice make(
            Transaction tx,
            AccountId account,
            DepositId deposit,
            Invoice.Request request,
            Instant now) {
        List<String> issuer = exchange.settings().invoiceIssuer();
        if (issuer.isEmpty()) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "this coordinator issues no invoices: its operator has not set invoice-issuer");
        }
        LedgerTable.Paid paid =
                tx.ledger()
                        .paid(deposit, account)
                        .orElseThrow(() -> RefusedException.notFound("paid deposit " + deposit));
        Invoice invoice =
                new Invoice(
                        tx.invoices().nextNumber(),
                        deposit,
                        account,
                        now,
                        paid.at(),
                        issuer,
                        request.recipient(),
                        paid.amount(),
                        paid.commission(),
                        paid.amount().minus(paid.commission()));
        tx.invoices().insert(invoice);
        tx.audit()
                .add(
                        account.value(),
                        "invoice-issued",
                        deposit.value(),
                        "number=" + invoice.number(),
                        now);
        return tx.invoices().find(deposit).orElseThrow();
    }
}
