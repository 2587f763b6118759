// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import org.sparegrid.cli.bridge.ControlClient;
import org.sparegrid.cli.output.Table;
import org.sparegrid.virtualethernet.report.Peer;
import org.sparegrid.virtualethernet.report.Trace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `net trace`.
@Command(
        name = "trace",
        description = {
            "Show where a direct path to a machine was looked for, and what came of it.",
            "Nothing is looked for while there is nothing to send: ping it first."
        })
final class NetworkTraceCommand extends DataCommand {
    @Parameters(paramLabel = "NAME", description = "The machine, as in node1.")
    private String machine = "";

    @Option(names = "--network", paramLabel = "NETWORK", description = "The network.")
    private String network = "";

    @Override
    int run() throws IOException, Failure {
        ControlClient control = new ControlClient(NetworkCommand.joined(shell(), network).socket());
        Trace trace = control.trace(machine);
        print("sparegrid.trace/1", trace, () -> show(trace));
        return 0;
    }

    private void show(Trace trace) {
        terminal().print(trace.line());
        Table table = Table.of("address", "answers", "round trip>", "unanswered>");
        for (Trace.Tried tried : trace.tried()) {
            table.row(
                    tried.address(),
                    tried.words(),
                    Peer.millis(tried.roundTripMicros()),
                    String.valueOf(tried.unanswered()));
        }
        if (!trace.tried().isEmpty()) {
            terminal().print(table);
        }
    }
}
