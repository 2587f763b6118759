// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// The terminals: the kernel notes when each was last read, in steps of 8 s.
public final class Terminals implements ActivitySource {
    private final Path devices;
    private final InstantSource clock;

    /// @param devices `/dev`
    public Terminals(Path devices, InstantSource clock) {
        this.devices = devices;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "terminals";
    }

    @Override
    public Optional<Duration> idle() throws IOException {
        Instant newest = newest(devices, "tty[0-9]*");
        Path pseudo = devices.resolve("pts");
        if (Files.isDirectory(pseudo)) {
            Instant other = newest(pseudo, "[0-9]*");
            newest = other.isAfter(newest) ? other : newest;
        }
        if (newest.equals(Instant.MIN)) {
            return Optional.empty();
        }
        Duration idle = Duration.between(newest, clock.instant());
        return Optional.of(idle.isNegative() ? Duration.ZERO : idle);
    }

    @Override
    public void close() {}

    private static Instant newest(Path folder, String names) throws IOException {
        Instant newest = Instant.MIN;
        try (var terminals = Files.newDirectoryStream(folder, names)) {
            for (Path terminal : terminals) {
                Instant at = read(terminal);
                newest = at.isAfter(newest) ? at : newest;
            }
        }
        return newest;
    }

    /// When it was read last; one that was closed meanwhile has no say.
    private static Instant read(Path terminal) throws IOException {
        try {
            return ((FileTime) Files.getAttribute(terminal, "lastAccessTime")).toInstant();
        } catch (NoSuchFileException closed) {
            return Instant.MIN;
        }
    }
}
