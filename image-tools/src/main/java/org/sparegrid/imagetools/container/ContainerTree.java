// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// The files of a container image: its layers over one another, with what upper ones remove gone.
///
/// Source: OCI image specification 1.1, layer.md.
public final class ContainerTree {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final int ENTRIES_MAX = 1_000_000;
    private static final int PASSWD_BYTES_MAX = 1 << 20;

    private final ContainerImage image;

    /// Which layer a path comes from.
    private final TreeMap<String, Integer> winners = new TreeMap<>();

    private String passwd = "";

    private ContainerTree(ContainerImage image) {
        this.image = image;
    }

    /// Finds out which files of `image` are to be seen.
    ///
    /// @throws ContainerFormatException if a layer is no tar file or leads out of the tree
    public static ContainerTree of(ContainerImage image)
            throws IOException, ContainerFormatException {
        ContainerTree tree = new ContainerTree(image);
        for (int layer = 0; layer < image.layers().size(); layer++) {
            tree.scan(layer);
        }
        return tree;
    }

    private interface Visitor {
        void visit(String path, TarArchiveEntry entry, TarArchiveInputStream content)
                throws IOException, ContainerFormatException;
    }

    private void each(int layer, Visitor visitor) throws IOException, ContainerFormatException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(ContainerImage.open(image.layers().get(layer)))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                visitor.visit(path(entry.getName()), entry, tar);
            }
        } catch (IllegalArgumentException malformed) {
            throw new ContainerFormatException(
                    image.layers().get(layer).getFileName() + ": expected a tar file");
        }
    }

    /// The path without a slash at either end; empty for the root.
    static String path(String name) throws ContainerFormatException {
        StringBuilder path = new StringBuilder();
        for (String part : name.split("/", -1)) {
            if (part.equals("..") || part.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
                throw new ContainerFormatException("a file's name leads out of the tree or is odd");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                path.append(path.isEmpty() ? "" : "/").append(part);
            }
        }
        return path.toString();
    }

    private void scan(int layer) throws IOException, ContainerFormatException {
        each(
                layer,
                (path, entry, content) -> {
                    String folder = path.substring(0, path.lastIndexOf('/') + 1);
                    String name = path.substring(folder.length());
                    if (name.equals(OPAQUE)) {
                        below(folder).values().removeIf(from -> from < layer);
                    } else if (name.startsWith(WHITEOUT)) {
                        remove(folder + name.substring(WHITEOUT.length()), layer);
                    } else if (!path.isEmpty()) {
                        add(path, entry, layer);
                    }
                    if (path.equals("etc/passwd") && entry.isFile()) {
                        byte[] bytes = content.readNBytes(PASSWD_BYTES_MAX);
                        passwd = new String(bytes, StandardCharsets.UTF_8);
                    }
                });
    }

    private void add(String path, TarArchiveEntry entry, int layer)
            throws ContainerFormatException {
        if (!entry.isDirectory()) {
            remove(path, layer);
        }
        winners.put(path, layer);
        if (winners.size() > ENTRIES_MAX) {
            throw new ContainerFormatException("expected at most 1000000 files");
        }
    }

    private void remove(String path, int layer) {
        winners.computeIfPresent(path, (_, from) -> from < layer ? null : from);
        below(path + "/").values().removeIf(from -> from < layer);
    }

    private SortedMap<String, Integer> below(String folder) {
        return folder.isEmpty()
                ? winners
                : winners.subMap(folder, folder.substring(0, folder.length() - 1) + "0");
    }

    /// Writes the files below the folder `prefix`, a path without slashes at its ends, with the
    /// time `epochSeconds`. Devices are left out: the machine has its own.
    public void write(TarArchiveOutputStream out, String prefix, long epochSeconds)
            throws IOException, ContainerFormatException {
        for (int i = 0; i < image.layers().size(); i++) {
            int layer = i;
            each(
                    layer,
                    (path, entry, content) -> {
                        boolean wins = Integer.valueOf(layer).equals(winners.get(path));
                        if (wins && !entry.isCharacterDevice() && !entry.isBlockDevice()) {
                            TarArchiveEntry copy = copied(prefix, path, entry, epochSeconds);
                            out.putArchiveEntry(copy);
                            if (entry.isFile()) {
                                content.transferTo(out);
                            }
                            out.closeArchiveEntry();
                        }
                    });
        }
    }

    private static TarArchiveEntry copied(
            String prefix, String path, TarArchiveEntry entry, long epochSeconds)
            throws ContainerFormatException {
        String name = prefix + "/" + path + (entry.isDirectory() ? "/" : "");
        TarArchiveEntry copy = new TarArchiveEntry(name, kind(entry));
        copy.setMode(entry.getMode() & 07777);
        copy.setIds((int) entry.getLongUserId(), (int) entry.getLongGroupId());
        copy.setNames("", "");
        copy.setModTime(epochSeconds * 1000);
        if (entry.isSymbolicLink()) {
            copy.setLinkName(entry.getLinkName());
        } else if (entry.isLink()) {
            copy.setLinkName(prefix + "/" + path(entry.getLinkName()));
        } else if (entry.isFile()) {
            copy.setSize(entry.getSize());
        }
        return copy;
    }

    private static byte kind(TarArchiveEntry entry) {
        if (entry.isDirectory()) {
            return TarConstants.LF_DIR;
        } else if (entry.isSymbolicLink()) {
            return TarConstants.LF_SYMLINK;
        } else if (entry.isLink()) {
            return TarConstants.LF_LINK;
        }
        return entry.isFIFO() ? TarConstants.LF_FIFO : TarConstants.LF_NORMAL;
    }

    /// Whether there is a file, folder or link at `path`, such as `usr/bin/env`.
    public boolean has(String path) {
        return winners.containsKey(path);
    }

    /// The numbers of the user and of its group that `etc/passwd` has for `name`, with a colon.
    public Optional<String> user(String name) {
        return passwd.lines()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length >= 4 && fields[0].equals(name))
                .filter(fields -> (fields[2] + fields[3]).matches("[0-9]{2,20}"))
                .map(fields -> fields[2] + ":" + fields[3])
                .findFirst();
    }

    /// Every path, for messages and tests.
    List<String> paths() {
        return List.copyOf(winners.keySet());
    }
}
