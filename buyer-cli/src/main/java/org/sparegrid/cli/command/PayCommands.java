// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Gift;
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
                arity = "0..1",
                paramLabel = "AMOUNT",
                converter = Units.AmountReader.class,
                description = "How much (default: all of it).")
        private @Nullable Credits amount;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            Credits moved = amount == null ? coordinator.wallet().earnings() : amount;
            if (moved.equals(Credits.ZERO)) {
                throw new Failure(ExitCode.FAILED, "there are no earnings; see sparegrid sales");
            }
            Gift gift = new Gift(coordinator.account().id(), moved);
            coordinator.give(gift, UUID.randomUUID().toString());
            print(
                    "sparegrid.gift/1",
                    gift,
                    () -> terminal().print(Plain.amount(moved) + " can be spent now"));
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
}
