// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Walks the folders of an image, each extent once.
///
/// Source: ECMA-119, section 9.1.
final class DirectoryWalk {
    private static final int RECORD_BYTES_MIN = 34;
    private static final int FLAGS_OFFSET = 25;
    private static final int NAME_LENGTH_OFFSET = 32;
    private static final int NAME_OFFSET = 33;
    private static final int FLAG_FOLDER = 0x02;
    private static final int FLAG_MORE_EXTENTS = 0x80;

    private record Folder(String path, long offsetBytes, long sizeBytes, int depth) {}

    private final IsoBytes bytes;
    private final Map<String, IsoEntry> entries = new LinkedHashMap<>();
    private final Set<Long> visited = new HashSet<>();
    private final Deque<Folder> open = new ArrayDeque<>();
    private long foldersBytes;
    private int skip;
    private boolean rockRidge;

    private DirectoryWalk(IsoBytes bytes) {
        this.bytes = bytes;
    }

    /// Everything below the folder that `root` describes.
    static DirectoryWalk of(IsoBytes bytes, ByteBuffer root)
            throws IOException, IsoFormatException {
        DirectoryWalk walk = new DirectoryWalk(bytes);
        walk.enter(new Folder("", extent(root), size(root), 0));
        while (!walk.open.isEmpty()) {
            walk.list(walk.open.removeFirst());
        }
        return walk;
    }

    Map<String, IsoEntry> entries() {
        return entries;
    }

    boolean rockRidge() {
        return rockRidge;
    }

    private static long extent(ByteBuffer record) {
        return Integer.toUnsignedLong(record.getInt(2)) * IsoLimits.SECTOR_BYTES;
    }

    private static long size(ByteBuffer record) {
        return Integer.toUnsignedLong(record.getInt(10));
    }

    private void enter(Folder folder) throws IsoFormatException {
        long sector = folder.offsetBytes / IsoLimits.SECTOR_BYTES;
        if (!visited.add(folder.offsetBytes)) {
            throw new IsoFormatException(
                    "expected each folder once, \""
                            + folder.path
                            + "\" leads back to sector "
                            + sector);
        }
        if (folder.depth > IsoLimits.DEPTH_MAX) {
            throw new IsoFormatException("expected folders at most 32 deep, at sector " + sector);
        }
        if (folder.sizeBytes > IsoLimits.FOLDER_BYTES_MAX) {
            throw new IsoFormatException(
                    "expected a folder of 16 MiB at most at sector "
                            + sector
                            + ", got "
                            + folder.sizeBytes
                            + " bytes");
        }
        foldersBytes += folder.sizeBytes;
        if (foldersBytes > IsoLimits.FOLDERS_BYTES_MAX) {
            throw new IsoFormatException("expected folders of 64 MiB at most together");
        }
        open.addLast(folder);
    }

    private void list(Folder folder) throws IOException, IsoFormatException {
        ByteBuffer content = bytes.read("folder", folder.offsetBytes, (int) folder.sizeBytes);
        int offset = 0;
        while (offset < content.limit()) {
            int length = content.get(offset) & 0xff;
            int sectorEnd = (offset / IsoLimits.SECTOR_BYTES + 1) * IsoLimits.SECTOR_BYTES;
            if (length == 0) {
                // Records do not cross sectors; the rest of this one is empty.
                offset = sectorEnd;
                continue;
            }
            long sector = (folder.offsetBytes + offset) / IsoLimits.SECTOR_BYTES;
            if (length < RECORD_BYTES_MIN
                    || offset + length > Math.min(sectorEnd, content.limit())) {
                throw new IsoFormatException(
                        "expected a folder record of 34 bytes or more within sector "
                                + sector
                                + ", got "
                                + length);
            }
            record(folder, content.slice(offset, length).order(content.order()), sector);
            offset += length;
        }
    }

