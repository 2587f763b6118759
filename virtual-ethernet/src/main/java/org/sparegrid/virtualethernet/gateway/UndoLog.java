// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.sparegrid.virtualethernet.system.Programs;

/// Remembers in a file, one command a line, how to take back what was changed in this computer's
/// network. A line is there before its change is made, so that the next start can take back what a
/// process that was killed has left.
public final class UndoLog {
    private static final System.Logger LOG = System.getLogger(UndoLog.class.getName());
    private static final Set<String> PROGRAMS = Set.of("ip", "nft", "iptables", "sysctl");

    private final Path file;

    /// A log in that file, which need not exist.
    public UndoLog(Path file) {
        this.file = file;
    }

    /// Notes the command that takes back a change that is about to be made.
    public void note(String... command) throws IOException {
        for (String word : command) {
            if (word.isEmpty() || !word.matches("[!-~]+")) {
                throw new IllegalArgumentException("undo: expected plain words, got " + word);
            }
        }
        Files.writeString(
                file,
                String.join(" ", command) + "\n",
                StandardCharsets.US_ASCII,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND,
                StandardOpenOption.SYNC);
    }

    /// Takes back all changes, the newest first. One that cannot be taken back, mostly because it
    /// is gone already, does not keep the others.
    public void undo() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.getOwner(file, LinkOption.NOFOLLOW_LINKS)
                .equals(Files.getOwner(Path.of("/proc/self")))) {
            throw new IOException(file + ": belongs to another user; look at it and delete it");
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
        for (String line : lines.reversed()) {
            List<String> command = List.of(line.split(" ", -1));
            if (!PROGRAMS.contains(command.getFirst())) {
                throw new IOException(file + ": expected one of " + PROGRAMS + ", got " + line);
            }
            try {
                Programs.run(command);
            } catch (IOException gone) {
                LOG.log(Level.DEBUG, () -> "nothing to take back cause=" + gone.getMessage());
            }
        }
        Files.delete(file);
    }
}
