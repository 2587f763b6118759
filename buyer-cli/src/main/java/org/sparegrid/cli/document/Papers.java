// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.document;

import java.io.IOException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.cli.document.Pages.Column;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.LedgerPage;

/// Statements and invoices as PDF files.
public final class Papers {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuuu-MM-dd").withZone(ZoneOffset.UTC);

    private static final float TITLE = 18;
    private static final float TEXT = 10;

    /// A billionth is the smallest unit, so nothing is rounded.
    private static final int DECIMALS = 9;

    private static final long HUNDREDTH_NANOS = 10_000_000;

    private Papers() {}

    /// A month's movements of money.
    ///
    /// @param entries oldest first
    /// @param now when it is drawn
    public static byte[] statement(
            Account account,
            String coordinator,
            YearMonth month,
            List<LedgerPage.Entry> entries,
            Instant now)
            throws IOException {
        try (Pages pages = new Pages("Statement " + month, now)) {
            pages.line(TITLE, "Statement " + month);
            pages.gap(TEXT);
            pages.line(TEXT, "Account " + account.email() + " (" + account.id() + ")");
            pages.line(TEXT, "Coordinator " + coordinator);
            pages.line(TEXT, "Drawn " + TIME.format(now) + "; all times are UTC");
            pages.gap(2 * TEXT);
            if (entries.isEmpty()) {
                pages.line(TEXT, "No money moved in this month.");
                return pages.toBytes();
            }
            pages.table(
                    List.of(
                            new Column("book", 135, false),
                            new Column("at the beginning", 90, true),
                            new Column("in", 90, true),
                            new Column("out", 90, true),
                            new Column("at the end", 90, true)),
                    sums(entries));
            pages.gap(2 * TEXT);
            pages.table(
                    List.of(
                            new Column("time", 95, false),
                            new Column("book", 55, false),
                            new Column("what", 65, false),
                            new Column("for", 100, false),
                            new Column("amount", 90, true),
                            new Column("balance", 90, true)),
                    entries.stream().map(Papers::row).toList());
            return pages.toBytes();
        }
    }

    /// An invoice as it was issued; it looks the same whenever it is drawn.
    public static byte[] invoice(Invoice invoice) throws IOException {
        try (Pages pages = new Pages("Invoice " + invoice.number(), invoice.issued())) {
            for (String line : invoice.issuer()) {
                pages.line(TEXT, line);
            }
            pages.gap(3 * TEXT);
            pages.line(TITLE, "Invoice " + invoice.number());
            pages.gap(TEXT);
            pages.line(TEXT, "Issued on " + DAY.format(invoice.issued()));
            pages.line(TEXT, "Paid on " + DAY.format(invoice.paid()));
            pages.line(TEXT, "Payment " + invoice.deposit() + " of account " + invoice.account());
            pages.gap(2 * TEXT);
            pages.line(TEXT, "To");
            for (String line : invoice.recipient()) {
                pages.line(TEXT, line);
            }
            pages.gap(2 * TEXT);
            pages.table(
                    List.of(
                            new Column("what", Pages.WIDTH - 120, false),
                            new Column("credits", 120, true)),
                    List.of(
                            List.of("Prepaid credit in the wallet", money(invoice.credited())),
                            List.of("Commission of the operator", money(invoice.commission())),
                            List.of("Paid", money(invoice.amount()))));
            return pages.toBytes();
        }
    }

    private static List<String> row(LedgerPage.Entry entry) {
        return List.of(
                TIME.format(entry.at()),
                entry.book(),
                entry.kind(),
                entry.reference(),
                entry.amount().rounded(DECIMALS),
                entry.balance().rounded(DECIMALS));
    }

    /// A row for each book: what it held at first, what came, what went and what it holds. Escrow
    /// is one for each order, so that there is no one balance of it.
    private static List<List<String>> sums(List<LedgerPage.Entry> entries) {
        Map<String, List<LedgerPage.Entry>> books = new LinkedHashMap<>();
        for (LedgerPage.Entry entry : entries) {
            books.computeIfAbsent(entry.book(), _ -> new ArrayList<>()).add(entry);
        }
        List<List<String>> rows = new ArrayList<>();
        books.forEach((book, all) -> {
            Credits in = Credits.ZERO;
            Credits out = Credits.ZERO;
            for (LedgerPage.Entry entry : all) {
                if (entry.amount().isNegative()) {
                    out = out.minus(entry.amount());
                } else {
                    in = in.plus(entry.amount());
                }
            }
            boolean one = !book.equals("escrow");
            Credits first = all.getFirst().balance().minus(all.getFirst().amount());
            rows.add(
                    List.of(
                            book,
                            one ? first.rounded(DECIMALS) : "",
                            in.rounded(DECIMALS),
                            out.rounded(DECIMALS),
                            one ? all.getLast().balance().rounded(DECIMALS) : ""));
        });
        return rows;
    }

    private static String money(Credits amount) {
        return amount.rounded(amount.nanos() % HUNDREDTH_NANOS == 0 ? 2 : DECIMALS);
    }
}
