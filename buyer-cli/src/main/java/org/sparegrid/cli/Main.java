// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli;

import java.util.List;
import org.sparegrid.cli.command.Sparegrid;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.diagnosis.LogSetup;

/// The program `sparegrid`.
///
/// The launcher starts Java with `-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto`, which
/// halves the time of a short command.
public final class Main {
    private Main() {}

    /// Runs one command and ends the process with its exit code.
    public static void main(String[] arguments) {
        List<String> words = List.of(arguments);
        System.setProperty(LogSetup.FILE, Context.of(System.getenv()).logFile().toString());
        int end = words.indexOf("--");
        if (words.subList(0, end < 0 ? words.size() : end).contains("--verbose")) {
            System.setProperty("logback.configurationFile", "logback-verbose.xml");
        }
        System.exit(Sparegrid.run(words, System.getenv()));
    }
}
