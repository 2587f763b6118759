// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.release.ReleaseException;
import org.sparegrid.agent.release.Versions;

/// Looks at what updates left.
final class UpdateChecks {
    private final Path data;
    private final Versions versions;
    private final Findings findings;

    UpdateChecks(Path data, Findings findings) {
        this.data = data;
        this.versions = new Versions(data);
        this.findings = findings;
    }

    void check() throws IOException {
        if (!Files.isDirectory(data.resolve("versions"))) {
            return;
        }
        try (Closeable _ = versions.lock()) {
            checkAlone();
        } catch (ReleaseException underWay) {
            findings.ok("update", String.valueOf(underWay.getMessage()));
        }
    }

    private void checkAlone() throws IOException {
        if (!versions.isCurrentWhole()) {
            findings.mendable(
                    "update-broken",
                    "update",
                    "the version in use can't be started; the installed one is used",
                    "sparegrid-agent doctor --fix",
                    versions::forgetCurrent);
        }
        List<Path> left = versions.leftovers();
        if (!left.isEmpty()) {
            findings.mendable(
                    "update-half",
                    "update",
                    "an update was cut off: " + left,
                    "sparegrid-agent doctor --fix",
                    () -> {
                        for (Path each : left) {
                            AtomicFile.deleteTree(each);
                        }
                    });
        }
        Optional<Versions.Trial> trial = versions.trial();
        Optional<Versions.Failed> failed = versions.failed();
        if (trial.isPresent()) {
            findings.advice(
                    "update-trial",
                    "update",
                    "version " + trial.get().version() + " has yet to show that it works",
                    "sparegrid-agent run");
        } else if (failed.isPresent()) {
            findings.advice(
                    "update-failed",
                    "update",
                    "version " + failed.get().version() + " was given up: " + failed.get().why(),
                    "sparegrid-agent update FILE, with a version that works");
        }
    }
}
