// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.SettingsException;
import org.sparegrid.agent.config.SettingsFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `offer show` and `offer set`.
@Command(name = "offer", description = "Show or change what is offered.")
final class OfferCommand {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Command(name = "show", description = "Show what is offered, as the settings say.")
    int show() throws IOException, SettingsException {
        print(SettingsFile.load(agent.folders().settings()), "");
        return ExitCodes.OK;
    }

    @Command(
            name = "set",
            description = "Change settings, as in: offer set price-per-hour=0.08 slots=2")
    int set(
            @Parameters(
                            paramLabel = "SETTING=VALUE",
                            arity = "1..*",
                            description = "What to change.")
                    List<String> changes)
            throws IOException, SettingsException {
        AgentCommand.refuseRoot();
        Map<String, String> values = new LinkedHashMap<>();
        for (String change : changes) {
            int equals = change.indexOf('=');
            if (equals < 1 || !change.substring(0, equals).matches("[a-z-]+")) {
                throw new IllegalArgumentException(
                        "offer set: expected SETTING=VALUE, got " + change);
            }
            values.put(change.substring(0, equals), quoted(change.substring(equals + 1)));
        }
        print(
                SettingsFile.change(agent.folders().settings(), values),
                "\nA running agent offers this once it is started again; its guests run on.");
        return ExitCodes.OK;
    }

    /// Text needs quotes in TOML; numbers, truth values and lists have none.
    private static String quoted(String value) {
        boolean plain = value.matches("true|false|[0-9]{1,9}|\\[.*\\]|\".*\"");
        return plain ? value : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private void print(Settings settings, String more) {
        agent.print(
                "sparegrid-agent.offer/1",
                settings,
                settings.name()
                        + ": "
                        + settings.slots()
                        + " slot(s) of "
                        + settings.size().cpus()
                        + " CPU, "
                        + settings.size().memoryMebibytes()
                        + " MiB memory, "
                        + settings.size().diskMebibytes()
                        + " MiB disk\nprice: "
                        + settings.pricePerHour()
                        + " an hour for each slot\nacceleration: "
                        + settings.acceleration().name().toLowerCase(java.util.Locale.ROOT)
                        + "; sell emulated: "
                        + (settings.sellEmulated() ? "yes" : "no")
                        + "\nUDP port: "
                        + settings.udpPort()
                        + more);
    }
}
