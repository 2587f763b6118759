// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.DisputeTable;
import org.sparegrid.coordinator.trade.Decisions;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Decides what buyers and sellers can't agree about.
@Command(
        name = "dispute",
        description = "Decide disputes between buyers and sellers; may run beside a coordinator.",
        subcommands = {DisputeCommand.ListCommand.class, DisputeCommand.Resolve.class},
        synopsisSubcommandLabel = "COMMAND")
final class DisputeCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Lists what is to be decided.
    @Command(name = "ls", description = "List what is to be decided, oldest first.")
    static final class ListCommand implements Callable<Integer> {
        private static final int LIST_MAX = 1_000;

        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--all",
                description = "Also decided ones, the newest first; the last 1000.")
        boolean all;

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<DisputeTable.Row> disputes) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                List<DisputeTable.Row> rows =
                        database.read(
                                tx -> all ? tx.disputes().newest(LIST_MAX) : tx.disputes().open());
                if (json) {
                    spec.commandLine()
                            .getOut()
                            .println(
                                    Format.JSON.writeWithSchema(
                                            "sparegrid.disputes/1", new View(rows)));
                    return 0;
                }
                for (DisputeTable.Row row : rows) {
                    spec.commandLine()
                            .getOut()
                            .println(
                                    row.dispute().lease()
                                            + "  "
                                            + row.dispute().reserved()
                                            + "  buyer "
                                            + row.buyer()
                                            + "  seller "
                                            + row.owner()
                                            + (all ? "  " + state(row) : "")
                                            + "  "
                                            + row.dispute().reason());
                }
            }
            return 0;
        }
    }

    private static String state(DisputeTable.Row row) {
        return row.dispute().state() == Dispute.State.OPEN
                ? "open"
                : "decided, " + row.dispute().refunded() + " back to the buyer";
    }

    /// Divides what is set aside.
    @Command(name = "resolve", description = "Divide what is set aside between both sides.")
    static final class Resolve implements Callable<Integer> {
        private static final int HUNDRED = 100;

        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "MACHINE", description = "What it is about, as vm-….")
        String lease = "";

        @Option(
                names = "--refund",
                required = true,
                paramLabel = "PERCENT",
                description = "The buyer's part, 0 to 100; the rest is the seller's.")
        int percent;

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            if (percent < 0 || percent > HUNDRED) {
                throw new IOException("--refund: expected 0 to 100, got " + percent);
            }
            LeaseId id = Given.read(spec, "MACHINE", lease, LeaseId::new);
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                Credits refund =
                        database.write(tx ->
                                Decisions.resolve(
                                        tx, home.operator(), id, percent * HUNDRED, Instant.now()));
                spec.commandLine().getOut().println(refund + " went back to the buyer");
            }
            return 0;
        }
    }
}
