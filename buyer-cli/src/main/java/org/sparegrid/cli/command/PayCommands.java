// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.Payout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about money that leaves a wallet or what was earned.
final class PayCommands {
    private PayCommands() {}

    @Command(name = "give", description = "Give money of the wallet to another account.")
    static final class Give extends DataCommand {
        @Parameters(index = "0", paramLabel = "ACCOUNT", description = "Whom, as acc-….")
        private String to = "";

        @Parameters(
                index = "1",
                paramLabel = "AMOUNT",
                converter = Units.AmountReader.class,
                description = "How much.")
        private Credits amount = Credits.ZERO;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            AccountId account;
            try {
                account = new AccountId(to);
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            Gift gift = new Gift(account, amount);
            coordinator().give(gift, UUID.randomUUID().toString());
            print(
                    "sparegrid.gift/1",
                    gift,
                    () -> terminal().print("Gave " + Plain.amount(amount) + " to " + to));
            return 0;
        }
    }

    @Command(
            name = "use-earnings",
            description = "Move what was earned into the wallet, to be spent.")
    static final class Keep extends DataCommand {
        @Parameters(
                paramLabel = "AMOUNT",
                converter = Units.AmountReader.class,
                description = "How much.")
        private Credits amount = Credits.ZERO;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            Gift gift = new Gift(coordinator.account().id(), amount);
            coordinator.give(gift, UUID.randomUUID().toString());
            print(
                    "sparegrid.gift/1",
                    gift,
                    () -> terminal().print(Plain.amount(amount) + " can be spent now"));
            return 0;
        }
    }

    @Command(name = "payout", description = "Ask for earnings to be paid out, in whole hundredths.")
    static final class PayoutCommand extends DataCommand {
        @Parameters(
                paramLabel = "AMOUNT",
                converter = Units.AmountReader.class,
                description = "How much.")
        private Credits amount = Credits.ZERO;

        @Option(
                names = "--to",
                required = true,
                paramLabel = "DESTINATION",
                description = "Where to, as the operator takes it, such as an IBAN.")
        private String to = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Payout.Request request;
            try {
                request = new Payout.Request(amount, to);
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            Payout payout = coordinator().payOut(request, UUID.randomUUID().toString());
            print("sparegrid.payout/1", payout, () -> show(this, List.of(payout)));
            return 0;
        }
    }

    @Command(name = "payouts", description = "List what was paid out, newest first.")
    static final class Payouts extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Payout.Page page = coordinator().payouts();
            print("sparegrid.payouts/1", page, () -> show(this, page.payouts()));
            return 0;
        }
    }

    private static void show(DataCommand command, List<Payout> payouts) {
        Table table = Table.of("payout", "amount>", "to~", "state");
        for (Payout payout : payouts) {
            table.row(
                    payout.id().value(),
                    Plain.amount(payout.amount()),
                    payout.destination(),
                    payout.state().name().toLowerCase(java.util.Locale.ROOT));
        }
        command.terminal().print(table);
    }

    @Command(
            name = "statement",
            description = "Print a month's movements of money as CSV, oldest first.",
            footer = "Amounts are exact to a billionth; times are UTC.")
    static final class Statement extends DataCommand {
        private static final int PAGE_MAX = 100;

        @Option(
                names = "--month",
                paramLabel = "YYYY-MM",
                required = true,
                description = "Which month, such as 2026-11.")
        private String month = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            YearMonth chosen;
            try {
                chosen = YearMonth.parse(month);
            } catch (DateTimeParseException malformed) {
                throw new Failure(ExitCode.USAGE, "--month: expected such as 2026-11");
            }
            Instant begin = chosen.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            Instant end = chosen.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            List<LedgerPage.Entry> entries = new ArrayList<>();
            Coordinator coordinator = coordinator();
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
            print("sparegrid.ledger/1", new LedgerPage(entries, 0), () -> csv(entries));
            return 0;
        }

        private void csv(List<LedgerPage.Entry> entries) {
            terminal().print("number,time,book,what,for,amount,balance");
            for (LedgerPage.Entry entry : entries) {
                terminal()
                        .print(
                                entry.number()
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
                                        + entry.balance());
            }
        }
    }
}
