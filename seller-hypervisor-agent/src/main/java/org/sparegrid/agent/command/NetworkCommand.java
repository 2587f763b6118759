// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.network.NetworkSurvey;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.agent.status.StatusSocket;
import org.sparegrid.virtualethernet.check.NetworkReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `net` and what it holds.
@Command(
        name = "net",
        description = "How the guests' networks reach the world from here.",
        subcommands = {
            NetworkCommand.Check.class,
            NetworkToolCommands.Peers.class,
            NetworkToolCommands.Ping.class,
            NetworkToolCommands.TraceCommand.class,
            NetworkToolCommands.CaptureCommand.class
        })
final class NetworkCommand {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    AgentCommand agent() {
        return agent;
    }

    /// `net check`.
    @Command(
            name = "check",
            description = {
                "Find out what lies between this computer and others: NAT, firewall, path MTU,",
                "and the one change worth making. Takes a few seconds."
            })
    static final class Check implements Callable<Integer> {
        @ParentCommand private NetworkCommand group = new NetworkCommand();

        @Override
        public Integer call() throws Exception {
            AgentCommand agent = group.agent;
            NetworkSurvey survey =
                    StatusSocket.survey(agent.folders().controlSocket()).orElse(null);
            if (survey == null) {
                survey = withoutAgent(agent);
            }
            agent.print(
                    "sparegrid-agent.network-check/1",
                    survey,
                    text(survey.network(), survey.fix()));
            return survey.network().udp() ? ExitCodes.OK : ExitCodes.FAILED;
        }

        private static NetworkSurvey withoutAgent(AgentCommand agent) throws Exception {
            Settings settings = SettingsFile.load(agent.folders().settings());
            try (Overlay overlay = Overlay.open(settings.udpPort(), settings.endpoints())) {
                return NetworkSurvey.of(Identity.load(agent.folders().data()), overlay);
            }
        }

        private static String text(NetworkReport report, String fix) {
            StringBuilder text = new StringBuilder();
            if (report.udp()) {
                line(
                        text,
                        "relay",
                        String.format(
                                Locale.ROOT,
                                "%s answers in %.1f ms",
                                report.server(),
                                report.roundTripMicros() / 1000.0));
                line(text, "seen as", report.seen());
                line(text, "NAT", report.mapping().words());
                line(text, "firewall", report.filtering().words());
                line(
                        text,
                        "UDP port",
                        report.port() + (report.open() ? ", open from outside" : ", not open"));
                line(text, "hairpin", report.hairpin() ? "yes" : "no");
                line(text, "path MTU", report.pathMtu() + " bytes");
            } else {
                line(text, "relay", "UDP does not reach " + report.server());
            }
            line(text, "fix", fix.isEmpty() ? "nothing needs to be changed" : fix);
            return text.toString();
        }

        private static void line(StringBuilder text, String what, String found) {
            text.append(String.format(Locale.ROOT, "%-12s %s%n", what, found));
        }
    }
}
