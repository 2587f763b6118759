// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.release.InstalledProgram;
import org.sparegrid.agent.release.ReleaseException;
import org.sparegrid.agent.release.ReleaseKey;
import org.sparegrid.agent.release.ReleaseManifest;
import org.sparegrid.agent.release.ReleaseVersion;
import org.sparegrid.agent.release.ReleaseWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `pack`.
@Command(
        name = "pack",
        description = {
            "For whoever makes releases: pack a build of this program and sign it, or with",
            "--new-key make the key for that."
        })
final class PackCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Option(names = "--new-key", paramLabel = "FILE", description = "Make a key, and end.")
    private @Nullable Path newKey;

    @Option(names = "--key", paramLabel = "FILE", description = "Sign with this key.")
    private @Nullable Path key;

    @Option(names = "--version", paramLabel = "VERSION", description = "Such as 1.4.2.")
    private String version = "";

    @Option(
            names = "--from",
            paramLabel = "DIR",
            description = "The build; default: this program's.")
    private @Nullable Path from;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The archive; default: sparegrid-agent-VERSION.tar.")
    private @Nullable Path output;

    @Override
    public Integer call() throws IOException, ReleaseException {
        if (newKey != null) {
            String made = ReleaseKey.create(newKey).toString();
            agent.print(
                    "sparegrid-agent.release-key/1",
                    Map.of("updateKey", made),
                    "wrote "
                            + newKey
                            + "; sellers trust it with:\n"
                            + "  sparegrid-agent offer set update-key="
                            + made);
            return ExitCodes.OK;
        }
        if (key == null || version.isEmpty()) {
            throw new IllegalArgumentException("pack needs --key FILE and --version VERSION");
        }
        Path root =
                Optional.ofNullable(from)
                        .or(InstalledProgram::root)
                        .orElseThrow(() -> new IllegalArgumentException("pack needs --from DIR"));
        Path archive = output == null ? Path.of("sparegrid-agent-" + version + ".tar") : output;
        ReleaseManifest packed =
                ReleaseWriter.write(
                        root.toRealPath(),
                        new ReleaseVersion(version),
                        ReleaseKey.load(key),
                        archive);
        agent.print(
                "sparegrid-agent.release/1",
                packed,
                "wrote version "
                        + version
                        + " to "
                        + archive
                        + ": "
                        + packed.files().size()
                        + " files, "
                        + (Files.size(archive) >> 20)
                        + " MiB");
        return ExitCodes.OK;
    }
}
