// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Files and folders that only their owner may read, replaced whole or not at all.
public final class AtomicFile {
    private AtomicFile() {}

    /// What writes a file's content.
    public interface Content {
        /// Writes all of it.
        void write(OutputStream out) throws IOException;
    }

    /// Replaces the file; when this returns, the content survives a loss of power.
    public static void write(Path file, byte[] content) throws IOException {
        write(file, out -> out.write(content));
    }

    /// Replaces the file once `content` has written all; if it fails, the file stays as it was.
    public static void write(Path file, Content content) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        try (FileChannel out =
                FileChannel.open(
                        next,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            content.write(Channels.newOutputStream(out));
            out.force(true);
        } catch (IOException | RuntimeException failed) {
            Files.deleteIfExists(next);
            throw failed;
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file.resolveSibling("."));
    }

    /// Removes the file for good.
    public static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            sync(file.resolveSibling("."));
        }
    }

    /// Makes a folder that only its owner may enter, or checks that it is one.
    ///
    /// @throws IOException if somebody else owns it or it is no folder
    public static Path privateFolder(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(folder.resolveSibling("."));
            Files.createDirectory(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                || !owner.equals(Kernel.userId())) {
            throw new IOException(
                    folder + ": expected a folder of user " + Kernel.userId() + ", got " + owner);
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        return folder;
    }

    /// How many names deep a folder must lie to be removed whole, so that a wrong path can never
    /// take a system folder such as `/etc` with it.
    private static final int DEPTH_MIN = 2;

    /// Removes a folder with all that is in it; links are not followed.
    ///
    /// @throws IllegalArgumentException if the folder is `/`, or lies directly in it
    public static void deleteTree(Path folder) throws IOException {
        Path whole = folder.toAbsolutePath().normalize();
        if (whole.getNameCount() < DEPTH_MIN) {
            throw new IllegalArgumentException("refusing to remove " + whole);
        }
        deleteAll(whole);
    }

    private static void deleteAll(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(folder);
            return;
        }
        try (var entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                deleteAll(entry);
            }
        }
        Files.deleteIfExists(folder);
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
