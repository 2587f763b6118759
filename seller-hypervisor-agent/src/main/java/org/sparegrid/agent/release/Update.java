// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.agent.status.StatusSocket;
import org.sparegrid.imagetools.manifest.CreatorKey;

/// Puts a release in the place of this program. Guests run on.
public final class Update {
    /// Between two looks at the agent that starts.
    private static final long LOOK_MILLIS = 250;

    /// What the old version takes to end and come back, besides the trial.
    private static final long RETURN_SECONDS = 120;

    private final Folders folders;
    private final Versions versions;
    private final CreatorKey trusted;
    private final String running;
    private final ReleaseSource releases;

    /// @param running the version of this program
    public Update(Folders folders, CreatorKey trusted, String running, ReleaseSource releases) {
        this.releases = releases;
        this.folders = folders;
        this.versions = new Versions(folders.data());
        this.trusted = trusted;
        this.running = running;
    }

    /// Forgets a version that an update brought which was killed before any agent tried it.
    ///
    /// @throws ReleaseException if an agent tries it now
    public void abandonTrial(Optional<StatusReport> agent) throws IOException, ReleaseException {
        Optional<Versions.Trial> trial = versions.trial();
        if (trial.isEmpty()) {
            return;
        }
        String version = trial.get().version();
        if (agent.isPresent() && agent.get().ask().agentVersion().equals(version)) {
            throw new ReleaseException(
                    "version " + version + " has yet to show that it works; try again later");
        }
        versions.abandon(trial.get());
    }

    /// Reads and checks all of a release, and changes nothing.
    public ReleaseManifest check(String source, boolean allowDowngrade)
            throws IOException, InterruptedException, ReleaseException {
        try (InputStream in = releases.open(source)) {
            return new ReleaseReader(in, trusted)
                    .read(
                            new ReleaseReader.Place() {
                                @Override
                                public void begin(ReleaseManifest manifest)
                                        throws ReleaseException {
                                    require(manifest, allowDowngrade);
                                }

                                @Override
                                public OutputStream open(ReleaseManifest.Entry entry) {
                                    return OutputStream.nullOutputStream();
                                }
                            });
        }
    }

    /// Unpacks a release beside this program, and has the next start try it.
    public void unpack(String source, boolean allowDowngrade, Duration limit)
            throws IOException, InterruptedException, ReleaseException {
        boolean taken = false;
        try (InputStream in = releases.open(source)) {
            ReleaseReader.Place place = versions.place();
            ReleaseManifest manifest =
                    new ReleaseReader(in, trusted)
                            .read(
                                    new ReleaseReader.Place() {
                                        @Override
                                        public void begin(ReleaseManifest coming)
                                                throws IOException, ReleaseException {
                                            require(coming, allowDowngrade);
                                            place.begin(coming);
                                        }

                                        @Override
                                        public OutputStream open(ReleaseManifest.Entry entry)
                                                throws IOException {
                                            return place.open(entry);
                                        }
                                    });
            versions.tryOut(manifest.version(), limit.toSeconds());
            taken = true;
        } finally {
            if (!taken) {
                versions.drop();
            }
        }
    }

    /// Has the running agent give its place to the version that is to be tried, and waits until
    /// that has shown that it works.
    ///
    /// @return false if no agent runs
    /// @throws ReleaseException if it doesn't work, and the old one is back
    public boolean restart(Versions.Trial trial)
            throws IOException, InterruptedException, ReleaseException {
        if (!StatusSocket.restart(folders.controlSocket())) {
            return false;
        }
        long waited = 0;
        while (versions.trial().isPresent()) {
            Thread.sleep(LOOK_MILLIS);
            waited += LOOK_MILLIS;
            if (waited > (trial.seconds() + RETURN_SECONDS) * 1000) {
                throw new ReleaseException(
                        "version "
                                + trial.version()
                                + " has not shown in time that it works; see sparegrid-agent"
                                + " status, logs and doctor");
            }
        }
        Optional<Versions.Failed> failed = versions.failed();
        if (failed.isPresent()) {
            throw new ReleaseException(
                    "version "
                            + failed.get().version()
                            + " was given up, the one before is back: "
                            + failed.get().why());
        }
        return true;
    }

    /// The running agent's report. One that isn't connected can't be updated: whether the new
    /// version works could not be told.
    public Optional<StatusReport> runningAgent() throws IOException, ReleaseException {
        Optional<StatusReport> report = StatusSocket.ask(folders.controlSocket());
        if (report.isPresent() && !report.get().connects()) {
            throw new ReleaseException(
                    "the agent is not connected ("
                            + report.get().connection()
                            + "), so that nobody could tell whether a new version is; try again"
                            + " when it is, or stop it first");
        }
        return report;
    }

    private void require(ReleaseManifest manifest, boolean allowDowngrade) throws ReleaseException {
        if (manifest.version().equals(running)) {
            throw new ReleaseException("version " + running + " is the one in use");
        }
        boolean older =
                ReleaseVersion.isVersion(running)
                        && new ReleaseVersion(manifest.version())
                                        .compareTo(new ReleaseVersion(running))
                                < 0;
        if (older && !allowDowngrade) {
            throw new ReleaseException(
                    "version "
                            + manifest.version()
                            + " is older than "
                            + running
                            + ", which is in use; if that is what you want: --allow-downgrade");
        }
    }
}
