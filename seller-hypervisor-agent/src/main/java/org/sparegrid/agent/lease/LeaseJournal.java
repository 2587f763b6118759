// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Keeps one file for each lease, replaced whole before anything is done that it tells of.
public final class LeaseJournal {
    private static final System.Logger LOG = System.getLogger(LeaseJournal.class.getName());

    /// Where a member ended whose open port nobody knew of.
    private static final Pattern MEMBER_END = Pattern.compile("(\"endpoints\":\\[[^{}]*])\\s*}");

    private final Path folder;

    /// Keeps the files in `folder`, which must exist.
    public LeaseJournal(Path folder) {
        this.folder = folder;
    }

    /// Writes down a lease; when this returns, it survives anything but the disk's end.
    public void write(LeaseRecord lease) throws IOException {
        AtomicFile.write(file(lease.id()), Format.JSON.write(lease));
    }

    /// Forgets a lease.
    public void remove(LeaseId lease) throws IOException {
        AtomicFile.delete(file(lease));
    }

    /// All leases that were written down. A file that can't be read is put aside, so that its guest
    /// counts as unknown and is removed.
    public List<LeaseRecord> load() throws IOException {
        List<LeaseRecord> leases = new ArrayList<>();
        try (var files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                try {
                    leases.add(Format.JSON.read(complete(file), LeaseRecord.class));
                } catch (MessageFormatException damaged) {
                    LOG.log(
                            System.Logger.Level.ERROR,
                            () ->
                                    "lease unreadable file="
                                            + file
                                            + " cause="
                                            + damaged.getMessage());
                    Files.move(file, file.resolveSibling(file.getFileName() + ".damaged"));
                }
            }
        }
        return leases;
    }

    /// What a file says, with what agents that knew nothing of open ports did not write down of
    /// members.
    private static byte[] complete(Path file) throws IOException {
        String text = Files.readString(file);
        return text.contains("\"openPort\"")
                ? text.getBytes(StandardCharsets.UTF_8)
                : MEMBER_END
                        .matcher(text)
                        .replaceAll("$1,\"openPort\":false}")
                        .getBytes(StandardCharsets.UTF_8);
    }

    private Path file(LeaseId lease) {
        return folder.resolve(lease + ".json");
    }
}
