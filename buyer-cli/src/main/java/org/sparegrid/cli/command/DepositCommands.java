// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.Wallet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `wallet deposit` and `wallet deposits`.
final class DepositCommands {
    private DepositCommands() {}

    @Command(
            name = "deposit",
            description = "Pay money into the wallet and wait until it is there.",
            footer =
                    "Ctrl-C or --no-wait leave the payment as it is: pay at the address that was"
                            + " shown, now or later; wallet deposits shows it again.")
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
                defaultValue = "",
                description = "Who takes the money (default: the coordinator's provider).")
        private String provider = "";

        @Option(
                names = "--timeout",
                paramLabel = "TIME",
                defaultValue = "10m",
                converter = Units.SpanReader.class,
                description = "How long to wait (default: ${DEFAULT-VALUE}).")
        private Duration timeout = Duration.ofMinutes(10);

        @Option(
                names = "--no-wait",
                description = "Begin the payment, show where to pay, and wait for nothing.")
        private boolean noWait;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            Deposit deposit =
                    coordinator.deposit(
                            new DepositRequest(amount, provider), UUID.randomUUID().toString());
            if (deposit.state().isOpen() && !deposit.payAt().isEmpty()) {
                terminal().note("Pay at " + Plain.line(deposit.payAt()));
            }
            if (!noWait) {
                deposit = await(coordinator, deposit);
            }
            show(deposit, coordinator.wallet());
            return 0;
        }

        private Deposit await(Coordinator coordinator, Deposit begun)
                throws IOException, RefusedException, Failure, InterruptedException {
            Deposit deposit = begun;
            Instant end = shell().clock().instant().plus(timeout);
            Deposit.State told = Deposit.State.CREATED;
            while (deposit.state().isOpen()) {
                if (deposit.state() != told && !deposit.payAt().isEmpty()) {
                    told = deposit.state();
                    terminal().note(deposit.id() + ": " + standing(deposit));
                }
                if (shell().clock().instant().isAfter(end)) {
                    throw new Failure(
                            ExitCode.TIMEOUT,
                            "deposit " + deposit.id() + " is not paid yet; see wallet deposits");
                }
                Thread.sleep(BETWEEN_LOOKS);
                deposit = coordinator.deposit(deposit.id());
            }
            if (!deposit.state().isPaid()) {
                throw new Failure(
                        ExitCode.FAILED,
                        "deposit %s came to nothing at %s; nothing was credited"
                                .formatted(deposit.id(), deposit.provider()));
            }
            return deposit;
        }

        private void show(Deposit deposit, Wallet wallet) {
            print(
                    "sparegrid.deposit/1",
                    deposit,
                    () ->
                            terminal()
                                    .print(
                                            Table.of("", "amount>")
                                                    .row(
                                                            deposit.state().isPaid()
                                                                    ? "paid"
                                                                    : "to be paid",
                                                            Plain.amount(deposit.amount()))
                                                    .row(
                                                            "commission",
                                                            Plain.amount(deposit.commission()))
                                                    .row(
                                                            deposit.state().isPaid()
                                                                    ? "credited"
                                                                    : "to be credited",
                                                            Plain.amount(deposit.credited()))
                                                    .row(
                                                            "balance now",
                                                            Plain.amount(wallet.balance()))));
        }
    }

    @Command(name = "deposits", description = "List payments into the wallet, newest first.")
    static final class Deposits extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Deposit.Page page = coordinator().deposits();
            print("sparegrid.deposits/1", page, () -> show(page.deposits()));
            return 0;
        }

        private void show(List<Deposit> deposits) {
            Table table = Table.of("time", "deposit", "by", "amount>", "credited>", "state~");
            for (Deposit deposit : deposits) {
                table.row(
                        Plain.time(deposit.created(), shell().clock().getZone()).substring(5),
                        deposit.id().value(),
                        Plain.line(deposit.provider()),
                        Plain.amount(deposit.amount()),
                        Plain.amount(deposit.credited()),
                        standing(deposit));
            }
            terminal().print(table);
            for (Deposit deposit : deposits) {
                if (deposit.state() == Deposit.State.PENDING && !deposit.payAt().isEmpty()) {
                    terminal().note("Pay " + deposit.id() + " at " + Plain.line(deposit.payAt()));
                }
            }
        }
    }

    /// Where a deposit stands, in a few words.
    static String standing(Deposit deposit) {
        return switch (deposit.state()) {
            case CREATED -> "not begun yet";
            case PENDING -> "to be paid";
            case CONFIRMED -> "money on its way";
            case POSTED -> "in the wallet";
            case FAILED -> "came to nothing";
            case REFUNDED -> "given back";
            case CHARGEBACK -> "charged back";
        };
    }
}
