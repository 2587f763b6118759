// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.SettingsException;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.process.AtomicFile;

/// Looks at settings, folders and disk.
final class FolderChecks {
    private static final long FREE_BYTES_MIN = 2L << 30;

    /// Files of the agent that are too large to be sane, in bytes.
    private static final long LOG_BYTES_MAX = 64L << 20;

    private static final Set<PosixFilePermission> OTHERS =
            EnumSet.of(
                    PosixFilePermission.GROUP_READ,
                    PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.GROUP_EXECUTE,
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE,
                    PosixFilePermission.OTHERS_EXECUTE);

    private final Host host;
    private final Folders folders;
    private final Findings findings;

    FolderChecks(Host host, Folders folders, Findings findings) {
        this.host = host;
        this.folders = folders;
        this.findings = findings;
    }

    /// The settings, if they can be read.
    @Nullable Settings settings() throws IOException {
        Path file = folders.settings();
        if (!Files.exists(file)) {
            findings.ok("settings", "none: everything has its default");
        } else if (isOpen(
                file,
                EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE))) {
            findings.mendable(
                    "settings-open",
                    "settings",
                    "others may change " + file,
                    "chmod go-w " + file,
                    () -> close(file, "rw-r--r--"));
        }
        try {
            Settings settings = SettingsFile.load(file);
            findings.ok("settings", file.toString());
            return settings;
        } catch (SettingsException bad) {
            findings.fault(
                    "settings-bad", "settings", String.valueOf(bad.getMessage()), "edit " + file);
            return null;
        }
    }

    /// Whether the folders can be used.
    boolean folders() throws IOException {
        boolean good = true;
        for (Path folder : java.util.List.of(folders.data(), folders.runtime())) {
            if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                good = good && folder(folder);
            }
        }
        if (good) {
            folders.create();
            findings.ok("folder", folders.data().toString());
        }
        return good;
    }

    private boolean folder(Path folder) throws IOException {
        Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(host.userId()) || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            findings.fault(
                    "folder-foreign",
                    "folder",
                    folder + " belongs to user " + owner,
                    "sudo rm -r " + folder + ", or use another folder with --home DIR");
            return false;
        }
        return true;
    }

    void secrets() throws IOException {
        Path identity = folders.data().resolve("identity.json");
        if (Files.exists(identity) && isOpen(identity, OTHERS)) {
            findings.mendable(
                    "key-open",
                    "key",
                    "others may read this computer's key",
                    "chmod 600 " + identity,
                    () -> close(identity, "rw-------"));
        }
    }

    void disk(@Nullable Settings settings) throws IOException {
        long free = host.freeBytes(folders.data());
        String text = (free >> 20) + " MiB free for " + folders.data();
        if (free < FREE_BYTES_MIN) {
            findings.fault(
                    "disk-low",
                    "disk",
                    text + "; images need 2048 MiB",
                    "sudo apt-get clean, or use another folder with --home DIR");
        } else if (settings != null && settings.imageCacheBytes() > free + size(folders.images())) {
            findings.advice(
                    "cache-large",
                    "disk",
                    text + ", less than image-cache",
                    "sparegrid-agent offer set image-cache=\"" + (free >> 31) + " GiB\"");
        } else {
            findings.ok("disk", text);
        }
        Path log = folders.data().resolve("log");
        if (size(log) > LOG_BYTES_MAX) {
            findings.mendable(
                    "log-large",
                    "disk",
                    "logs take " + (size(log) >> 20) + " MiB",
                    "rm -r " + log,
                    () -> AtomicFile.deleteTree(log));
        }
    }

    void journal() throws IOException {
        if (!Files.isDirectory(folders.journal())) {
            return;
        }
        try (var damaged = Files.newDirectoryStream(folders.journal(), "*.damaged")) {
            for (Path file : damaged) {
                findings.mendable(
                        "journal-damaged",
                        "journal",
                        "a lease could not be read: " + file.getFileName(),
                        "rm " + file,
                        () -> AtomicFile.delete(file));
            }
        }
    }

    private static long size(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        long bytes = 0;
        try (var files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
            }
        }
        return bytes;
    }

    private static boolean isOpen(Path file, Set<PosixFilePermission> forbidden)
            throws IOException {
        return Files.getPosixFilePermissions(file).stream().anyMatch(forbidden::contains);
    }

    private static void close(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
