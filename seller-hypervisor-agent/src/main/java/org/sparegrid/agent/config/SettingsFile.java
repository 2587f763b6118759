// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Reads and changes the settings file, which is TOML.
public final class SettingsFile {
    /// The longest settings file, in bytes; a hundred times what there is to say.
    private static final int BYTES_MAX = 1 << 16;

    private SettingsFile() {}

    /// Reads the file; without one, everything has its default.
    ///
    /// @throws SettingsException with all faults
    public static Settings load(Path file) throws IOException, SettingsException {
        if (!Files.exists(file)) {
            return parse("", file.toString());
        }
        if (Files.size(file) > BYTES_MAX) {
            throw new SettingsException(file.toString(), List.of("it is longer than 64 KiB"));
        }
        return parse(Files.readString(file), file.toString());
    }

    /// Reads settings from `toml`, which messages call `name`.
    ///
    /// @throws SettingsException with all faults
    public static Settings parse(String toml, String name) throws SettingsException {
        Map<?, ?> values;
        try {
            values = toml.isBlank() ? Map.of() : Format.TOML.read(toml, Map.class);
        } catch (MessageFormatException malformed) {
            throw new SettingsException(name, List.of("it is not TOML: " + malformed.getMessage()));
        }
        List<String> faults = new ArrayList<>();
        Settings settings = new SettingsReader(values, faults).read(hostName());
        if (!faults.isEmpty()) {
            throw new SettingsException(name, faults);
        }
        return settings;
    }

    /// Writes a file with every setting, its default and what it means.
    public static void create(Path file) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        AtomicFile.write(
                file, SettingsReader.template(hostName()).getBytes(StandardCharsets.UTF_8));
    }

    /// Changes or adds one setting and leaves everything else as it is.
    ///
    /// @throws SettingsException if the value is no good; the file is unchanged then
    public static Settings change(Path file, Map<String, String> changes)
            throws IOException, SettingsException {
        List<String> lines =
                new ArrayList<>(Files.exists(file) ? Files.readAllLines(file) : List.of());
        for (Map.Entry<String, String> change : changes.entrySet()) {
            String line = change.getKey() + " = " + change.getValue();
            int at = -1;
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).strip().matches(change.getKey() + "\\s*=.*")) {
                    at = i;
                }
            }
            if (at < 0) {
                lines.add(line);
            } else {
                lines.set(at, line);
            }
        }
        String text = String.join("\n", lines) + "\n";
        Settings settings = parse(text, file.toString());
        Files.createDirectories(file.resolveSibling("."));
        AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
        return settings;
    }

    private static String hostName() {
        try {
            String name =
                    InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "");
            return name.isEmpty() ? "seller" : name.substring(0, Math.min(40, name.length()));
        } catch (IOException noName) {
            return "seller";
        }
    }
}
