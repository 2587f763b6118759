// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.agent.status.OwnerCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `pause`.
@Command(
        name = "pause",
        description =
                "Let guests stand still, for a time such as 30min, 1h or 2d, or until resume.")
final class PauseCommand implements Callable<Integer> {
    private static final Pattern SPAN = Pattern.compile("([0-9]{1,5})(s|min|m|h|d)");

    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Parameters(
            paramLabel = "TIME",
            arity = "0..1",
            defaultValue = "",
            description = "For how long; without it, until resume.")
    private String time = "";

    @Override
    public Integer call() throws IOException {
        WhyCommand.print(
                agent, StatusCommand.running(agent, new OwnerCommand.Pause(seconds(time))));
        return ExitCodes.OK;
    }

    /// Reads a span; none is 0.
    static long seconds(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        Matcher parts = SPAN.matcher(text);
        if (!parts.matches() || Long.parseLong(parts.group(1)) == 0) {
            throw new IllegalArgumentException(
                    "pause: expected a time such as 30min, 1h or 2d, got " + text);
        }
        long amount = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "s" -> amount;
            case "m", "min" -> amount * 60;
            case "h" -> amount * 3600;
            default -> amount * 86_400;
        };
    }
}
