// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent;

/// The program `sparegrid-agent`.
public final class Main {
    private Main() {}

    /// Runs one command.
    public static void main(String[] arguments) {
        System.exit(2);
    }
}