    private void record(Folder folder, ByteBuffer record, long sector)
            throws IOException, IsoFormatException {
        int nameLength = record.get(NAME_LENGTH_OFFSET) & 0xff;
        int useOffset = NAME_OFFSET + nameLength + (nameLength % 2 == 0 ? 1 : 0);
        if (nameLength == 0 || NAME_OFFSET + nameLength > record.limit()) {
            throw new IsoFormatException("expected a name within its record in sector " + sector);
        }
        boolean self = nameLength == 1 && record.get(NAME_OFFSET) == 0;
        boolean parent = nameLength == 1 && record.get(NAME_OFFSET) == 1;
        int start = Math.min(useOffset, record.limit());
        ByteBuffer use = record.slice(start, record.limit() - start).order(record.order());
        if (self && folder.depth == 0) {
            skip = skip(use);
        }
        if (self || parent) {
            return;
        }
        RockRidge rock = RockRidge.read(bytes, use, skip, sector);
        rockRidge |= rock.present();
        String name = rock.name().isEmpty() ? plainName(record, nameLength) : rock.name();
        checkName(name, sector);
        add(folder, folder.path.isEmpty() ? name : folder.path + "/" + name, record, rock);
    }

    /// Bytes that SUSP says to skip in each record, from the `SP` entry of the root's first record.
    private static int skip(ByteBuffer use) {
        boolean sharing =
                use.limit() >= 7
                        && VolumeDescriptors.text(use, 0, 2).equals("SP")
                        && (use.get(4) & 0xff) == 0xbe
                        && (use.get(5) & 0xff) == 0xef;
        return sharing ? use.get(6) & 0xff : 0;
    }

    private static String plainName(ByteBuffer record, int nameLength) {
        String name = VolumeDescriptors.text(record, NAME_OFFSET, nameLength);
        int version = name.indexOf(';');
        String unversioned = version < 0 ? name : name.substring(0, version);
        return unversioned.replaceAll("\\.$", "").toLowerCase(Locale.ROOT);
    }

    private static void checkName(String name, long sector) throws IsoFormatException {
        boolean bad =
                name.isEmpty()
                        || name.equals(".")
                        || name.equals("..")
                        || name.chars().anyMatch(c -> c == '/' || c < ' ' || c == 0x7f);
        if (bad) {
            throw new IsoFormatException(
                    "expected a name without \"/\", control characters or \"..\" in sector "
                            + sector);
        }
    }

    private void add(Folder folder, String path, ByteBuffer record, RockRidge rock)
            throws IsoFormatException {
        boolean isFolder = (record.get(FLAGS_OFFSET) & FLAG_FOLDER) != 0;
        long offsetBytes = extent(record);
        long sizeBytes = size(record);
        if (sizeBytes > 0) {
            bytes.requireInside("\"" + shown(path) + "\"", offsetBytes, sizeBytes);
        }
        if (entries.size() >= IsoLimits.ENTRIES_MAX) {
            throw new IsoFormatException("expected at most 200000 files and folders");
        }
        IsoEntry.Kind kind = isFolder ? IsoEntry.Kind.FOLDER : IsoEntry.Kind.FILE;
        if (rock.special() || rock.relocated()) {
            kind = IsoEntry.Kind.OTHER;
        }
        IsoEntry entry = new IsoEntry(path, kind, offsetBytes, sizeBytes);
        IsoEntry before = entries.putIfAbsent(path, entry);
        if (before != null) {
            entries.put(path, joined(before, entry));
        } else if (isFolder) {
            enter(new Folder(path, offsetBytes, sizeBytes, folder.depth + 1));
        }
        boolean more = (record.get(FLAGS_OFFSET) & FLAG_MORE_EXTENTS) != 0;
        if (more && isFolder) {
            throw new IsoFormatException("expected folder \"" + shown(path) + "\" in one piece");
        }
    }

    /// A file above 4 GiB has several records of one name, one behind the other.
    private static IsoEntry joined(IsoEntry before, IsoEntry next) throws IsoFormatException {
        boolean continues =
                before.kind() == IsoEntry.Kind.FILE
                        && next.kind() == IsoEntry.Kind.FILE
                        && next.offsetBytes() == before.offsetBytes() + before.sizeBytes();
        if (!continues) {
            throw new IsoFormatException("expected \"" + shown(before.path()) + "\" once");
        }
        return new IsoEntry(
                before.path(),
                before.kind(),
                before.offsetBytes(),
                before.sizeBytes() + next.sizeBytes());
    }

    private static String shown(String path) {

        return path.length() > 80 ? path.substring(0, 80) + "…" : path;
    }
}
