// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// A value of the JSON in a container image, read as YAML, of which JSON is a part.
record Json(String where, @Nullable Object value) {
    /// Far above any manifest or configuration.
    private static final int BYTES_MAX = 4 << 20;

    static Json read(Path file) throws IOException, ContainerFormatException {
        if (!Files.isRegularFile(file) || Files.size(file) > BYTES_MAX) {
            throw new ContainerFormatException(
                    file.getFileName() + ": expected a file of 4 MiB at most");
        }
        LoadSettings settings =
                LoadSettings.builder()
                        .setCodePointLimit(BYTES_MAX)
                        .setMaxAliasesForCollections(0)
                        .setAllowDuplicateKeys(false)
                        .build();
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        try {
            return new Json(file.getFileName().toString(), new Load(settings).loadFromString(text));
        } catch (YamlEngineException malformed) {
            throw new ContainerFormatException(file.getFileName() + ": expected JSON");
        }
    }

    /// The member `key`, whose value is nothing if it is not there.
    Json at(String key) {
        Object member = value instanceof Map<?, ?> map ? map.get(key) : null;
        return new Json(where + ": " + key, member);
    }

    boolean isThere() {
        return value != null;
    }

    List<Json> list() {
        List<Json> entries = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(entry -> entries.add(new Json(where, entry)));
        }
        return entries;
    }

    String text() throws ContainerFormatException {
        if (value instanceof String text && text.indexOf('\0') < 0) {
            return text;
        }
        throw new ContainerFormatException(where + ": expected a text");
    }

    /// The texts of a list, none if it is not there.
    List<String> texts() throws ContainerFormatException {
        List<String> texts = new ArrayList<>();
        for (Json entry : list()) {
            texts.add(entry.text());
        }
        return texts;
    }
}
