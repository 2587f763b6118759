// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.context.Settings;
import org.sparegrid.cli.output.Terminal;

/// Where a command runs: its terminal, its environment and what the user has stored.
record Shell(Terminal terminal, Map<String, String> environment, Context context, Clock clock) {
    Shell {
        environment = Map.copyOf(environment);
    }

    Settings settings() throws IOException, Failure {
        return context.settings()
                .orElseThrow(() ->
                        new Failure(
                                ExitCode.AUTHENTICATION,
                                "no coordinator is set; run sparegrid register URL"
                                        + " --authority-sha256 HEX --email YOU@EXAMPLE.ORG,"
                                        + " or login if you have an account"));
    }

    /// The coordinator, with the session's token.
    Coordinator coordinator() throws IOException, Failure {
        Settings settings = settings();
        Optional<String> token = context.token(environment);
        if (token.isEmpty()) {
            throw new Failure(ExitCode.AUTHENTICATION, "you are logged out; run sparegrid login");
        }
        return Coordinator.at(settings, token);
    }
}
