// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the account's password comes from.
final class Password {
    private static final int FILE_BYTES_MAX = 1000;

    private Password() {}

    /// The first line of the file given, else of the file in SPAREGRID_PASSWORD_FILE, else what the
    /// person at the terminal types.
    static String of(Shell shell, @Nullable Path given, boolean twice) throws IOException, Failure {
        String named = shell.environment().getOrDefault("SPAREGRID_PASSWORD_FILE", "");
        if (given != null) {
            return fromFile(given, "password");
        }
        if (!named.isEmpty()) {
            return fromFile(Path.of(named), "password");
        }
        Optional<Console> console = Optional.ofNullable(System.console());
        if (!shell.terminal().interactive() || console.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "there is no terminal to ask for the password; write it to a file and give"
                            + " --password-file FILE, or set SPAREGRID_PASSWORD_FILE");
        }
        String password = typed(console.get(), "Password: ");
        if (twice && !password.equals(typed(console.get(), "Once more: "))) {
            throw new Failure(ExitCode.USAGE, "the two passwords differ");
        }
        return password;
    }

    private static String typed(Console console, String prompt) throws Failure {
        char[] typed = console.readPassword(prompt);
        if (typed == null) {
            throw new Failure(ExitCode.INTERRUPTED, "no password was given");
        }
        return new String(typed);
    }

    /// The first line of a file that holds a secret.
    ///
    /// @param what the secret is, for messages
    static String fromFile(Path file, String what) throws IOException, Failure {
        if (!Files.isReadable(file)) {
            throw new Failure(ExitCode.USAGE, "the " + what + " file " + file + " can't be read");
        }
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new Failure(ExitCode.USAGE, file + " is too long for a " + what + " file");
        }
        String secret = Files.readString(file).lines().findFirst().orElse("");
        if (secret.isEmpty()) {
            throw new Failure(ExitCode.USAGE, "the " + what + " file " + file + " is empty");
        }
        return secret;
    }
}
