// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.sparegrid.agent.status.OwnerReport;
import org.sparegrid.agent.status.StatusReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `why`.
@Command(
        name = "why",
        description = "Say what guests may do now, which rule says so, and what would change it.")
final class WhyCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException {
        print(agent, StatusCommand.running(agent));
        return ExitCodes.OK;
    }

    /// Prints how the owner's rules stand.
    static void print(AgentCommand agent, StatusReport report) {
        agent.print("sparegrid-agent.why/1", report.owner(), text(report));
    }

    static String text(StatusReport report) {
        OwnerReport owner = report.owner();
        StringBuilder text = new StringBuilder();
        text.append("guests may: ").append(owner.state());
        if (owner.state().equals("throttled")) {
            text.append(" to ").append(owner.cpuPercent()).append(" %");
        }
        text.append("\nbecause:    ").append(owner.why());
        if (!owner.rule().equals("none")) {
            text.append("\nrule:       ").append(owner.rule());
        }
        if (!owner.change().isEmpty()) {
            text.append("\nuntil:      ").append(owner.change());
        }
        for (String other : owner.others()) {
            text.append("\nalso:       ").append(other);
        }
        text.append("\nmode:       ").append(owner.mode());
        text.append("\nlast input: ")
                .append(
                        owner.idleSeconds() < 0
                                ? "nothing on this computer can tell"
                                : owner.idleSeconds() + " s ago (" + owner.source() + ")");
        for (String reason : report.whyNot()) {
            text.append("\nno sale:    ").append(reason);
        }
        if (report.polls()) {
            text.append("\nsession:    ").append(report.connection());
        }
        if (report.sharing().wanted()) {
            text.append("\nneighbours: ").append(report.sharing().line());
        }
        text.append("\nbenchmark:  next ").append(report.benchmark().next());
        return text.append('\n').toString();
    }
}
