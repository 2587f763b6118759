// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.api.SshKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ssh-key` and the keys with which an ordinary SSH client reaches machines' consoles.
@Command(
        name = "ssh-key",
        description = "Keys for the coordinator's SSH gateway: ssh node1.ORDER@COORDINATOR.",
        subcommands = {
            SshKeyCommand.AddCommand.class,
            SshKeyCommand.ListCommand.class,
            SshKeyCommand.RemoveCommand.class
        })
final class SshKeyCommand extends GroupCommand {
    /// Longer than the public half of any key.
    private static final int FILE_MAX_BYTES = 16 << 10;

    @Command(
            name = "add",
            description = {
                "Let a key into the consoles of the account's machines by SSH.",
                "",
                "Whoever has the other half sees and types on the serial console of every",
                "machine of the account. Without FILE it is the key that vm ssh uses."
            },
            footer = "Example: sparegrid ssh-key add ~/.ssh/id_ed25519.pub")
    static final class AddCommand extends DataCommand {
        @Parameters(paramLabel = "FILE", arity = "0..1", description = "The public half.")
        private String file = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            SshKey.Request request;
            try {
                request = new SshKey.Request(line());
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            SshKey added = coordinator().addSshKey(request);
            print(
                    "sparegrid.ssh-key/1",
                    added,
                    () -> terminal().print("Added " + added.fingerprint() + " " + added.name()));
            return 0;
        }

        private String line() throws IOException, Failure, InterruptedException {
            if (file.isEmpty()) {
                return org.sparegrid.cli.context.SshKey.ofUser(shell().context()).publicLine();
            }
            Path path = Path.of(file);
            try {
                if (Files.size(path) > FILE_MAX_BYTES) {
                    throw new Failure(ExitCode.USAGE, file + " is too long for a public key");
                }
                String text = Files.readString(path, StandardCharsets.ISO_8859_1);
                if (text.contains("PRIVATE KEY")) {
                    throw new Failure(
                            ExitCode.USAGE,
                            file + " is the private half; give the file that ends in .pub");
                }
                return text;
            } catch (NoSuchFileException absent) {
                throw new Failure(ExitCode.NOT_FOUND, "there is no file " + file);
            }
        }
    }

    @Command(name = "ls", description = "List those keys, and say where they are good.")
    static final class ListCommand extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            SshKey.Page page = coordinator().sshKeys();
            print("sparegrid.ssh-keys/1", page, () -> show(page));
            return 0;
        }

        private void show(SshKey.Page page) {
            Table table = Table.of("key", "type", "name~", "added");
            for (SshKey key : page.keys()) {
                table.row(
                        key.fingerprint(),
                        key.type(),
                        key.name(),
                        Plain.time(key.created(), shell().clock().getZone()).substring(0, 10));
            }
            terminal().print(table);
            if (page.gateway().isEmpty()) {
                terminal().note("The operator runs no SSH gateway; use sparegrid vm console");
            } else {
                int colon = page.gateway().lastIndexOf(':');
                terminal()
                        .note(
                                "ssh -p "
                                        + page.gateway().substring(colon + 1)
                                        + " node1.ORDER@"
                                        + page.gateway()
                                                .substring(0, colon)
                                                .replaceAll("[\\[\\]]", ""));
                terminal().note("its host key is " + page.hostKey());
            }
        }
    }

    @Command(name = "rm", description = "Remove a key; consoles that it opened close soon.")
    static final class RemoveCommand extends DataCommand {
        @Parameters(paramLabel = "KEY", description = "SHA256:..., as ssh-key ls shows it.")
        private String fingerprint = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            String path;
            try {
                path = SshKey.toPath(fingerprint);
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            coordinator().removeSshKey(path);
            SshKey.Page left = coordinator().sshKeys();
            print("sparegrid.ssh-keys/1", left, () -> terminal().print("Removed " + fingerprint));
            return 0;
        }
    }
}
