// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.ledger.BookKind;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.store.AccountTable;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.Identifier;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Looks after people's accounts.
@Command(
        name = "account",
        description =
                "List people's accounts, credit and freeze them; may run beside a coordinator.",
        subcommands = {
            AccountCommand.ListCommand.class,
            AccountCommand.Credit.class,
            AccountCommand.Freeze.class,
            AccountCommand.Thaw.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class AccountCommand implements Callable<Integer> {
    private static final int REASON_MAX = 500;

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// The account with that address or identifier.
    static AccountTable.Row find(Database database, String who) throws IOException {
        Optional<AccountTable.Row> row =
                database.read(tx ->
                        who.contains("@")
                                ? tx.accounts().findByEmail(who.toLowerCase(java.util.Locale.ROOT))
                                : id(who).flatMap(tx.accounts()::find));
        return row.orElseThrow(() ->
                new IOException(who + ": no such account; see sparegrid-coordinator account ls"));
    }

    private static Optional<AccountId> id(String text) {
        try {
            return Optional.of(new AccountId(text));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static String checked(String reason) throws IOException {
        if (reason.isBlank() || reason.length() > REASON_MAX) {
            throw new IOException("--reason: expected 1 to " + REASON_MAX + " characters");
        }
        return reason;
    }

    /// Lists accounts.
    @Command(
            name = "ls",
            description = "List accounts: what they can spend, hold for orders and have earned.")
    static final class ListCommand implements Callable<Integer> {
        private static final int LIST_MAX = 10_000;

        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(
                paramLabel = "TEXT",
                arity = "0..1",
                description = "Only those whose address contains it.")
        String part = "";

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<Row> accounts) {}

        /// An account.
        ///
        /// @param held for its orders and volumes
        /// @param computers that sell for it
        /// @param frozen why it is shut out, or empty
        record Row(
                String account,
                String email,
                Instant created,
                Credits wallet,
                Credits held,
                Credits earned,
                int computers,
                String frozen) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                List<Row> rows =
                        database.read(tx ->
                                tx
                                        .accounts()
                                        .list(part.toLowerCase(java.util.Locale.ROOT), LIST_MAX)
                                        .stream()
                                        .map(row -> row(tx, row))
                                        .toList());
                var out = spec.commandLine().getOut();
                if (json) {
                    out.println(
                            Format.JSON.writeWithSchema("sparegrid.accounts/1", new View(rows)));
                    return 0;
                }
                out.println(
                        rows.isEmpty()
                                ? "no such account"
                                : "account           wallet         held       earned  computers  address");
                rows.forEach(row -> out.println(line(row)));
            }
            return 0;
        }

        private static Row row(Transaction tx, AccountTable.Row row) {
            String owner = row.id().value();
            return new Row(
                    owner,
                    row.email(),
                    row.created(),
                    tx.ledger().sum(BookKind.WALLET, owner),
                    tx.ledger().sum(BookKind.ESCROW, owner),
                    tx.ledger().sum(BookKind.EARNINGS, owner),
                    tx.sellers().of(row.id()).size(),
                    tx.frozen().reason(row.id()).orElse(""));
        }

        private static String line(Row row) {
            return "%-16s %12s %12s %12s  %9d  %s%s"
                    .formatted(
                            row.account,
                            row.wallet.rounded(4),
                            row.held.rounded(4),
                            row.earned.rounded(4),
                            row.computers,
                            row.email,
                            row.frozen.isEmpty() ? "" : "  frozen: " + row.frozen);
        }
    }

    /// Books money that was paid to the operator directly.
    @Command(
            name = "credit",
            description =
                    "Put an amount into an account's wallet that was paid to you by other means,"
                            + " such as cash or an invoice.")
    static final class Credit implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(index = "0", paramLabel = "ACCOUNT", description = "Address or identifier.")
        String who = "";

        @Parameters(index = "1", paramLabel = "AMOUNT", description = "Credits, such as 12.50.")
        String amount = "";

        @Option(names = "--reason", required = true, description = "What it was, for the records.")
        String reason = "";

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            Credits credits = amount();
            String why = checked(reason);
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                AccountId account = find(database, who).id();
                DepositId deposit =
                        Identifier.draw(new SecureRandom(), DepositId.PREFIX, DepositId::new);
                database.write(tx -> {
                    Instant now = Instant.now();
                    Transfers.deposit(deposit, account, credits, Credits.ZERO)
                            .forEach(transfer -> tx.ledger().post(transfer, now));
                    tx.audit()
                            .add(
                                    home.operator(),
                                    "account-credited",
                                    account.value(),
                                    credits + " " + cut(why),
                                    now);
                    return true;
                });
                spec.commandLine()
                        .getOut()
                        .println(credits + " for " + account + " booked as " + deposit);
            }
            return 0;
        }

        private Credits amount() throws IOException {
            try {
                Credits credits = Credits.parse(amount);
                if (credits.nanos() > 0) {
                    return credits;
                }
            } catch (IllegalArgumentException malformed) {
                // As good as nothing.
            }
            throw new IOException("AMOUNT: expected credits such as 12.50, got '" + amount + "'");
        }

        private static String cut(String why) {
            return why.substring(0, Math.min(why.length(), REASON_MAX - 40));
        }
    }

    /// Shuts an account out.
    @Command(
            name = "freeze",
            description =
                    "End an account's sessions and take its computers off the market, within a"
                            + " second; what runs goes on.")
    static final class Freeze implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "ACCOUNT", description = "Address or identifier.")
        String who = "";

        @Option(
                names = "--reason",
                required = true,
                description = "Why; its owner is told when logging in.")
        String reason = "";

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            String why = checked(reason);
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                AccountId account = find(database, who).id();
                database.write(tx -> {
                    Instant now = Instant.now();
                    tx.frozen().put(account, why, now);
                    tx.audit().add(home.operator(), "account-frozen", account.value(), why, now);
                    return true;
                });
                spec.commandLine().getOut().println("frozen " + account);
            }
            return 0;
        }
    }

    /// Lets an account in again.
    @Command(name = "thaw", description = "Let a frozen account in again.")
    static final class Thaw implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "ACCOUNT", description = "Address or identifier.")
        String who = "";

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                AccountId account = find(database, who).id();
                boolean was =
                        database.write(tx -> {
                            boolean frozen = tx.frozen().delete(account);
                            if (frozen) {
                                tx.audit()
                                        .add(
                                                home.operator(),
                                                "account-thawed",
                                                account.value(),
                                                "",
                                                Instant.now());
                            }
                            return frozen;
                        });
                spec.commandLine()
                        .getOut()
                        .println(account + (was ? " is let in again" : " was not frozen"));
            }
            return 0;
        }
    }
}
