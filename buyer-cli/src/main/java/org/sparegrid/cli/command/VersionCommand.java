// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import picocli.CommandLine.Command;

/// `version`.
@Command(name = "version", description = "Show the program's version.")
final class VersionCommand extends DataCommand {
    private record Version(String version, String java) {}

    static String number() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    int run() {
        Version version = new Version(number(), Runtime.version().toString());
        print(
                "sparegrid.version/1",
                version,
                () ->
                        terminal()
                                .print(
                                        "sparegrid "
                                                + version.version()
                                                + ", Java "
                                                + version.java()));
        return 0;
    }
}
