// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent;

import org.sparegrid.agent.command.AgentCommand;

/// The program `sparegrid-agent`.
public final class Main {
    private Main() {}

    /// Runs one command.
    public static void main(String[] arguments) {
        System.exit(AgentCommand.execute(arguments));
    }
}
