// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.Kernel;

/// Where the agent keeps things.
///
/// @param settings the settings file
/// @param data everything else that must last
public record Folders(Path settings, Path data) {
    /// So that the longest socket below the folder fits into the 107 bytes that Linux allows.
    private static final int RUNTIME_BYTES_MAX = 40;

    /// The folders for this environment.
    ///
    /// @param home the one folder for everything, or empty for the desktop's usual places
    public static Folders of(String home, Map<String, String> environment) {
        if (!home.isEmpty()) {
            Path folder = Path.of(home).toAbsolutePath().normalize();
            return new Folders(folder.resolve("agent.toml"), folder);
        }
        Path user = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "/")));
        Path data = base(environment, "XDG_DATA_HOME", user.resolve(".local/share"));
        Path config = base(environment, "XDG_CONFIG_HOME", user.resolve(".config"));
        return new Folders(
                config.resolve("sparegrid-agent/agent.toml"), data.resolve("sparegrid-agent"));
    }

    private static Path base(Map<String, String> environment, String variable, Path fallback) {
        String value = environment.getOrDefault(variable, "");
        return value.startsWith("/") ? Path.of(value) : fallback;
    }

    /// The folder for sockets: below the data if the path is short enough, else below `/tmp`. It
    /// stays the same for as long as the data folder has its place. A start of the computer may
    /// clear it, so nothing lies there that guests need afterwards.
    public Path runtime() {
        Path near = data.resolve("r");
        if (near.toString().getBytes(StandardCharsets.UTF_8).length <= RUNTIME_BYTES_MAX) {
            return near;
        }
        UUID digest = UUID.nameUUIDFromBytes(data.toString().getBytes(StandardCharsets.UTF_8));
        return Path.of("/tmp/sg-" + Kernel.userId() + "-" + digest.toString().substring(0, 8));
    }

    /// Makes the files for sockets look used, because systems that clear `/tmp` of what is some
    /// days old would take those of libvirtd, and with them its guests.
    public void useRuntime(Instant now) throws IOException {
        try (var files = Files.walk(runtime())) {
            for (Path file : files.toList()) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    use(file, now);
                }
            }
        } catch (UncheckedIOException moving) {
            throw moving.getCause();
        }
    }

    private static void use(Path file, Instant now) throws IOException {
        try {
            Files.setLastModifiedTime(file, FileTime.from(now));
        } catch (NoSuchFileException gone) {
            // What is gone needs no care.
        }
    }

    /// The socket by which `status` and `vms` talk to the running agent.
    public Path controlSocket() {
        return runtime().resolve("a");
    }

    /// The journal's folder.
    public Path journal() {
        return data.resolve("journal");
    }

    /// The folder of logs.
    public Path logs() {
        return data.resolve("log");
    }

    /// What libvirtd says.
    public Path libvirtLog() {
        return logs().resolve("libvirtd.log");
    }

    /// The folder of what leases' buyers trust.
    public Path trust() {
        return data.resolve("trust");
    }

    /// The images' folder.
    public Path images() {
        return data.resolve("images");
    }

    /// The folder of guests' disks.
    public Path disks() {
        return data.resolve("disks");
    }

    /// The folder of guests' definitions and of the memory of those that are parked.
    public Path guests() {
        return data.resolve("guests");
    }

    /// The folder of guests' checkpoints.
    public Path checkpoints() {
        return data.resolve("checkpoints");
    }

    /// The folder of buyers' volumes; on one file system with [#disks], as guests' volumes are
    /// linked there.
    public Path volumes() {
        return data.resolve("volumes");
    }

    /// The folder for the sockets of images that are still coming.
    public Path streams() {
        return runtime().resolve("i");
    }

    /// Makes the folders that must be there.
    public void create() throws IOException {
        AtomicFile.privateFolder(data);
        AtomicFile.privateFolder(runtime());
        AtomicFile.privateFolder(journal());
        AtomicFile.privateFolder(logs());
        AtomicFile.privateFolder(images());
        AtomicFile.privateFolder(checkpoints());
        AtomicFile.privateFolder(volumes());
        AtomicFile.privateFolder(streams());
        Files.createDirectories(settings.resolveSibling("."));
    }
}
