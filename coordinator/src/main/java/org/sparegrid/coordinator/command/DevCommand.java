// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A coordinator for trying things on this computer.
@Command(
        name = "dev",
        description = {
            "Run a coordinator for this computer alone: sets one up on 127.0.0.1 if there is none,"
                    + " and serves."
        })
final class DevCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        if (!Files.exists(home.folder().resolve(Settings.FILE))) {
            InitCommand.create(home.folder(), "127.0.0.1", List.of("127.0.0.1", "localhost"), 7443);
        }
        ServeCommand.serve(home, spec.commandLine().getOut());
        return 0;
    }
}
