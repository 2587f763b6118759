// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.agent.benchmark.Figure;
import org.sparegrid.agent.status.BenchmarkReport;
import org.sparegrid.agent.status.MoneyReport;
import org.sparegrid.agent.status.OwnerCommand;
import org.sparegrid.agent.status.OwnerReport;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.agent.status.StatusSocket;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `status`.
@Command(name = "status", description = "Show how the running agent stands.")
final class StatusCommand implements Callable<Integer> {
    private static final long WATCH_MILLIS = 1000;

    /// Home and clear to the end. Source: ECMA-48.
    private static final String CLEAR = "\u001b[H\u001b[J";

    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Option(names = "--watch", description = "Show it again every second until interrupted.")
    private boolean watch;

    @Override
    public Integer call() throws IOException, InterruptedException {
        StatusReport report = running(agent);
        while (watch) {
            agent.out().print(CLEAR + text(report));
            agent.out().flush();
            Thread.sleep(WATCH_MILLIS);
            report = running(agent);
        }
        agent.print("sparegrid-agent.status/1", report, text(report));
        return ExitCodes.OK;
    }

    static StatusReport running(AgentCommand agent) throws IOException {
        return running(agent, new OwnerCommand.Report());
    }

    /// The running agent's report after it obeyed.
    static StatusReport running(AgentCommand agent, OwnerCommand command) throws IOException {
        Optional<StatusReport> report = StatusSocket.ask(agent.folders().controlSocket(), command);
        return report.orElseThrow(
                () -> new IOException("no agent runs here; start it: sparegrid-agent run"));
    }

    private static String because(OwnerReport owner) {
        return owner.rule().equals("none") ? "" : ": " + owner.why();
    }

    static String text(StatusReport report) {
        StringBuilder text = new StringBuilder();
        line(text, "seller", report.seller());
        line(text, "coordinator", report.coordinator() + ", " + report.connection());
        line(text, "selling", report.selling() ? "yes" : "no");
        for (String reason : report.whyNot()) {
            line(text, "", reason);
        }
        line(text, "guests may", report.owner().state() + because(report.owner()));
        line(
                text,
                "offer",
                report.ask().slots()
                        + " x ("
                        + report.ask().size().cpus()
                        + " CPU, "
                        + report.ask().size().memoryMebibytes()
                        + " MiB, disk "
                        + report.ask().size().diskMebibytes()
                        + " MiB) for "
                        + report.ask().pricePerHour()
                        + " an hour");
        line(
                text,
                "guests run",
                report.ask().acceleration().name().toLowerCase(java.util.Locale.ROOT));
        line(text, "because", report.ask().accelerationReason());
        line(text, "CPU score", String.valueOf(report.ask().cpuScore()));
        benchmark(text, report.benchmark());
        line(text, "hypervisor", report.hypervisor());
        line(text, "confined", report.confined() ? "yes" : "NO");
        for (String finding : report.confinement()) {
            line(text, "", finding);
        }
        line(text, "self-test", "");
        for (String check : report.selfTest()) {
            line(text, "", check);
        }
        line(text, "held by", "");
        for (String cap : report.caps()) {
            line(text, "", cap);
        }
        guests(text, report);
        MoneyReport money = report.money();
        line(
                text,
                "earned",
                money.gross().rounded(4)
                        + ", energy "
                        + (money.energyKnown() ? money.energy().rounded(4) : "unknown")
                        + ", left "
                        + money.net().rounded(4));
        if (report.volumeGibibytesMax() > 0 || !report.volumes().isEmpty()) {
            line(text, "volumes", VolumesCommand.summary(report));
        }
        line(text, "page", report.page());
        line(text, "images", String.valueOf(report.images().size()));
        for (StatusReport.Image image : report.images()) {
            line(text, "", image.digest().substring(0, 12) + "  " + (image.bytes() >> 20) + " MiB");
        }
        return text.toString();
    }

    private static void benchmark(StringBuilder text, BenchmarkReport benchmark) {
        line(
                text,
                "measured",
                (benchmark.measured().isEmpty() ? "not yet" : benchmark.measured())
                        + "; next "
                        + benchmark.next());
        for (Figure figure : benchmark.figures()) {
            line(text, "", figure.line());
        }
        for (String missing : benchmark.missing()) {
            line(text, "", "not measured: " + missing);
        }
    }

    private static void guests(StringBuilder text, StatusReport report) {
        line(text, "UDP port", report.udpPort() + ", at " + String.join(", ", report.endpoints()));
        if (!report.routerPort().isEmpty()) {
            line(text, "router", report.routerPort());
        }
        line(text, "shares images", report.sharing().line());
        for (String left : report.sharing().left()) {
            line(text, "", "neighbour left: " + left);
        }
        line(text, "guests", String.valueOf(report.machines().size()));
        for (StatusReport.Machine vm : report.machines()) {
            line(
                    text,
                    "",
                    vm.name()
                            + " of "
                            + vm.network()
                            + ": "
                            + vm.stage().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
                            + ", paid "
                            + vm.runSeconds()
                            + " s");
        }
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(java.util.Locale.ROOT, "%-12s %s%n", name, value));
    }
}
