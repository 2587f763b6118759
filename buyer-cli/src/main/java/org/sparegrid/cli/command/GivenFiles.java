// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that name files for the machines of an order.
final class GivenFiles {
    /// What other clouds allow at most; more belongs into the image or is copied.
    private static final int USER_DATA_BYTES_MAX = 64 * 1024;

    /// A key or a token, not a data set.
    private static final int SECRET_BYTES_MAX = 64 * 1024;

    private static final int SECRETS_MAX = 32;

    @Option(
            names = "--user-data",
            paramLabel = "FILE",
            description = "Give each machine FILE as /run/sparegrid/user-data, 64 KiB at most.")
    private @Nullable Path userData;

    @Option(
            names = "--secret",
            paramLabel = "NAME=FILE",
            description = "Give each machine FILE as /run/sparegrid/secrets/NAME; repeatable.")
    private Map<String, Path> secrets = Map.of();

    /// Reads the files.
    ///
    /// @param detached whether the command will not wait for the machines
    List<Handover.Item> items(boolean detached) throws IOException, Failure {
        List<Handover.Item> items = new ArrayList<>();
        if (userData != null) {
            byte[] content = bytes("--user-data", userData, USER_DATA_BYTES_MAX);
            items.add(Handover.Item.of("/run/sparegrid/user-data", "0644", content));
        }
        items.addAll(secrets(secrets));
        if (detached && !items.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--user-data and --secret need the machines to answer; leave out --detach");
        }
        return items;
    }

    /// Reads secrets by their names.
    static List<Handover.Item> secrets(Map<String, Path> secrets) throws IOException, Failure {
        List<Handover.Item> items = new ArrayList<>();
        for (Map.Entry<String, Path> secret : new TreeMap<>(secrets).entrySet()) {
            if (!secret.getKey().matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")) {
                throw new Failure(
                        ExitCode.USAGE,
                        "--secret: expected a name of letters, digits, '_', '.' and '-', got "
                                + secret.getKey());
            }
            byte[] content = bytes("--secret", secret.getValue(), SECRET_BYTES_MAX);
            String path = "/run/sparegrid/secrets/" + secret.getKey();
            items.add(Handover.Item.of(path, "0400", content));
        }
        if (secrets.size() > SECRETS_MAX) {
            throw new Failure(ExitCode.USAGE, "--secret: at most " + SECRETS_MAX);
        }
        return items;
    }

    private static byte[] bytes(String option, Path file, int bytesMax)
            throws IOException, Failure {
        byte[] content;
        try (var in = Files.newInputStream(file)) {
            content = in.readNBytes(bytesMax + 1);
        }
        if (content.length > bytesMax) {
            throw new Failure(
                    ExitCode.USAGE,
                    option + ": " + file + " is longer than " + bytesMax / 1024 + " KiB");
        }
        return content;
    }
}
