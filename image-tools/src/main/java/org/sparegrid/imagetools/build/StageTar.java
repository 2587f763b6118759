// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.sparegrid.imagetools.recipe.FileEntry;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Service;

/// Writes the files and service units of a layer as a tar archive in which root owns everything.
final class StageTar implements AutoCloseable {
    private final TarArchiveOutputStream tar;
    private final long epochSeconds;
    private final Set<String> folders = new TreeSet<>();

    private StageTar(OutputStream out, long epochSeconds) {
        this.tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        this.tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        this.tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        this.tar.setAddPaxHeadersForNonAsciiNames(true);
        this.epochSeconds = epochSeconds;
    }

    static void write(Layer layer, Path file, long epochSeconds) throws IOException {
        try (StageTar stage = new StageTar(Files.newOutputStream(file), epochSeconds)) {
            for (FileEntry entry : layer.files()) {
                switch (entry) {
                    case FileEntry.Text(String to, String content, int mode) ->
                            stage.text(to, content, mode);
                    case FileEntry.Copy(String to, Path from) -> stage.tree(to, from);
                }
            }
            for (Service service : layer.services()) {
                if (service instanceof Service.Command command) {
                    stage.text(unitPath(command), unit(command), 0644);
                }
            }
        }
    }

    private static String unitPath(Service.Command service) {
        return "/etc/systemd/system/" + service.name() + ".service";
    }

    static String unit(Service.Command service) {
        return """
        [Unit]
        Description=%s
        After=network.target sparegrid-hostname.service

        [Service]
        ExecStart=%s
        Restart=%s
        RestartSec=2

        [Install]
        WantedBy=multi-user.target
        """
                .formatted(service.name(), service.command(), service.restart());
    }

    private void text(String to, String content, int mode) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry =
                entry(to, TarConstants.LF_NORMAL, TarArchiveEntry.DEFAULT_FILE_MODE);
        entry.setMode(0100000 | mode);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private void tree(String to, Path from) throws IOException {
        if (!Files.isDirectory(from)) {
            boolean intoFolder = to.endsWith("/");
            copy(intoFolder ? to + from.getFileName() : to, from);
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(from)) {
            paths = walk.sorted().toList();
        } catch (UncheckedIOException failure) {
            throw new IOException("reading " + from, failure.getCause());
        }
        for (Path path : paths) {
            String below = from.relativize(path).toString();
            if (!below.isEmpty()) {
                copy(to.endsWith("/") ? to + below : to + "/" + below, path);
            }
        }
    }

    private void copy(String to, Path from) throws IOException {
        if (Files.isSymbolicLink(from)) {
            TarArchiveEntry entry = entry(to, TarConstants.LF_SYMLINK, 0777);
            entry.setLinkName(Files.readSymbolicLink(from).toString());
            tar.putArchiveEntry(entry);
        } else if (Files.isDirectory(from)) {
            // A folder that the image has keeps its permissions: parents are not written.
            if (!folders.add(to)) {
                return;
            }
            tar.putArchiveEntry(entry(to + "/", TarConstants.LF_DIR, permissions(from)));
        } else if (Files.isRegularFile(from)) {
            TarArchiveEntry entry = entry(to, TarConstants.LF_NORMAL, permissions(from));
            entry.setSize(Files.size(from));
            tar.putArchiveEntry(entry);
            Files.copy(from, tar);
        } else {
            throw new IOException(from + ": only files, folders and symbolic links can be added");
        }
        tar.closeArchiveEntry();
    }

    private TarArchiveEntry entry(String to, byte type, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(to.substring(1), type);
        entry.setMode(mode);
        entry.setIds(0, 0);
        entry.setNames("", "");
        entry.setModTime(epochSeconds * 1000);
        return entry;
    }

    private static int permissions(Path path) throws IOException {
        // "rwxr-x---": one character for each of the nine bits.
        String letters =
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
        int mode = 0;
        for (int i = 0; i < letters.length(); i++) {
            mode = (mode << 1) | (letters.charAt(i) == '-' ? 0 : 1);
        }
        return mode;
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
