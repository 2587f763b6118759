// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Says which program this is.
@Command(name = "version", description = "Show the program's version.")
final class VersionCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        spec.commandLine()
                .getOut()
                .println(
                        "sparegrid-coordinator "
                                + (version == null ? "development" : version)
                                + ", Java "
                                + Runtime.version());
        return 0;
    }
}
