// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Option;

/// A command whose result is data: a text for people, or JSON with the name of its schema.
abstract class DataCommand extends ShellCommand {
    @Option(
            names = "--json",
            order = 99,
            description = "Print the result as JSON; see 'sparegrid help json'.")
    private boolean json;

    final boolean json() {
        return json;
    }

    /// Prints the result in the form that was asked for.
    ///
    /// @param schema the schema's name and version, such as `sparegrid.wallet/1`
    /// @param value what the JSON text holds
    /// @param text prints the same for people
    final void print(String schema, Object value, Runnable text) {
        if (json) {
            terminal().print(Format.JSON.writeWithSchema(schema, value));
        } else {
            text.run();
        }
    }
}
