// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.context;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An OpenSSH key pair without a passphrase, made by `ssh-keygen`.
///
/// @param file the private half
/// @param publicLine the public half as it stands in `authorized_keys`
public record SshKey(Path file, String publicLine) {
    private static final int KEYGEN_SECONDS_MAX = 20;

    /// The pair at `file`, made if it isn't there.
    ///
    /// @param comment what is written behind the public half
    public static SshKey at(Context context, Path file, String comment)
            throws IOException, InterruptedException {
        Path open = file.resolveSibling(file.getFileName() + ".pub");
        if (!Files.exists(file) || !Files.exists(open)) {
            context.makeFolder(file.resolveSibling("").toAbsolutePath().normalize());
            Files.deleteIfExists(file);
            make(file, comment);
        }
        return new SshKey(file, Files.readString(open, StandardCharsets.UTF_8).strip());
    }

    /// The pair with which this user logs in to machines.
    public static SshKey ofUser(Context context) throws IOException, InterruptedException {
        return at(context, context.folder().resolve("ssh").resolve("id_ed25519"), "sparegrid");
    }

    private static void make(Path file, String comment) throws IOException, InterruptedException {
        ProcessBuilder keygen =
                new ProcessBuilder(
                        List.of(
                                "ssh-keygen",
                                "-q",
                                "-t",
                                "ed25519",
                                "-N",
                                "",
                                "-C",
                                comment,
                                "-f",
                                file.toString()));
        Process process = keygen.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readNBytes(4000), StandardCharsets.UTF_8);
        if (!process.waitFor(KEYGEN_SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("ssh-keygen did not end; is OpenSSH installed properly");
        }
        if (process.exitValue() != 0) {
            throw new IOException("ssh-keygen failed: " + said.strip());
        }
    }
}
