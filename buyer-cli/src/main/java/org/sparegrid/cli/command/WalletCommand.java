// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.Wallet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `wallet` and what it holds.
@Command(
        name = "wallet",
        description = "Money: put some in, see what there is and where it went.",
        subcommands = {
            WalletCommand.BalanceCommand.class,
            DepositCommands.DepositCommand.class,
            DepositCommands.Deposits.class,
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
            Coordinator coordinator = coordinator();
            Wallet wallet = coordinator.wallet();
            List<Deposit> open =
                    json()
                            ? List.of()
                            : coordinator.deposits().deposits().stream()
                                    .filter(deposit -> deposit.state().isOpen())
                                    .toList();
            print("sparegrid.wallet/1", wallet, () -> show(wallet, open));
            return 0;
        }

        private void show(Wallet wallet, List<Deposit> open) {
            Table table =
                    Table.of("", "amount>", "")
                            .row("balance", Plain.amount(wallet.balance()), "to be spent")
                            .row(
                                    "escrow",
                                    Plain.amount(wallet.escrow()),
                                    "held for orders under way")
                            .row("earnings", Plain.amount(wallet.earnings()), "from selling");
            for (Deposit deposit : open) {
                table.row(
                        deposit.id().value(),
                        Plain.amount(deposit.amount()),
                        DepositCommands.standing(deposit));
            }
            terminal().print(table);
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
