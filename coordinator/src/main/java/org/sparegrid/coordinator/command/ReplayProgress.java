// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/// Says on the terminal how far the reading of a record is, if it takes long.
final class ReplayProgress {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final CommandSpec spec;
    private Instant said = Instant.now();

    ReplayProgress(CommandSpec spec) {
        this.spec = spec;
    }

    void read(double part, long events) {
        Instant now = Instant.now();
        if (Duration.between(said, now).compareTo(PATIENCE) > 0) {
            said = now;
            spec.commandLine()
                    .getErr()
                    .printf(Locale.ROOT, "%.0f %% read, %d events%n", 100 * part, events);
        }
    }
}
