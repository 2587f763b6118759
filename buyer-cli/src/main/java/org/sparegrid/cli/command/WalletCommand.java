// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.Wallet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `wallet` and what it holds.
@Command(
        name = "wallet",
        description = "Money: put some in, see what there is and where it went.",
        subcommands = {
            WalletCommand.BalanceCommand.class,
            WalletCommand.DepositCommand.class,
            WalletCommand.LedgerCommand.class,
            PayCommands.Give.class,
            PayCommands.Keep.class,
            PayCommands.PayoutCommand.class,
            PayCommands.Payouts.class,
            PaperCommands.Statement.class,
            PaperCommands.InvoiceCommand.class,
            PaperCommands.Invoices.class
        })
final class WalletCommand extends GroupCommand {
    @Command(name = "balance", description = "Show what can be spent, is held and was earned.")
    static final class BalanceCommand extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Wallet wallet = coordinator().wallet();
            print(
                    "sparegrid.wallet/1",
                    wallet,
                    () ->
                            terminal()
                                    .print(
                                            Table.of("", "amount>", "")
                                                    .row(
                                                            "balance",
                                                            Plain.amount(wallet.balance()),
                                                            "to be spent")
                                                    .row(
                                                            "escrow",
                                                            Plain.amount(wallet.escrow()),
                                                            "held for orders under way")
                                                    .row(
                                                            "earnings",
                                                            Plain.amount(wallet.earnings()),
                                                            "from selling")));
            return 0;
        }
    }

    @Command(
            name = "deposit",
            description = "Pay money into the wallet and wait until it is there.")
    static final class DepositCommand extends DataCommand {
        private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

        @Parameters(
                paramLabel = "AMOUNT",
                converter = Units.AmountReader.class,
                description = "What to pay, commission included.")
        private Credits amount = Credits.ZERO;

        @Option(
                names = "--provider",
                paramLabel = "NAME",
                defaultValue = "test",
                description = "Who takes the money (default: ${DEFAULT-VALUE}).")
        private String provider = "test";

        @Option(
                names = "--timeout",
                paramLabel = "TIME",
                defaultValue = "10m",
                converter = Units.SpanReader.class,
                description = "How long to wait (default: ${DEFAULT-VALUE}).")
        private Duration timeout = Duration.ofMinutes(10);

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            Deposit deposit =
                    coordinator.deposit(
                            new DepositRequest(amount, provider), UUID.randomUUID().toString());
            if (deposit.state() == Deposit.State.PENDING && !deposit.payAt().isEmpty()) {
                terminal().note("Confirm the payment at " + Plain.line(deposit.payAt()));
            }
            Instant end = shell().clock().instant().plus(timeout);
            while (deposit.state() == Deposit.State.PENDING) {
                if (shell().clock().instant().isAfter(end)) {
                    throw new Failure(
                            ExitCode.TIMEOUT,
                            "deposit " + deposit.id() + " is not confirmed yet; see wallet ledger");
                }
                Thread.sleep(BETWEEN_LOOKS);
                deposit = coordinator.deposit(deposit.id());
            }
            if (deposit.state() == Deposit.State.FAILED) {
                throw new Failure(
                        ExitCode.FAILED, "deposit " + deposit.id() + " was refused by " + provider);
            }
            show(deposit, coordinator.wallet());
            return 0;
        }

        private void show(Deposit deposit, Wallet wallet) {
            print(
                    "sparegrid.deposit/1",
                    deposit,
                    () ->
                            terminal()
                                    .print(
                                            Table.of("", "amount>")
                                                    .row("paid", Plain.amount(deposit.amount()))
                                                    .row(
                                                            "commission",
                                                            Plain.amount(deposit.commission()))
                                                    .row(
                                                            "credited",
                                                            Plain.amount(deposit.credited()))
                                                    .row(
                                                            "balance now",
                                                            Plain.amount(wallet.balance()))));
        }
    }

    @Command(
            name = "ledger",
            description = "List the movements of money, newest first.",
            footer = "In and out are what the book gained or lost; balance is the book's after it.")
    static final class LedgerCommand extends DataCommand {
        private static final int PAGE_MAX = 100;

        @Option(
                names = {"-n", "--limit"},
                paramLabel = "N",
                defaultValue = "50",
                description = "How many, at most 10000 (default: ${DEFAULT-VALUE}).")
        private int limit = 50;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            if (limit < 1 || limit > 10_000) {
                throw new Failure(ExitCode.USAGE, "--limit: expected 1 to 10000, got " + limit);
            }
            Coordinator coordinator = coordinator();
            List<LedgerPage.Entry> entries = new ArrayList<>();
            long next = 0;
            do {
                LedgerPage page =
                        coordinator.ledger(Math.min(PAGE_MAX, limit - entries.size()), next);
                entries.addAll(page.entries());
                next = page.entries().isEmpty() ? 0 : page.next();
            } while (next != 0 && entries.size() < limit);
            print("sparegrid.ledger/1", new LedgerPage(entries, next), () -> show(entries));
            return 0;
        }

        private void show(List<LedgerPage.Entry> entries) {
            Table table = Table.of("time", "book", "what", "for~", "amount>", "balance>");
            for (LedgerPage.Entry entry : entries) {
                String sign = entry.amount().isNegative() ? "" : "+";
                table.row(
                        Plain.time(entry.at(), shell().clock().getZone()).substring(5),
                        entry.book(),
                        entry.kind(),
                        entry.reference(),
                        sign + Plain.amount(entry.amount()),
                        Plain.amount(entry.balance()));
            }
            terminal().print(table);
            if (entries.isEmpty()) {
                terminal().note("No money has moved yet; sparegrid wallet deposit 20 puts some in");
            }
        }
    }
}
