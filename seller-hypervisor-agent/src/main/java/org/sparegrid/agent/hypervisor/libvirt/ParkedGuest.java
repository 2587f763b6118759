// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.sparegrid.agent.process.AtomicFile;

/// The file in which libvirt keeps the memory of a parked guest. It lasts until the guest is back
/// or its lease is over, also over a start of the computer.
///
/// @param file whether or not it is there
record ParkedGuest(Path file) {
    /// What a file begins with that libvirt has written to its end; until then it says `Part`.
    ///
    /// Source: QEMU_SAVE_MAGIC and QEMU_SAVE_PARTIAL in libvirt's qemu_saveimage.h.
    private static final byte[] WHOLE = "LibvirtQemudSave".getBytes(StandardCharsets.US_ASCII);

    /// What stays free on the disk whatever is parked, and what a guest's devices and definition
    /// take besides its memory, in bytes.
    private static final long FREE_BYTES_MIN = (1L << 30) + (64L << 20);

    /// Whether all of the guest is in it.
    boolean isWhole() throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return Arrays.equals(in.readNBytes(WHOLE.length), WHOLE);
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    /// Checks that a guest fits on the disk.
    ///
    /// @throws IOException if it doesn't; nothing happened then
    void requireRoom(long memoryBytes) throws IOException {
        Path folder = file;
        while (!Files.isDirectory(folder)) {
            folder = folder.resolve("..").normalize();
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free - FREE_BYTES_MIN < memoryBytes) {
            throw new IOException(
                    "parking a guest of "
                            + (memoryBytes >> 20)
                            + " MiB: expected "
                            + ((memoryBytes + FREE_BYTES_MIN) >> 20)
                            + " MiB free in "
                            + folder
                            + ", got "
                            + (free >> 20)
                            + " MiB; it keeps its memory until there is room");
        }
    }

    /// Returns when the file survives a loss of power.
    void sync() throws IOException {
        for (Path written : new Path[] {file, file.resolveSibling(".")}) {
            try (FileChannel channel = FileChannel.open(written, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /// Removes the file, if it is there.
    void delete() throws IOException {
        AtomicFile.delete(file);
    }
}
