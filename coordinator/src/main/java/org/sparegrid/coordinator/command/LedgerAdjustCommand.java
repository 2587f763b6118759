// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.trade.Decisions;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.AdjustmentId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.Identifier;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Corrects the books.
@Command(
        name = "adjust",
        description = {
            "Correct the books: move an amount from one to another, with a reason that the audit"
                    + " log keeps. Nothing that was booked is changed.",
            "A book is wallet:ACCOUNT or earnings:ACCOUNT, the account by address or identifier,"
                    + " or one of yours: revenue_commission, psp_losses (what nobody covered) or"
                    + " psp_clearing (money outside)."
        },
        footer = {
            "",
            "Example: a payment that came back by other means, at your cost:",
            "  ledger adjust 5 --from psp_losses --to wallet:alice@grid.example --reason goodwill"
        })
final class LedgerAdjustCommand implements Callable<Integer> {
    private static final String WALLET = "wallet:";
    private static final String EARNINGS = "earnings:";

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "AMOUNT", description = "Credits, such as 12.50.")
    String amount = "";

    @Option(names = "--from", required = true, paramLabel = "BOOK", description = "Takes it there.")
    String from = "";

    @Option(names = "--to", required = true, paramLabel = "BOOK", description = "Puts it there.")
    String to = "";

    @Option(names = "--reason", required = true, description = "Why, for the audit log.")
    String reason = "";

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    /// What was done.
    ///
    /// @param fromBalance what that book holds now
    record View(
            AdjustmentId adjustment,
            Credits amount,
            String from,
            Credits fromBalance,
            String to,
            Credits toBalance) {}

    @Override
    public Integer call() throws Exception {
        Settings settings = home.settings();
        Credits credits = Given.read(spec, "AMOUNT", amount, Credits::parse);
        if (credits.nanos() <= 0) {
            throw new ParameterException(
                    spec.commandLine(), "AMOUNT: expected more than 0, got " + amount);
        }
        String why = Given.reason(spec, reason);
        try (Database database = Database.open(settings.store(home.folder()), 1)) {
            Book debit = book(database, "--from", from);
            Book credit = book(database, "--to", to);
            if (debit.equals(credit)) {
                throw new ParameterException(
                        spec.commandLine(), "--to: expected another book than --from");
            }
            AdjustmentId id =
                    Identifier.draw(new SecureRandom(), AdjustmentId.PREFIX, AdjustmentId::new);
            View view =
                    database.write(tx -> {
                        Decisions.adjust(
                                tx,
                                home.operator(),
                                id,
                                debit,
                                credit,
                                credits,
                                why,
                                Instant.now());
                        return new View(
                                id,
                                credits,
                                debit.id(),
                                tx.ledger().balance(debit),
                                credit.id(),
                                tx.ledger().balance(credit));
                    });
            print(view);
        }
        return 0;
    }

    private void print(View view) {
        spec.commandLine()
                .getOut()
                .println(
                        json
                                ? Format.JSON.writeWithSchema("sparegrid.ledger-adjustment/1", view)
                                : "%s booked as %s: %s holds %s now, %s holds %s"
                                        .formatted(
                                                view.amount,
                                                view.adjustment,
                                                view.from,
                                                view.fromBalance,
                                                view.to,
                                                view.toBalance));
    }

    private Book book(Database database, String option, String name) throws IOException {
        if (name.startsWith(WALLET)) {
            return Book.wallet(account(database, name.substring(WALLET.length())));
        }
        if (name.startsWith(EARNINGS)) {
            return Book.earnings(account(database, name.substring(EARNINGS.length())));
        }
        return switch (name) {
            case "revenue_commission" -> Book.COMMISSION;
            case "psp_losses" -> Book.LOSSES;
            case "psp_clearing" -> Book.CLEARING;
            default ->
                    throw new ParameterException(
                            spec.commandLine(),
                            option
                                    + ": expected wallet:ACCOUNT, earnings:ACCOUNT,"
                                    + " revenue_commission, psp_losses or psp_clearing, got '"
                                    + name
                                    + "'");
        };
    }

    private static AccountId account(Database database, String who) throws IOException {
        return AccountCommand.find(database, who).id();
    }
}
