// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import org.sparegrid.imagetools.disk.DiskFormatException;
import org.sparegrid.imagetools.disk.DiskReport;
import org.sparegrid.imagetools.disk.FileKind;
import org.sparegrid.imagetools.disk.Qcow2File;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.iso.ImageReport;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.manifest.Medium;

/// An image file that the user named: an ISO, a raw disk, or a qcow2 disk, of which the raw one is
/// unpacked for as long as this is open.
final class GivenImage implements AutoCloseable {
    /// What the file is.
    sealed interface Content {
        record Iso(ImageReport report) implements Content {}

        record Disk(DiskReport report) implements Content {}
    }

    private final Path file;
    private final boolean unpacked;
    private final Content content;

    private GivenImage(Path file, boolean unpacked, Content content) {
        this.file = file;
        this.unpacked = unpacked;
        this.content = content;
    }

    /// Looks at `given`, and turns its faults into failures.
    static GivenImage open(Path given) throws IOException, Failure {
        try {
            return FileKind.of(given) == FileKind.QCOW2
                    ? unpack(given)
                    : new GivenImage(given, false, content(given));
        } catch (IsoFormatException | DiskFormatException unsound) {
            throw new Failure(ExitCode.USAGE, given + ": " + unsound.getMessage());
        } catch (NoSuchFileException missing) {
            throw new Failure(ExitCode.NOT_FOUND, "there is no file " + given);
        }
    }

    private static GivenImage unpack(Path given)
            throws IOException, DiskFormatException, IsoFormatException {
        try (Qcow2File qcow2 = Qcow2File.open(given)) {
            Path raw = Files.createTempFile("sparegrid-disk", ".raw");
            boolean done = false;
            try {
                qcow2.writeRaw(raw);
                GivenImage image = new GivenImage(raw, true, content(raw));
                done = true;
                return image;
            } finally {
                if (!done) {
                    Files.delete(raw);
                }
            }
        }
    }

    private static Content content(Path raw)
            throws IOException, DiskFormatException, IsoFormatException {
        return FileKind.of(raw) == FileKind.RAW_DISK
                ? new Content.Disk(DiskReport.inspect(raw))
                : new Content.Iso(ImageReport.inspect(raw));
    }

    /// The file with the image's bytes as a machine sees them.
    Path file() {
        return file;
    }

    /// Whether it was a qcow2 file.
    boolean isUnpacked() {
        return unpacked;
    }

    Content content() {
        return content;
    }

    Medium medium() {
        return content instanceof Content.Disk ? Medium.DISK : Medium.CD;
    }

    /// The disk that a machine needs to start from it, in MiB; none for a CD.
    long diskMebibytes() throws IOException {
        return medium() == Medium.DISK ? (Files.size(file) + (1 << 20) - 1) >> 20 : 0;
    }

    /// How a machine can start from it; not empty.
    ///
    /// @throws Failure if it cannot
    Set<BootMode> bootModes() throws Failure {
        Set<BootMode> modes =
                switch (content) {
                    case Content.Iso(var report) -> report.bootModes();
                    case Content.Disk(var report) -> report.bootModes();
                };
        if (modes.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "no boot code and no EFI partition; no machine can start from this disk");
        }
        return modes;
    }

    /// Whether a machine stands still at its boot menu until somebody presses a key.
    boolean menuWaits() {
        return content instanceof Content.Iso(var report) && report.menuWaits();
    }

    /// Removes what was unpacked.
    @Override
    public void close() throws IOException {
        if (unpacked) {
            Files.deleteIfExists(file);
        }
    }
}
