// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Makes the data folder of a new coordinator.
@Command(
        name = "init",
        description = "Set up a coordinator: its data folder, settings and certificate authority.")
final class InitCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--public-address",
            required = true,
            paramLabel = "HOST",
            description =
                    "A host name or address by which clients reach it; may be given several times."
                            + " The first stands in join tokens.")
    List<String> addresses = List.of();

    @Option(names = "--port", paramLabel = "PORT", description = "The HTTPS port (default: 7443).")
    int port = 7443;

    @Override
    public Integer call() throws Exception {
        Path folder = home.folder();
        addresses.forEach(Settings::host);
        create(folder, "0.0.0.0", addresses, port);
        String fingerprint = FingerprintCommand.fingerprint(folder);
        spec.commandLine()
                .getOut()
                .println(
                        """
                        The coordinator is set up in %s
                        Its authority's fingerprint, which clients pin:
                          %s
                        Start it with:
                          sparegrid-coordinator serve --home %s\
                        """
                                .formatted(folder, fingerprint, folder));
        return 0;
    }

    static void create(Path folder, String listenAddress, List<String> addresses, int port)
            throws IOException {
        Path settings = folder.resolve(Settings.FILE);
        if (Files.exists(settings)) {
            throw new IOException(
                    "there is a coordinator in " + folder + " already; choose another --home");
        }
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(
                folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        Files.writeString(settings, Settings.template(listenAddress, addresses, port));
    }
}
