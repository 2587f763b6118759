// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.context;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// The folder in which the program keeps what it must remember; only its owner can read it.
///
/// ```text
/// settings.json       coordinator, authority, e-mail
/// token               the session's bearer token
/// image-key           signs images
/// ssh/id_ed25519      logs in to machines
/// volumes/vol-….key   opens one volume; whoever loses it loses what is in the volume
/// networks/net-…/     key, daemon state, order and known hosts of one network
/// sparegrid.log       what the libraries log
/// ```
public final class Context {
    private final Path folder;

    private Context(Path folder) {
        this.folder = folder;
    }

    /// The context that the environment names: SPAREGRID_HOME, else `sparegrid` in XDG_CONFIG_HOME
    /// or `~/.config`.
    public static Context of(Map<String, String> environment) {
        String own = environment.getOrDefault("SPAREGRID_HOME", "");
        if (!own.isEmpty()) {
            return new Context(Path.of(own).toAbsolutePath());
        }
        String configuration = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path parent =
                configuration.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".config")
                        : Path.of(configuration);
        return new Context(parent.resolve("sparegrid").toAbsolutePath());
    }

    public Path folder() {
        return folder;
    }

    public Path logFile() {
        return folder.resolve("sparegrid.log");
    }

    public Path imageKeyFile() {
        return folder.resolve("image-key");
    }

    /// The file with the key of a volume: 32 bytes in base64.
    public Path volumeKeyFile(VolumeId volume) {
        return folder.resolve("volumes").resolve(volume.value() + ".key");
    }

    /// The state of one network on this computer.
    public NetworkFolder network(NetworkId network) {
        return new NetworkFolder(
                this, network, folder.resolve("networks").resolve(network.value()));
    }

    /// The networks of which this computer keeps a state.
    public List<NetworkFolder> networks() throws IOException {
        Path parent = folder.resolve("networks");
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        List<NetworkFolder> found = new ArrayList<>();
        try (Stream<Path> children = Files.list(parent)) {
            children.map(child -> String.valueOf(child.getFileName()))
                    .filter(name -> name.matches("net-[a-z2-7]{12}"))
                    .sorted()
                    .forEach(name -> found.add(network(new NetworkId(name))));
        }
        return found;
    }

    /// The settings; empty before `register` or `login`.
    public Optional<Settings> settings() throws IOException {
        Path file = folder.resolve("settings.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Format.JSON.read(Files.readAllBytes(file), Settings.class));
        } catch (MessageFormatException damaged) {
            throw new IOException(file + ": " + damaged.getMessage() + "; log in again", damaged);
        }
    }

    /// Stores the settings and the session's token.
    public void save(Settings settings, String token) throws IOException {
        write(folder.resolve("settings.json"), Format.JSON.write(settings));
        write(folder.resolve("token"), token.getBytes(StandardCharsets.US_ASCII));
    }

    /// The token of the session; empty when logged out. SPAREGRID_TOKEN goes before it.
    public Optional<String> token(Map<String, String> environment) throws IOException {
        String given = environment.getOrDefault("SPAREGRID_TOKEN", "");
        if (!given.isEmpty()) {
            return Optional.of(given);
        }
        Path file = folder.resolve("token");
        return Files.exists(file)
                ? Optional.of(Files.readString(file, StandardCharsets.US_ASCII).strip())
                : Optional.empty();
    }

    /// Forgets the session.
    public void forgetToken() throws IOException {
        Files.deleteIfExists(folder.resolve("token"));
    }

    /// Makes a folder that only its owner can enter.
    public void makeFolder(Path path) throws IOException {
        Files.createDirectories(
                path,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /// Writes a file that only its owner can read, whole or not at all.
    public void write(Path file, byte[] content) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            makeFolder(parent);
        }
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        Files.createFile(
                next,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(next, content, StandardOpenOption.TRUNCATE_EXISTING);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
