// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.diagnosis;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The log of the selling agent: a file that grows to 2 MiB, and four older ones.
///
/// @param folder the private folder of all logs
public record AgentLog(Path folder) {
    /// The files, the newest first; [LogSetup] names the same ones.
    private static final List<String> NAMES =
            List.of("agent.log", "agent.1.log", "agent.2.log", "agent.3.log", "agent.4.log");

    /// Has this program write the log from now on.
    public void begin() {
        LogSetup.addFiles(folder);
    }

    /// The last lines, the oldest first.
    public List<String> last(int lines) throws IOException {
        List<String> found = new ArrayList<>();
        for (String name : NAMES) {
            if (found.size() < lines) {
                found.addAll(0, lines(folder.resolve(name)));
            }
        }
        return found.subList(Math.max(0, found.size() - lines), found.size());
    }

    /// The last lines of any file; none if it is missing.
    public static List<String> last(Path file, int lines) throws IOException {
        List<String> found = lines(file);
        return found.subList(Math.max(0, found.size() - lines), found.size());
    }

    /// Where the log ends now, for [#copyFrom].
    public long end() throws IOException {
        Path newest = newest();
        return Files.exists(newest) ? Files.size(newest) : 0;
    }

    /// Copies what was written since a place in the newest file.
    ///
    /// @return where to go on; it is an earlier place if a new file was begun
    public long copyFrom(long place, OutputStream out) throws IOException {
        try (FileChannel file = FileChannel.open(newest(), StandardOpenOption.READ)) {
            long from = file.size() < place ? 0 : place;
            ByteBuffer some = ByteBuffer.allocate(1 << 16);
            for (int n = file.read(some, from); n > 0; n = file.read(some, from)) {
                out.write(some.array(), 0, n);
                some.clear();
                from += n;
            }
            return from;
        } catch (NoSuchFileException beingReplaced) {
            return 0;
        }
    }

    private Path newest() {
        return folder.resolve(NAMES.getFirst());
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            // A guest's name or a message may hold any bytes.
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }
}
