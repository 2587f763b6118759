// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.LedgerPage;

/// Reads back with PDFBox's own text extraction what was drawn.
class PapersTest {
    private static final Instant NOW = Instant.parse("2026-12-01T08:00:00Z");
    private static final AccountId ID = new AccountId("acc-abcdefghijkl");

    private static Account account(String email) {
        return new Account(ID, email, "", Instant.EPOCH);
    }

    private static LedgerPage.Entry entry(
            int second, String book, String kind, String amount, String balance) {
        return new LedgerPage.Entry(
                second,
                Instant.parse("2026-11-21T10:00:00Z").plusSeconds(second),
                book,
                kind,
                "ord-abcdefghijkl",
                Credits.parse(amount),
                Credits.parse(balance));
    }

    private static List<LedgerPage.Entry> entries() {
        return List.of(
                entry(1, "wallet", "deposit", "20", "25.5"),
                entry(2, "wallet", "commission", "-2", "23.5"),
                entry(3, "wallet", "hold", "-0.333333333", "23.166666667"),
                entry(4, "escrow", "hold", "0.333333333", "0.333333333"),
                entry(5, "earnings", "settle", "0.000000001", "1.000000001"));
    }

    private static List<String> pages(byte[] pdf) throws IOException {
        List<String> pages = new ArrayList<>();
        try (PDDocument document = Loader.loadPDF(pdf)) {
            PDFTextStripper stripper = new PDFTextStripper();
            for (int page = 1; page <= document.getNumberOfPages(); page++) {
                stripper.setStartPage(page);
                stripper.setEndPage(page);
                pages.add(stripper.getText(document));
            }
        }
        return pages;
    }

    private static byte[] statement(String email, List<LedgerPage.Entry> entries)
            throws IOException {
        return Papers.statement(
                account(email), "https://grid.example.org", YearMonth.of(2026, 11), entries, NOW);
    }

    @Test
    void drawsAStatementExactToABillionth() throws IOException {
        List<String> pages = pages(statement("a@example.org", entries()));
        assertThat(pages).hasSize(1);
        assertThat(pages.getFirst().lines())
                .contains(
                        "Statement 2026-11",
                        "Account a@example.org (acc-abcdefghijkl)",
                        "wallet 5.500000000 20.000000000 2.333333333 23.166666667",
                        "escrow 0.333333333 0.000000000",
                        "earnings 1.000000000 0.000000001 0.000000000 1.000000001",
                        "2026-11-21 10:00:03 wallet hold ord-abcdefghijkl -0.333333333"
                                + " 23.166666667",
                        "Statement 2026-11 · page 1 of 1");
    }

    @Test
    void goesOnOverPagesAndLosesNoLine() throws IOException {
        List<LedgerPage.Entry> many = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            many.add(entry(i, "wallet", "deposit", "1", Integer.toString(i + 1)));
        }
        List<String> pages = pages(statement("a@example.org", many));
        assertThat(pages).hasSizeGreaterThan(5);
        assertThat(pages).allMatch(page -> page.contains("time book what for amount balance"));
        assertThat(pages.getLast()).contains("page " + pages.size() + " of " + pages.size());
        assertThat(
                        String.join("", pages)
                                .lines()
                                .filter(line -> line.contains(" wallet deposit "))
                                .map(line -> line.substring(line.lastIndexOf(' ') + 1)))
                .containsExactlyElementsOf(
                        many.stream().map(each -> each.balance().rounded(9)).toList());
    }

    @Test
    void saysThatNothingMoved() throws IOException {
        assertThat(pages(statement("a@example.org", List.of())).getFirst())
                .contains("No money moved in this month.");
    }

    @Test
    void writesTheLettersOfEuropeAndCutsWhatIsTooLong() throws IOException {
        assertThat(pages(statement("łódź-Ωμέγα-київ@example.org", entries())).getFirst())
                .contains("Account łódź-Ωμέγα-київ@example.org (acc-abcdefghijkl)");
        String strange = pages(statement("漢\u0007@example.org", entries())).getFirst();
        assertThat(strange).contains("Account ??@example.org");
        String cut = pages(statement("m".repeat(240) + "@example.org", entries())).getFirst();
        assertThat(cut).contains("mmm…").doesNotContain("@example.org");
    }

    @Test
    void drawsAnInvoiceAlwaysTheSame() throws IOException {
        Invoice invoice =
                new Invoice(
                        17,
                        new DepositId("dep-abcdefghijkl"),
                        ID,
                        NOW,
                        NOW.minusSeconds(86_400),
                        List.of("Grid Ltd", "1 Main Street"),
                        List.of("ACME Łódź", "2 Side Street"),
                        Credits.parse("20"),
                        Credits.parse("1.999999999"),
                        Credits.parse("18.000000001"));
        byte[] pdf = Papers.invoice(invoice);
        assertThat(pages(pdf).getFirst().lines())
                .containsSequence("Grid Ltd", "1 Main Street", "Invoice 17")
                .contains("Issued on 2026-12-01", "Paid on 2026-11-30")
                .containsSequence("To", "ACME Łódź", "2 Side Street")
                .containsSequence(
                        "Prepaid credit in the wallet 18.000000001",
                        "Commission of the operator 1.999999999",
                        "Paid 20.00");
        assertThat(Papers.invoice(invoice)).isEqualTo(pdf);
        // The font is in it, or it would look otherwise elsewhere.
        try (PDDocument document = Loader.loadPDF(pdf)) {
            for (var name : document.getPage(0).getResources().getFontNames()) {
                assertThat(document.getPage(0).getResources().getFont(name).isEmbedded()).isTrue();
            }
        }
    }
}
