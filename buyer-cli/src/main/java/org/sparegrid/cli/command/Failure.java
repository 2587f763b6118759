// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

/// A command can't go on; the message says why and, where it helps, what to do.
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    private final ExitCode code;

    Failure(ExitCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    ExitCode code() {
        return code;
    }
}
