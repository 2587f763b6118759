// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.LedgerTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Shows what the books hold.
@Command(
        name = "balance",
        description = {
            "Show what your books hold, and the accounts' together by their kind; or each book of"
                    + " one account.",
            "What payment providers hold for you is a negative balance of psp_clearing: all books"
                    + " sum to 0."
        })
final class LedgerBalanceCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "ACCOUNT", arity = "0..1", description = "Address or identifier.")
    String who = "";

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    /// What there is.
    ///
    /// @param sum of those that are listed
    record View(List<LedgerTable.Total> balances, Credits sum) {}

    @Override
    public Integer call() throws Exception {
        Settings settings = home.settings();
        try (Database database = Database.open(settings.store(home.folder()), 1)) {
            View view = view(database);
            var out = spec.commandLine().getOut();
            if (json) {
                out.println(Format.JSON.writeWithSchema("sparegrid.ledger-balance/1", view));
                return 0;
            }
            int width =
                    view.balances.stream().mapToInt(each -> each.name().length()).max().orElse(0);
            for (LedgerTable.Total total : view.balances) {
                out.println(
                        "%-*s  %24s%s"
                                .replace("*", Integer.toString(Math.max(3, width)))
                                .formatted(
                                        total.name(),
                                        total.balance(),
                                        total.books() > 1
                                                ? "  in " + total.books() + " books"
                                                : ""));
            }
            out.println(
                    "%-*s  %24s"
                            .replace("*", Integer.toString(Math.max(3, width)))
                            .formatted("sum", view.sum));
        }
        return 0;
    }

    private View view(Database database) throws java.io.IOException {
        List<LedgerTable.Total> totals;
        if (who.isEmpty()) {
            totals = database.read(tx -> tx.ledger().totals());
        } else {
            AccountId account = AccountCommand.find(database, who).id();
            totals = database.read(tx -> tx.ledger().totals(account));
        }
        return new View(
                totals,
                totals.stream()
                        .map(LedgerTable.Total::balance)
                        .reduce(Credits.ZERO, Credits::plus));
    }
}
