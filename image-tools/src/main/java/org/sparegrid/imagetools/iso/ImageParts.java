// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Says to which part of an image a range of its bytes belongs, so that damage has a name.
public final class ImageParts {
    private static final int NAMES_MAX = 3;

    private final List<IsoEntry> entries;
    private final String unreadable;

    private ImageParts(List<IsoEntry> entries, String unreadable) {
        this.entries = entries;
        this.unreadable = unreadable;
    }

    /// The parts of `iso`; if it cannot be read as an image, those that every image has.
    public static ImageParts of(Path iso) throws IOException {
        try {
            List<IsoEntry> entries =
                    IsoImage.read(iso).entries().stream()
                            .filter(entry -> entry.sizeBytes() > 0)
                            .sorted(Comparator.comparingLong(IsoEntry::offsetBytes))
                            .toList();
            return new ImageParts(entries, "");
        } catch (IsoFormatException damaged) {
            return new ImageParts(
                    List.of(), ", of an image that cannot be read: " + damaged.getMessage());
        }
    }

    /// Names what lies from `startBytes` to before `endBytes`: files and folders, else structure.
    public String at(long startBytes, long endBytes) {
        List<String> names = new ArrayList<>();
        if (startBytes < IsoLimits.FIRST_DESCRIPTOR_SECTOR * IsoLimits.SECTOR_BYTES) {
            names.add("the boot code and partition table");
        }
        int more = 0;
        for (IsoEntry entry : entries) {
            boolean inside =
                    entry.offsetBytes() < endBytes
                            && entry.offsetBytes() + entry.sizeBytes() > startBytes;
            if (inside && names.size() < NAMES_MAX) {
                names.add((entry.kind() == IsoEntry.Kind.FOLDER ? "folder " : "") + entry.path());
            } else if (inside) {
                more++;
            }
        }
        if (names.isEmpty()) {
            return "the image's own tables or padding" + unreadable;
        }
        return String.join(", ", names) + (more > 0 ? " and " + more + " more" : "") + unreadable;
    }
}
