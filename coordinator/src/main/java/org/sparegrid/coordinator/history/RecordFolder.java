// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The files of a market's record.
///
/// @param path the folder
public record RecordFolder(Path path) {
    /// Its name in the data folder.
    public static final String NAME = "market-record";

    private static final Pattern FILE = Pattern.compile("[0-9]{10}[.]record");

    /// The folder of a coordinator.
    public static RecordFolder of(Path dataFolder) {
        return new RecordFolder(dataFolder.resolve(NAME));
    }

    /// All files, oldest first; none if there never was a record.
    List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(path)) {
            return all.filter(each -> FILE.matcher(each.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    /// When the oldest file begins, if there is one that can be read.
    public Optional<Instant> begun() throws IOException {
        for (Path file : files()) {
            try (InputStream in = Files.newInputStream(file)) {
                return Optional.of(Segment.parse(in.readNBytes(Segment.LENGTH)).begun());
            } catch (RecordFormatException | NoSuchFileException next) {
                // A replay tells it.
            }
        }
        return Optional.empty();
    }

    /// The file of that number.
    Path file(long number) {
        return path.resolve("%010d.record".formatted(number));
    }

    /// The number of the next file.
    long next() throws IOException {
        List<Path> files = files();
        return files.isEmpty() ? 1 : number(files.getLast()) + 1;
    }

    /// The number of a file.
    static long number(Path file) {
        return Long.parseLong(file.getFileName().toString(), 0, 10, 10);
    }
}
