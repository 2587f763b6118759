// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.util.Locale;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.Dispute;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about what was paid for and not delivered.
final class DisputeCommands {
    private DisputeCommands() {}

    @Command(
            name = "dispute",
            description = {
                "Say that a machine that ended was not worth its money, within 14 days.",
                "What its seller got is set aside until the operator decides."
            })
    static final class Raise extends DataCommand {
        @Parameters(paramLabel = "MACHINE", description = "The machine, as vm-….")
        private String lease = "";

        @Option(names = "--reason", required = true, description = "Why, in one line.")
        private String reason = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Dispute made;
            try {
                made = coordinator().dispute(new LeaseId(lease), new Dispute.Request(reason));
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            print(
                    "sparegrid.dispute/1",
                    made,
                    () ->
                            terminal()
                                    .print(
                                            Plain.amount(made.reserved())
                                                    + " is set aside; sparegrid disputes shows"
                                                    + " what is decided"));
            return 0;
        }
    }

    @Command(name = "disputes", description = "List disputes about what you bought or sold.")
    static final class List extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Dispute.Page page = coordinator().disputes();
            print(
                    "sparegrid.disputes/1",
                    page,
                    () -> {
                        Table table =
                                Table.of("machine", "state", "set aside>", "refunded>", "reason~");
                        for (Dispute dispute : page.disputes()) {
                            table.row(
                                    dispute.lease().value(),
                                    dispute.state().name().toLowerCase(Locale.ROOT),
                                    Plain.amount(dispute.reserved()),
                                    Plain.amount(dispute.refunded()),
                                    Plain.line(dispute.reason()));
                        }
                        terminal().print(table);
                    });
            return 0;
        }
    }
}
