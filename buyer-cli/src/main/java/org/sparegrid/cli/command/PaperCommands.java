// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.document.Papers;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.LedgerPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands that make papers for bookkeeping.
final class PaperCommands {
    private PaperCommands() {}

    /// The form of a statement.
    enum Form {
        CSV,
        PDF
    }

    @Command(
            name = "statement",
            description = "A month's movements of money, oldest first, as CSV or PDF.",
            footer = "Amounts are exact to a billionth; times are UTC.")
    static final class Statement extends DataCommand {
        private static final int PAGE_MAX = 100;

        @Option(
                names = "--month",
                paramLabel = "YYYY-MM",
                required = true,
                description = "Which month, such as 2026-11.")
        private String month = "";

        @Option(
                names = "--format",
                paramLabel = "FORM",
                defaultValue = "csv",
                description = "csv or pdf (default: ${DEFAULT-VALUE}).")
        private Form form = Form.CSV;

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "Where the PDF goes; CSV is printed without it.")
        private @Nullable Path file;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            YearMonth chosen = chosen();
            Path output = file;
            if (form == Form.PDF && output == null) {
                throw new Failure(ExitCode.USAGE, "--format pdf: give the file with -o FILE");
            }
            Coordinator coordinator = coordinator();
            List<LedgerPage.Entry> entries = entries(coordinator, chosen);
            byte[] content = new byte[0];
            if (form == Form.PDF) {
                content =
                        Papers.statement(
                                coordinator.account(),
                                coordinator.address().toString(),
                                chosen,
                                entries,
                                shell().clock().instant());
            } else if (output != null) {
                content =
                        String.join("\n", csv(entries))
                                .concat("\n")
                                .getBytes(StandardCharsets.UTF_8);
            }
            if (output != null) {
                Files.write(output, content);
            }
            print(
                    "sparegrid.ledger/1",
                    new LedgerPage(entries, 0),
                    () -> {
                        if (output == null) {
                            csv(entries).forEach(terminal()::print);
                        } else {
                            terminal().print("Wrote " + output);
                        }
                    });
            return 0;
        }

        private YearMonth chosen() throws Failure {
            try {
                return YearMonth.parse(month);
            } catch (DateTimeParseException malformed) {
                throw new Failure(ExitCode.USAGE, "--month: expected such as 2026-11");
            }
        }

        private static List<LedgerPage.Entry> entries(Coordinator coordinator, YearMonth month)
                throws IOException, RefusedException, InterruptedException {
            Instant begin = month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            Instant end = month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            List<LedgerPage.Entry> entries = new ArrayList<>();
            long next = 0;
            boolean older = false;
            do {
                LedgerPage page = coordinator.ledger(PAGE_MAX, next);
                for (LedgerPage.Entry entry : page.entries()) {
                    older |= entry.at().isBefore(begin);
                    if (!entry.at().isBefore(begin) && entry.at().isBefore(end)) {
                        entries.add(entry);
                    }
                }
                next = page.entries().isEmpty() ? 0 : page.next();
            } while (next != 0 && !older);
            Collections.reverse(entries);
            return entries;
        }

        private static List<String> csv(List<LedgerPage.Entry> entries) {
            return Stream.concat(
                            Stream.of("number,time,book,what,for,amount,balance"),
                            entries.stream().map(Statement::line))
                    .toList();
        }

        private static String line(LedgerPage.Entry entry) {
            return entry.number()
                    + ","
                    + entry.at()
                    + ","
                    + entry.book()
                    + ","
                    + entry.kind()
                    + ","
                    + entry.reference()
                    + ","
                    + entry.amount()
                    + ","
                    + entry.balance();
        }
    }

    @Command(
            name = "invoice",
            description = {
                "Have a payment into the wallet invoiced, once and for good.",
                "",
                "Asked again it shows the same invoice, whatever --to says."
            },
            footer =
                    "Example: sparegrid wallet invoice dep-… --to 'ACME AB' --to '1 Main St' \\%n"
                            + "           -o invoice.pdf")
    static final class InvoiceCommand extends DataCommand {
        @Parameters(paramLabel = "DEPOSIT", description = "The payment, as in wallet ledger.")
        private String deposit = "";

        @Option(
                names = "--to",
                paramLabel = "LINE",
                description = "A line of your name and address, up to 8 (default: the e-mail).")
        private List<String> to = new ArrayList<>();

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "Write it as PDF.")
        private @Nullable Path file;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            DepositId id;
            Invoice.Request request;
            try {
                id = new DepositId(deposit);
                request =
                        new Invoice.Request(
                                to.isEmpty() ? List.of(coordinator.account().email()) : to);
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            Invoice invoice = coordinator.invoice(id, request);
            Path output = file;
            if (output != null) {
                Files.write(output, Papers.invoice(invoice));
                terminal().note("Wrote " + output);
            }
            print("sparegrid.invoice/1", invoice, () -> show(this, List.of(invoice)));
            return 0;
        }
    }

    @Command(name = "invoices", description = "List the invoices, newest first.")
    static final class Invoices extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Invoice.Page page = coordinator().invoices();
            print("sparegrid.invoices/1", page, () -> show(this, page.invoices()));
            return 0;
        }
    }

    private static void show(DataCommand command, List<Invoice> invoices) {
        Table table = Table.of("invoice>", "issued", "of", "paid>", "commission>", "to~");
        for (Invoice invoice : invoices) {
            table.row(
                    Long.toString(invoice.number()),
                    Plain.time(invoice.issued(), command.shell().clock().getZone())
                            .substring(0, 10),
                    invoice.deposit().value(),
                    Plain.amount(invoice.amount()),
                    Plain.amount(invoice.commission()),
                    invoice.recipient().getFirst());
        }
        command.terminal().print(table);
        if (invoices.isEmpty()) {
            command.terminal()
                    .note("No invoices; sparegrid wallet invoice DEPOSIT has a payment invoiced");
        }
    }
}
