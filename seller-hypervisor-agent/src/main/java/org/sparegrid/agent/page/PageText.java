// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.page;

import java.util.Locale;
import org.sparegrid.agent.benchmark.Figure;
import org.sparegrid.agent.status.MoneyReport;
import org.sparegrid.agent.status.OwnerReport;
import org.sparegrid.agent.status.StatusReport;

/// The page's text. It needs no script and loads nothing.
final class PageText {
    private static final String HEAD =
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta http-equiv="refresh" content="5">
            <title>Sparegrid on this computer</title>
            <style>
            :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
            body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.3rem; font-weight: 600; margin: 0 0 1rem; }
            h2 { font-size: 1rem; font-weight: 600; margin: 2rem 0 .5rem; }
            .now { padding: 1.2rem; border-radius: .6rem; background: #8882; }
            .state { font-size: 1.8rem; font-weight: 700; line-height: 1.2; }
            .run { color: #17813b; } .still { color: #b3541e; }
            p { margin: .4rem 0 0; }
            form { display: flex; gap: .6rem; margin-top: 1rem; flex-wrap: wrap; }
            button { font: inherit; font-weight: 600; padding: .7rem 1.4rem; border: 0;
              border-radius: .5rem; background: #8884; color: inherit; cursor: pointer; }
            button.big { background: #b3541e; color: #fff; font-size: 1.15rem; }
            button.go { background: #17813b; color: #fff; font-size: 1.15rem; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884;
              font-variant-numeric: tabular-nums; }
            th { font-weight: 600; } .dim { opacity: .7; }
            </style></head><body>
            <h1>Sparegrid on this computer</h1>
            """;

    private PageText() {}

    static String html(StatusReport report) {
        StringBuilder text = new StringBuilder(HEAD);
        now(text, report);
        guests(text, report);
        money(text, report.money());
        seller(text, report);
        return text.append("</body></html>\n").toString();
    }

    private static void now(StringBuilder text, StatusReport report) {
        OwnerReport owner = report.owner();
        boolean still = !owner.state().equals("run") && !owner.state().equals("throttled");
        text.append("<div class=\"now\"><div class=\"state ")
                .append(still ? "still" : "run")
                .append("\">Guests ")
                .append(words(owner))
                .append("</div>\n<p>Because ")
                .append(escape(owner.why()))
                .append(".</p>\n");
        if (!owner.change().isEmpty()) {
            text.append("<p class=\"dim\">Until: ").append(escape(owner.change())).append(".</p>");
        }
        for (String other : owner.others()) {
            text.append("<p class=\"dim\">Also: ").append(escape(other)).append(".</p>\n");
        }
        text.append("<form method=\"post\">");
        boolean ordered = owner.rule().equals("pause") || owner.mode().equals("only-idle");
        if (owner.rule().equals("pause")) {
            button(text, "go", "resume", "Resume");
        } else {
            button(text, "big", "pause 3600", "Pause 1 hour");
            button(text, "", "pause 0", "Pause until I resume");
        }
        if (!owner.mode().equals("only-idle")) {
            button(text, "", "only-idle", "Only when idle");
        } else if (ordered && !owner.rule().equals("pause")) {
            button(text, "", "resume", "As in the settings");
        }
        text.append("</form></div>\n");
    }

    private static String words(OwnerReport owner) {
        return switch (owner.state()) {
            case "run" -> "may run";
            case "throttled" -> "may use " + owner.cpuPercent() + " % of their processors";
            default -> "are " + owner.state();
        };
    }

    private static void button(StringBuilder text, String kind, String command, String label) {
        text.append(
                "<button class=\"%s\" name=\"do\" value=\"%s\">%s</button>"
                        .formatted(kind, command, label));
    }

    private static void guests(StringBuilder text, StatusReport report) {
        text.append("<h2>Guests</h2>\n");
        if (report.machines().isEmpty()) {
            text.append("<p class=\"dim\">None.</p>\n");
            return;
        }
        text.append(
                "<table><tr><th>machine</th><th>stage</th><th>paid</th><th>CPU</th>"
                        + "<th>memory</th><th>received</th><th>sent</th></tr>\n");
        for (StatusReport.Machine machine : report.machines()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "<tr><td>%s</td><td>%s</td><td>%s</td><td>%.0f s</td><td>%d MiB</td>"
                                    + "<td>%d KiB</td><td>%d KiB</td></tr>%n",
                            escape(machine.name() + " of " + machine.network()),
                            escape(machine.stage().toLowerCase(Locale.ROOT).replace('_', ' ')),
                            time(machine.runSeconds()),
                            machine.cpuSeconds(),
                            machine.memoryMebibytes(),
                            machine.receivedBytes() >> 10,
                            machine.sentBytes() >> 10));
        }
        text.append("</table>\n");
    }

    private static void money(StringBuilder text, MoneyReport money) {
        text.append("<h2>Money</h2>\n<table><tr><th>earned</th><th>energy</th><th>left</th>")
                .append("<th>asked now</th></tr>\n<tr>");
        for (String value :
                new String[] {
                    money.gross().rounded(4),
                    money.energyKnown() ? money.energy().rounded(4) : "unknown",
                    money.net().rounded(4),
                    money.askNow().rounded(4) + " an hour"
                }) {
            text.append("<td>").append(value).append("</td>");
        }
        text.append("</tr></table>\n");
    }

    private static void seller(StringBuilder text, StatusReport report) {
        text.append("<h2>This computer</h2>\n<table>\n");
        row(text, "selling", report.selling() ? "yes" : "no");
        for (String reason : report.whyNot()) {
            row(text, "", reason);
        }
        row(text, "coordinator", report.coordinator() + ", " + report.connection());
        row(text, "guests are confined", report.confined() ? "yes" : "NO");
        row(
                text,
                "last input",
                report.owner().idleSeconds() < 0
                        ? "nothing can tell"
                        : time(report.owner().idleSeconds())
                                + " ago ("
                                + report.owner().source()
                                + ")");
        row(text, "images shared nearby", report.sharing().line());
        row(text, "next benchmark", report.benchmark().next());
        for (Figure figure : report.benchmark().figures()) {
            row(text, "", figure.line());
        }
        text.append("</table>\n");
    }

    private static void row(StringBuilder text, String name, String value) {
        text.append("<tr><th>")
                .append(escape(name))
                .append("</th><td>")
                .append(escape(value))
                .append("</td></tr>\n");
    }

    private static String time(long seconds) {
        return seconds < 60
                ? seconds + " s"
                : seconds < 3600
                        ? seconds / 60 + " min " + seconds % 60 + " s"
                        : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
