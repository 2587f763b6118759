// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.manifest.Manifest;

/// What a guest read of its image until it was up, in the order in which it did.
///
/// The file has a line for each chunk: its number in the image, from 0. It only says what to fetch
/// first, so that a wrong one costs time and nothing else; one that can't be read is none.
final class BootTrace {
    /// Longer than any file of [Manifest#CHUNKS_MAX] lines.
    private static final long FILE_BYTES_MAX = 8L * Manifest.CHUNKS_MAX;

    private final Set<Integer> read = new LinkedHashSet<>();
    private boolean over;

    /// Notes that the guest wanted this chunk.
    ///
    /// @return whether it did so for the first time
    synchronized boolean wanted(int chunk) {
        return !over && read.add(chunk);
    }

    /// The guest is up; what it reads now isn't the boot.
    ///
    /// @return the chunks, the first time; nothing later
    synchronized List<Integer> end() {
        if (over) {
            return List.of();
        }
        over = true;
        List<Integer> all = List.copyOf(read);
        read.clear();
        return all;
    }

    static void write(Path file, List<Integer> chunks) throws IOException {
        StringBuilder text = new StringBuilder();
        chunks.forEach(chunk -> text.append(chunk).append('\n'));
        AtomicFile.write(file, text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /// The chunks to fetch first, or none.
    static List<ChunkReference> read(Path file, Manifest manifest) throws IOException {
        List<ChunkReference> chunks = new ArrayList<>();
        if (!Files.exists(file) || Files.size(file) > FILE_BYTES_MAX) {
            return chunks;
        }
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            if (!line.matches("[0-9]{1,6}") || Integer.parseInt(line) >= manifest.chunks().size()) {
                return List.of();
            }
            chunks.add(manifest.chunks().get(Integer.parseInt(line)));
        }
        return chunks;
    }
}
