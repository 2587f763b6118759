// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.util.Map;
import org.sparegrid.imagetools.recipe.Execution;
import org.sparegrid.imagetools.recipe.Service;

/// Writes the systemd units of a layer's own services.
///
/// Source: systemd.service(5), systemd.exec(5), systemd.syntax(7).
final class SystemdUnit {
    /// Where the scripts of services lie in the machine.
    static final String SCRIPTS = "/usr/lib/sparegrid/services/";

    private SystemdUnit() {}

    /// A unit that keeps a command running.
    static String text(Service.Command service) {
        return head(service.name(), service.execution())
                + "ExecStart="
                + service.command()
                + "\nRestart="
                + service.restart()
                + "\nRestartSec=2\n"
                + tail(service.execution());
    }

    /// A unit that runs a script once at each boot; it counts as active from then on.
    static String text(Service.Script service) {
        return head(service.name(), service.execution())
                + "Type=oneshot\nRemainAfterExit=yes\nExecStart="
                + SCRIPTS
                + service.name()
                + "\n"
                + tail(service.execution());
    }

    static String head(String name, Execution execution) {
        StringBuilder after = new StringBuilder("network.target sparegrid-hostname.service");
        execution.after().forEach(other -> after.append(' ').append(other).append(".service"));
        return "[Unit]\nDescription=" + name + "\nAfter=" + after + "\n\n[Service]\n";
    }

    static String tail(Execution execution) {
        StringBuilder text = new StringBuilder();
        if (!execution.user().equals("root")) {
            text.append("User=").append(execution.user()).append('\n');
        }
        for (Map.Entry<String, String> variable : execution.environment().entrySet()) {
            text.append("Environment=\"").append(variable.getKey()).append('=');
            text.append(escape(variable.getValue())).append("\"\n");
        }
        return text.append("\n[Install]\nWantedBy=multi-user.target\n").toString();
    }

    static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%");
    }
}
