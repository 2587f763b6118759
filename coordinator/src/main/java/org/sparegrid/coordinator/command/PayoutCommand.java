// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.PayoutTable;
import org.sparegrid.coordinator.trade.Decisions;
import org.sparegrid.coordinator.trade.Providers;
import org.sparegrid.protocol.PayoutId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Books what was paid out to sellers.
@Command(
        name = "payout",
        description = "Book what was paid out to sellers; may run beside a coordinator.",
        subcommands = {
            PayoutCommand.ListCommand.class,
            PayoutCommand.Send.class,
            PayoutCommand.Paid.class,
            PayoutCommand.Failed.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class PayoutCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    private static int close(
            CoordinatorCommand.Home home, CommandSpec spec, String payout, boolean paid)
            throws Exception {
        Settings settings = home.settings();
        PayoutId id = new PayoutId(payout);
        try (Database database = Database.open(settings.store(home.folder()), 1)) {
            boolean was =
                    database.write(
                            tx -> Decisions.close(tx, home.operator(), id, paid, Instant.now()));
            spec.commandLine()
                    .getOut()
                    .println(
                            payout
                                    + (was
                                            ? paid ? " is paid" : " went back"
                                            : " was closed before"));
        }
        return 0;
    }

    /// Lists what is to be paid.
    @Command(name = "ls", description = "List what is to be paid, oldest first.")
    static final class ListCommand implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                List<PayoutTable.Row> rows = database.read(tx -> tx.payouts().pending());
                for (PayoutTable.Row row : rows) {
                    spec.commandLine()
                            .getOut()
                            .println(
                                    row.payout().id()
                                            + "  "
                                            + row.payout().amount()
                                            + "  "
                                            + row.account()
                                            + "  "
                                            + row.payout().destination());
                }
            }
            return 0;
        }
    }

    /// Has the provider pay it.
    @Command(
            name = "send",
            description =
                    "Have the payment provider pay a payout, and book it; run it again if it was"
                            + " cut off.")
    static final class Send implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "PAYOUT", description = "The payout, as pay-….")
        String payout = "";

        @Override
        public Integer call() throws Exception {
            PayoutId id = new PayoutId(payout);
            String reference =
                    DepositCommand.withProvider(
                            home, (Providers providers) -> providers.payOut(id));
            spec.commandLine().getOut().println(payout + " is paid as " + reference);
            return 0;
        }
    }

    /// Books a payment.
    @Command(name = "paid", description = "Book that a payout was paid.")
    static final class Paid implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "PAYOUT", description = "The payout, as pay-….")
        String payout = "";

        @Override
        public Integer call() throws Exception {
            return close(home, spec, payout, true);
        }
    }

    /// Gives the amount back.
    @Command(name = "failed", description = "Give a payout's amount back, as it can't be paid.")
    static final class Failed implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "PAYOUT", description = "The payout, as pay-….")
        String payout = "";

        @Override
        public Integer call() throws Exception {
            return close(home, spec, payout, false);
        }
    }
}
