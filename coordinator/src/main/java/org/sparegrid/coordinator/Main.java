// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator;

import org.sparegrid.coordinator.command.CoordinatorCommand;

/// Where the program `sparegrid-coordinator` begins.
public final class Main {
    private Main() {}

    /// Runs one command and exits with its code.
    public static void main(String[] arguments) {
        System.exit(CoordinatorCommand.run(arguments));
    }
}
