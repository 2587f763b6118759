// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.ssh.SshGateway;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Prints how clients know this coordinator.
@Command(
        name = "fingerprint",
        description = {
            "Print the SHA-256 of the coordinator's authority, which clients pin, or",
            "with --ssh that of the SSH gateway's host key."
        })
final class FingerprintCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();

    @Option(names = "--ssh", description = "The host key of the SSH gateway instead.")
    private boolean ssh;

    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        home.settings();
        spec.commandLine()
                .getOut()
                .println(ssh ? sshFingerprint(home.folder()) : fingerprint(home.folder()));
        return 0;
    }

    private static String sshFingerprint(Path folder) throws IOException {
        return SshGateway.fingerprint(identity(folder).sshHostKey());
    }

    private static Identity identity(Path folder) throws IOException {
        return Identity.open(folder.resolve("identity"), java.time.InstantSource.system());
    }

    static X509Certificate authority(Path folder) throws IOException {
        return identity(folder).authority();
    }

    static String fingerprint(Path folder) throws IOException {
        return identity(folder).authorityFingerprint();
    }
}
