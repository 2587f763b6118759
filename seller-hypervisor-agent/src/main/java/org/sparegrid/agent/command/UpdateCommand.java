// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.Closeable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.release.InstalledProgram;
import org.sparegrid.agent.release.ReleaseManifest;
import org.sparegrid.agent.release.ReleaseSource;
import org.sparegrid.agent.release.Update;
import org.sparegrid.agent.release.Versions;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.imagetools.manifest.CreatorKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `update`.
@Command(
        name = "update",
        description = {
            "Put a newer version of this program in its place; guests run on.",
            "The release must be signed with the key in the setting update-key. A version",
            "that does not come up, take up the guests and connect in time is given up again."
        })
final class UpdateCommand implements Callable<Integer> {
    private static final int LIMIT_SECONDS_MIN = 10;
    private static final int LIMIT_SECONDS_MAX = 3600;

    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Parameters(paramLabel = "FILE|URL", description = "The release.")
    private String source = "";

    @Option(names = "--check", description = "Only check the release; nothing changes.")
    private boolean check;

    @Option(names = "--allow-downgrade", description = "Also take an older version.")
    private boolean allowDowngrade;

    @Option(
            names = "--limit",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long the new version has to show that it works; default: 300.")
    private int limitSeconds;

    @Override
    public Integer call() throws Exception {
        AgentCommand.refuseRoot();
        if (limitSeconds < LIMIT_SECONDS_MIN || limitSeconds > LIMIT_SECONDS_MAX) {
            throw new IllegalArgumentException("--limit: expected 10 to 3600 seconds");
        }
        Folders folders = agent.folders();
        String key = SettingsFile.load(folders.settings()).trust().updateKey();
        if (key.isEmpty()) {
            throw new IllegalArgumentException(
                    "no key is trusted to sign updates; get that of whoever makes them, then:"
                            + " sparegrid-agent offer set update-key=KEY");
        }
        Update update =
                new Update(
                        folders,
                        CreatorKey.parse(key),
                        InstalledProgram.version(),
                        new ReleaseSource(SSLContext.getDefault(), agent.err()));
        if (check) {
            ReleaseManifest manifest = update.check(source, allowDowngrade);
            print(
                    manifest.version(),
                    "checked",
                    "version "
                            + manifest.version()
                            + " is good; "
                            + manifest.files().size()
                            + " files, "
                            + InstalledProgram.version()
                            + " is in use");
            return ExitCodes.OK;
        }
        try (Closeable _ = new Versions(folders.data()).lock()) {
            return update(folders, update);
        }
    }

    private int update(Folders folders, Update update) throws Exception {
        Versions versions = new Versions(folders.data());
        Optional<StatusReport> running = update.runningAgent();
        update.abandonTrial(running);
        update.unpack(source, allowDowngrade, Duration.ofSeconds(limitSeconds));
        Versions.Trial trial = versions.trial().orElseThrow();
        agent.err().println("unpacked version " + trial.version());
        agent.err().flush();
        if (running.isEmpty() || !update.restart(trial)) {
            print(
                    trial.version(),
                    "waiting",
                    "no agent runs; its next start tries version " + trial.version());
            return ExitCodes.OK;
        }
        print(
                trial.version(),
                "done",
                "version "
                        + trial.version()
                        + " runs, has taken up "
                        + running.get().machines().size()
                        + " guest(s) and is connected");
        return ExitCodes.OK;
    }

    private void print(String version, String state, String text) {
        agent.print("sparegrid-agent.update/1", Map.of("version", version, "state", state), text);
    }
}
