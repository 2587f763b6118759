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
import org.sparegrid.imagetools.container.ContainerFormatException;
import org.sparegrid.imagetools.container.ContainerImage;
import org.sparegrid.imagetools.container.ContainerTree;
import org.sparegrid.imagetools.recipe.FileEntry;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Service;

/// Writes the files and service units of a layer as a tar archive for a tar of the machine itself.
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

    /// Writes `file`; container images are unpacked in `work`.
    static void write(Layer layer, Path file, long epochSeconds, Path work)
            throws IOException, ContainerFormatException {
        try (StageTar stage = new StageTar(Files.newOutputStream(file), epochSeconds)) {
            for (FileEntry entry : layer.files()) {
                switch (entry) {
                    case FileEntry.Text(String to, String content, int mode, String owner) ->
                            stage.text(to, content, mode, owner);
                    case FileEntry.Copy(String to, Path from, String owner) ->
                            stage.tree(to, from, owner);
                }
            }
            for (Service service : layer.services()) {
                stage.service(service, work);
            }
        }
    }

    private void service(Service service, Path work) throws IOException, ContainerFormatException {
        switch (service) {
            case Service.Existing _ -> {}
            case Service.Command command -> unit(command.name(), SystemdUnit.text(command));
            case Service.Script script -> {
                String to = SystemdUnit.SCRIPTS + script.name();
                byte[] content = Files.readAllBytes(script.file());
                bytes(to, content, 0755, "root");
                unit(script.name(), SystemdUnit.text(script));
            }
            case Service.Container container -> container(container, work);
        }
    }

    private void container(Service.Container service, Path work)
            throws IOException, ContainerFormatException {
        Path parts = work.resolve("container-" + service.name());
        ContainerImage image = ContainerImage.read(service.archive(), parts);
        ContainerTree tree = ContainerTree.of(image);
        String root = ContainerUnit.FOLDER + service.name();
        tree.write(tar, root.substring(1), epochSeconds);
        // What the unit mounts there must be there.
        for (String name : new String[] {"/etc/resolv.conf", "/etc/hosts"}) {
            if (!tree.has(name.substring(1))) {
                text(root + name, "", 0644, "root");
            }
        }
        String working = image.config().workingFolder().replaceAll("^/+|/+$", "");
        if (!working.isEmpty() && !tree.has(working)) {
            tar.putArchiveEntry(
                    entry(root + "/" + working + "/", TarConstants.LF_DIR, 0755, "root"));
            tar.closeArchiveEntry();
        }
        unit(service.name(), ContainerUnit.text(service, image.config(), tree));
    }

    private void unit(String name, String unit) throws IOException {
        text("/etc/systemd/system/" + name + ".service", unit, 0644, "root");
    }

    private void text(String to, String content, int mode, String owner) throws IOException {
        bytes(to, content.getBytes(StandardCharsets.UTF_8), mode, owner);
    }

    private void bytes(String to, byte[] bytes, int mode, String owner) throws IOException {
        TarArchiveEntry entry =
                entry(to, TarConstants.LF_NORMAL, TarArchiveEntry.DEFAULT_FILE_MODE, owner);
        entry.setMode(0100000 | mode);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private void tree(String to, Path from, String owner) throws IOException {
        if (!Files.isDirectory(from)) {
            boolean intoFolder = to.endsWith("/");
            copy(intoFolder ? to + from.getFileName() : to, from, owner);
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
                copy(to.endsWith("/") ? to + below : to + "/" + below, path, owner);
            }
        }
    }

    private void copy(String to, Path from, String owner) throws IOException {
        if (Files.isSymbolicLink(from)) {
            TarArchiveEntry entry = entry(to, TarConstants.LF_SYMLINK, 0777, owner);
            entry.setLinkName(Files.readSymbolicLink(from).toString());
            tar.putArchiveEntry(entry);
        } else if (Files.isDirectory(from)) {
            // A folder that the image has keeps its permissions: parents are not written.
            if (!folders.add(to)) {
                return;
            }
            tar.putArchiveEntry(entry(to + "/", TarConstants.LF_DIR, permissions(from), owner));
        } else if (Files.isRegularFile(from)) {
            TarArchiveEntry entry = entry(to, TarConstants.LF_NORMAL, permissions(from), owner);
            entry.setSize(Files.size(from));
            tar.putArchiveEntry(entry);
            Files.copy(from, tar);
        } else {
            throw new IOException(from + ": only files, folders and symbolic links can be added");
        }
        tar.closeArchiveEntry();
    }

    private TarArchiveEntry entry(String to, byte type, int mode, String owner) {
        TarArchiveEntry entry = new TarArchiveEntry(to.substring(1), type);
        entry.setMode(mode);
        entry.setIds(0, 0);
        // tar looks a name up in the machine, where only the packages know its number.
        entry.setNames(owner.equals("root") ? "" : owner, "");
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
