// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.client.UnreachableException;

/// What the program's exit code says; `sparegrid help exit-codes` prints this table.
enum ExitCode {
    OK(0, "done"),
    FAILED(1, "failed; the message says why"),
    USAGE(2, "the command line or a file given to it is wrong"),
    NOT_FOUND(3, "no such thing, or no offer matches"),
    AUTHENTICATION(4, "not logged in, or not allowed"),
    FUNDS(5, "not enough money, or above the limit that was set"),
    TIMEOUT(6, "not finished in time"),
    UNREACHABLE(7, "the coordinator or a machine can't be reached"),
    GUEST(8, "a machine ended before its work was done"),
    EVIDENCE(9, "evidence is forged, or something about it does not hold"),
    POLICY(10, "evidence is genuine, but the policy wants more"),
    INTERRUPTED(130, "interrupted by Ctrl-C");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    int number() {
        return number;
    }

    String meaning() {
        return meaning;
    }

    /// The code for whatever a command threw.
    static ExitCode of(Throwable failure) {
        return switch (failure) {
            case Failure ours -> ours.code();
            case RefusedException refused -> ofProblem(refused.name());
            case UnreachableException _ -> UNREACHABLE;
            case InterruptedException _ -> INTERRUPTED;
            case IOException _ -> FAILED;
            default -> FAILED;
        };
    }

    private static ExitCode ofProblem(String name) {
        return switch (name) {
            case "unauthenticated", "forbidden" -> AUTHENTICATION;
            case "not-found", "no-match" -> NOT_FOUND;
            case "funds", "cost-cap" -> FUNDS;
            case "invalid" -> USAGE;
            default -> FAILED;
        };
    }
}
