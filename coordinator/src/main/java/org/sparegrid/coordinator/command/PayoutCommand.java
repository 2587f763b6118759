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
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
        PayoutId id = Given.read(spec, "PAYOUT", payout, PayoutId::new);
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
        private static final int LIST_MAX = 1_000;

        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(names = "--all", description = "All, the newest first; the last 1000.")
        boolean all;

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<PayoutTable.Row> payouts) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                List<PayoutTable.Row> rows =
                        database.read(
                                tx -> all ? tx.payouts().newest(LIST_MAX) : tx.payouts().pending());
                if (json) {
                    spec.commandLine()
                            .getOut()
                            .println(
                                    Format.JSON.writeWithSchema(
                                            "sparegrid.payouts/1", new View(rows)));
                    return 0;
                }
                for (PayoutTable.Row row : rows) {
                    spec.commandLine()
                            .getOut()
                            .println(
                                    row.payout().id()
                                            + "  "
                                            + row.payout().amount()
                                            + "  "
                                            + row.account()
                                            + (all ? "  " + row.payout().state() : "")
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
            PayoutId id = Given.read(spec, "PAYOUT", payout, PayoutId::new);
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
