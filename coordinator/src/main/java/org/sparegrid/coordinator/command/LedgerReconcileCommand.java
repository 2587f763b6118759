// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.trade.Reconciliation;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Compares the books with what the payment provider says.
@Command(
        name = "reconcile",
        description = {
            "Ask the payment provider about each payment, and compare what it says with the books."
                    + " Nothing is changed; deposit look books what it says of one payment.",
            "ledger audit compares the books with themselves."
        },
        footer = {"", "Exit code 1: the books and the provider differ."})
final class LedgerReconcileCommand implements Callable<Integer> {
    private static final Duration DEFAULT = Duration.ofDays(90);

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Payments begun from then on, such as 2026-11-22; default: of 90 days.")
    String since = "";

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        Instant from =
                MarketReplayCommand.time(spec, "--since", since, Instant.now().minus(DEFAULT));
        Reconciliation.Result result =
                DepositCommand.withProvider(
                        home,
                        (database, provider) -> new Reconciliation(database, provider).run(from));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Format.JSON.writeWithSchema("sparegrid.ledger-reconciliation/1", result));
        } else {
            print(out, result);
        }
        return result.differences().isEmpty() ? 0 : 1;
    }

    private static void print(PrintWriter out, Reconciliation.Result result) {
        result.differences()
                .forEach(each -> out.println("differs: " + each.deposit() + ": " + each.what()));
        out.printf(
                "%s was asked about %d payments: by the books it received %s, of which %s went back%n",
                result.provider(), result.asked(), result.received(), result.gone());
        if (result.others() > 0) {
            out.printf(
                    "note: %d payments are of other providers than the setting payment-provider%n",
                    result.others());
        }
        if (result.differences().isEmpty()) {
            out.println(result.provider() + " says the same");
        }
    }
}
