// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.audit.Finding;
import org.sparegrid.coordinator.audit.Known;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Looks at the books.
@Command(
        name = "ledger",
        description =
                "Look at the books, and correct them; may run beside a coordinator that serves.",
        subcommands = {
            LedgerCommand.Verify.class,
            LedgerCommand.Audit.class,
            LedgerBalanceCommand.class,
            LedgerAdjustCommand.class,
            LedgerReconcileCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class LedgerCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Goes through the books from the first transfer on.
    @Command(
            name = "audit",
            description =
                    "Go through all transfers from the first: each unchanged and in its place, the"
                            + " way and the balances right, and every deposit, machine, payout and"
                            + " dispute paid for once. Prints the last one's seal, to be noted down"
                            + " elsewhere.")
    static final class Audit implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--known",
                paramLabel = "NUMBER:SEAL",
                description = "The head that was noted down earlier.")
        Optional<String> known = Optional.empty();

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            Optional<Known> earlier = AuditCommand.known(known);
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                Finding finding = database.read(tx -> tx.ledger().audit(earlier));
                return AuditCommand.report(
                        finding,
                        finding.records()
                                + " transfers, each once, as it was written; all that was dealt is"
                                + " paid for, sum 0",
                        "sparegrid.ledger-audit/1",
                        json,
                        spec.commandLine().getOut());
            }
        }
    }

    /// Recomputes every balance from the transfers.
    @Command(
            name = "verify",
            description =
                    "Recompute all balances from the transfers; their sum must be zero, none may be"
                            + " below zero, and closed orders must hold nothing.")
    static final class Verify implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What was found.
        ///
        /// @param transfers how many transfers there are
        /// @param faults what is wrong
        record Result(long transfers, List<String> faults) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                Result result =
                        database.read(
                                tx -> new Result(tx.ledger().transfers(), tx.ledger().faults()));
                print(result);
                return result.faults().isEmpty() ? 0 : 1;
            }
        }

        private void print(Result result) {
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(Format.JSON.writeWithSchema("sparegrid.ledger-check/1", result));
                return;
            }
            result.faults().forEach(fault -> out.println("fault: " + fault));
            if (result.faults().isEmpty()) {
                out.println(
                        "the books balance: "
                                + result.transfers()
                                + " transfers, sum of all balances 0");
            }
        }
    }
}
