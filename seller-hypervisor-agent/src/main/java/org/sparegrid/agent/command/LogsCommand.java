// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.agent.diagnosis.AgentLog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `logs`.
@Command(name = "logs", description = "Show what the agent noted: the last lines of its log.")
final class LogsCommand implements Callable<Integer> {
    private static final long FOLLOW_MILLIS = 500;

    /// More than the log's files hold.
    private static final int LINES_MAX = 1_000_000;

    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            description = "Show so many lines; 50 if not given.")
    private int lines = 50;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is noted from now on, until interrupted.")
    private boolean follow;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (lines < 0 || lines > LINES_MAX) {
            throw new IllegalArgumentException(
                    "--lines: expected 0 to " + LINES_MAX + ", got " + lines);
        }
        AgentLog log = new AgentLog(agent.folders().logs());
        long place = log.end();
        List<String> last = log.last(lines);
        agent.print("sparegrid-agent.logs/1", last, String.join("\n", last));
        while (follow) {
            Thread.sleep(FOLLOW_MILLIS);
            place = log.copyFrom(place, System.out);
        }
        return ExitCodes.OK;
    }
}
