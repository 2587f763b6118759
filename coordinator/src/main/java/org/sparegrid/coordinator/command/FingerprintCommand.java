// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.identity.Identity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Prints how clients know this coordinator.
@Command(
        name = "fingerprint",
        description = "Print the SHA-256 of the coordinator's authority, which clients pin.")
final class FingerprintCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        home.settings();
        spec.commandLine().getOut().println(fingerprint(home.folder()));
        return 0;
    }

    static String fingerprint(Path folder) throws IOException {
        return Identity.open(folder.resolve("identity"), java.time.InstantSource.system())
                .authorityFingerprint();
    }
}
