// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.audit.Finding;
import org.sparegrid.coordinator.audit.Known;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.AuditTable;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Shows who did what.
@Command(
        name = "audit",
        description = "Show who did what; may run beside a coordinator that serves.",
        subcommands = {AuditCommand.ListCommand.class, AuditCommand.Verify.class},
        synopsisSubcommandLabel = "COMMAND")
final class AuditCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Reads what was noted down earlier.
    static Optional<Known> known(Optional<String> text) throws IOException {
        try {
            return text.map(Known::parse);
        } catch (IllegalArgumentException strange) {
            throw new IOException("--known: " + strange.getMessage(), strange);
        }
    }

    /// Prints what was found, as text or as JSON.
    ///
    /// @return the exit code
    static int report(Finding finding, String good, String schema, boolean json, PrintWriter out) {
        if (json) {
            out.println(Format.JSON.writeWithSchema(schema, Report.of(finding)));
        } else {
            finding.faults().forEach(fault -> out.println("fault: " + fault));
            if (finding.faults().isEmpty()) {
                out.println(good);
            }
            out.println("head " + finding.head());
        }
        return finding.faults().isEmpty() ? 0 : 1;
    }

    /// A finding as JSON has it.
    ///
    /// @param head the number of the last record and its seal, as `--known` takes it
    record Report(long records, String head, List<String> faults) {
        static Report of(Finding finding) {
            return new Report(finding.records(), finding.head().toString(), finding.faults());
        }
    }

    /// Lists entries.
    @Command(name = "ls", description = "List what was done, oldest first.")
    static final class ListCommand implements Callable<Integer> {
        private static final int LAST = 100;

        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(
                arity = "0..1",
                paramLabel = "NAME",
                description = "Only what this account did, or what was done to this.")
        String about = "";

        @Option(names = "--limit", paramLabel = "N", description = "The last N only; 100.")
        int limit = LAST;

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<AuditTable.Entry> entries) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                List<AuditTable.Entry> entries = database.read(tx -> tx.audit().last(limit, about));
                if (json) {
                    spec.commandLine()
                            .getOut()
                            .println(
                                    Format.JSON.writeWithSchema(
                                            "sparegrid.audit/1", new View(entries)));
                    return 0;
                }
                for (AuditTable.Entry entry : entries) {
                    spec.commandLine()
                            .getOut()
                            .println(
                                    String.join(
                                                    "  ",
                                                    Long.toString(entry.number()),
                                                    entry.at().toString(),
                                                    entry.actor(),
                                                    entry.action(),
                                                    entry.subject(),
                                                    entry.detail())
                                            .strip());
                }
            }
            return 0;
        }
    }

    /// Looks whether entries were changed.
    @Command(
            name = "verify",
            description =
                    "See whether an entry was changed, removed or put in; prints the last one's"
                            + " seal, to be noted down elsewhere.")
    static final class Verify implements Callable<Integer> {
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
            Optional<Known> earlier = known(known);
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                Finding finding = database.read(tx -> tx.audit().verify(earlier));
                return report(
                        finding,
                        finding.records() + " entries, each as it was written",
                        "sparegrid.audit-check/1",
                        json,
                        spec.commandLine().getOut());
            }
        }
    }
}
