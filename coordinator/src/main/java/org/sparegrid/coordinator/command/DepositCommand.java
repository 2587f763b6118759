// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.DepositTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.coordinator.trade.Providers;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What the operator does with people's payments.
@Command(
        name = "deposit",
        description = "Show people's payments and give them back; may run beside a coordinator.",
        subcommands = {
            DepositCommand.ListCommand.class,
            DepositCommand.Look.class,
            DepositCommand.Refund.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class DepositCommand implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Work with the payment provider.
    @FunctionalInterface
    interface Work<T> {
        T run(Database database, PaymentProvider provider) throws IOException;
    }

    /// Moves money by the payment provider.
    @FunctionalInterface
    interface Move<T> {
        T run(Providers providers) throws IOException;
    }

    static <T> T withProvider(CoordinatorCommand.Home home, Move<T> move) throws Exception {
        return withProvider(
                home,
                (database, provider) ->
                        move.run(
                                new Providers(
                                        database,
                                        provider,
                                        home.operator(),
                                        InstantSource.system())));
    }

    static <T> T withProvider(CoordinatorCommand.Home home, Work<T> work) throws Exception {
        Settings settings = home.settings();
        InstantSource clock = InstantSource.system();
        PaymentProvider provider =
                new PaymentChoice(home.folder(), settings.payments(), System.getenv(), clock)
                        .make()
                        .apply(_ -> {});
        try (Database database = Database.open(settings.store(home.folder()), 1)) {
            return work.run(database, provider);
        }
    }

    /// Gives a payment back.
    @Command(
            name = "refund",
            description =
                    "Have the payment provider give a whole payment back, with the commission, as"
                            + " far as the wallet still holds it.")
    static final class Refund implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "DEPOSIT", description = "The payment, as dep-….")
        String deposit = "";

        @Override
        public Integer call() throws Exception {
            DepositId id = Given.read(spec, "DEPOSIT", deposit, DepositId::new);
            Deposit.State state = withProvider(home, (Providers providers) -> providers.refund(id));
            spec.commandLine()
                    .getOut()
                    .println(
                            state == Deposit.State.REFUNDED
                                    ? deposit + " is given back"
                                    : deposit + " is being given back; it is " + state + " still");
            return 0;
        }
    }

    /// Lists payments.
    @Command(name = "ls", description = "List payments, the newest first.")
    static final class ListCommand implements Callable<Integer> {
        private static final int LIMIT_MAX = 100_000;

        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--of",
                paramLabel = "ACCOUNT",
                description = "Those of this account only, by address or identifier.")
        String of = "";

        @Option(
                names = "--open",
                description = "Only those that are not over: created, pending or confirmed.")
        boolean open;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "List so many at most; default: 100.")
        int limit;

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<Row> deposits) {}

        /// A payment.
        ///
        /// @param gone what of it went back for now
        record Row(String account, String email, Deposit deposit, String reference, Credits gone) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            if (limit < 1 || limit > LIMIT_MAX) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--limit: expected 1 to " + LIMIT_MAX + ", got " + limit);
            }
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                Optional<AccountId> account =
                        of.isEmpty()
                                ? Optional.empty()
                                : Optional.of(AccountCommand.find(database, of).id());
                View view =
                        database.read(tx ->
                                new View(
                                        tx.deposits().newest(account, open, limit).stream()
                                                .map(row -> row(tx, row))
                                                .toList()));
                var out = spec.commandLine().getOut();
                if (json) {
                    out.println(Format.JSON.writeWithSchema("sparegrid.deposits/1", view));
                } else {
                    out.println(
                            view.deposits.isEmpty()
                                    ? "no such payment"
                                    : "payment           begun                 state             amount"
                                            + "    went back  provider  account");
                    view.deposits.forEach(row -> out.println(line(row)));
                }
            }
            return 0;
        }

        private static Row row(Transaction tx, DepositTable.Row row) {
            return new Row(
                    row.account().value(),
                    LeaseReport.email(tx, row.account()),
                    row.deposit(),
                    row.reference(),
                    row.gone().net());
        }

        private static String line(Row row) {
            return "%-16s  %-20s  %-10s  %12s  %11s  %-8s  %s"
                    .formatted(
                            row.deposit.id(),
                            row.deposit.created().truncatedTo(ChronoUnit.SECONDS),
                            row.deposit.state(),
                            row.deposit.amount(),
                            row.gone.nanos() == 0 ? "" : row.gone.toString(),
                            row.deposit.provider(),
                            row.email);
        }
    }

    /// Asks about a payment.
    @Command(
            name = "look",
            description =
                    "Ask the payment provider now how a payment stands, and book that; a coordinator"
                            + " that serves does so by itself, but later.")
    static final class Look implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "DEPOSIT", description = "The payment, as dep-….")
        String deposit = "";

        @Override
        public Integer call() throws Exception {
            DepositId id = Given.read(spec, "DEPOSIT", deposit, DepositId::new);
            Deposit.State state = withProvider(home, (Providers providers) -> providers.look(id));
            spec.commandLine().getOut().println(deposit + " is " + state);
            return 0;
        }
    }
}
