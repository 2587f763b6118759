// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.process.AtomicFile;

/// The versions of this program that updates brought, side by side.
///
/// ```text
/// VERSION/      a release
/// .new/         one that is being unpacked
/// current       a link to the version in use; without it that is the one that was installed
/// trial         new version, old one or -, seconds: the new one has not shown yet that it works
/// trial.starts  a letter for each start of it
/// failed        the version that was given up last, and why
/// lock          held by whoever updates
/// ```
///
/// bin/sparegrid-agent reads and writes some of these, too. The link is replaced in one step, so
/// that there is one version in use at any moment.
public final class Versions {
    /// What stays free on the disk besides a release, in bytes.
    private static final long FREE_BYTES_MIN = 256L << 20;

    private static final String NONE = "-";

    private final Path data;
    private final Path folder;

    /// Those of the agent whose data are in this folder.
    public Versions(Path data) {
        this.data = data;
        this.folder = data.resolve("versions");
    }

    /// A version that has yet to show that it works.
    ///
    /// @param before the version in use before, or empty for the one that was installed
    public record Trial(String version, String before, long seconds) {}

    /// A version that was given up.
    public record Failed(String version, String why) {}

    /// Keeps other updates out until it is closed.
    ///
    /// @throws ReleaseException if another is under way
    public Closeable lock() throws IOException, ReleaseException {
        AtomicFile.privateFolder(data);
        AtomicFile.privateFolder(folder);
        FileChannel channel =
                FileChannel.open(
                        folder.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            @Nullable FileLock held = channel.tryLock();
            if (held != null) {
                return channel;
            }
        } catch (OverlappingFileLockException ours) {
            channel.close();
            throw new ReleaseException("another update is under way");
        }
        channel.close();
        throw new ReleaseException("another update is under way");
    }

    /// The version in use, if an update brought it.
    public Optional<String> current() throws IOException {
        Path link = folder.resolve("current");
        if (!Files.isSymbolicLink(link)) {
            return Optional.empty();
        }
        String target = Files.readSymbolicLink(link).toString();
        return ReleaseVersion.isVersion(target) ? Optional.of(target) : Optional.empty();
    }

    /// Whether the version in use can be started.
    public boolean isCurrentWhole() throws IOException {
        Path link = folder.resolve("current");
        return !Files.exists(link, LinkOption.NOFOLLOW_LINKS)
                || (current().isPresent()
                        && Files.isExecutable(link.resolve("bin/sparegrid-agent")));
    }

    /// Removes the link, so that the installed version is used.
    public void forgetCurrent() throws IOException {
        AtomicFile.delete(folder.resolve("current"));
    }

    /// Makes a place for a release, in which nothing counts until [#keep].
    ReleaseReader.Place place() throws IOException {
        Path fresh = folder.resolve(".new");
        AtomicFile.deleteTree(fresh);
        return new ReleaseReader.Place() {
            @Override
            public void begin(ReleaseManifest manifest) throws IOException, ReleaseException {
                requireRoom(manifest, Files.getFileStore(folder).getUsableSpace(), folder);
                AtomicFile.privateFolder(fresh);
            }

            @Override
            public OutputStream open(ReleaseManifest.Entry entry) throws IOException {
                Path file = fresh.resolve(entry.path());
                Files.createDirectories(file.resolveSibling(".").normalize());
                return synced(file, entry.program());
            }
        };
    }

    static void requireRoom(ReleaseManifest manifest, long freeBytes, Path folder)
            throws ReleaseException {
        if (freeBytes - FREE_BYTES_MIN < manifest.bytes()) {
            throw new ReleaseException(
                    "the disk is too full: version "
                            + manifest.version()
                            + " takes "
                            + (manifest.bytes() >> 20)
                            + " MiB and "
                            + (FREE_BYTES_MIN >> 20)
                            + " MiB stay free; "
                            + (freeBytes >> 20)
                            + " MiB are free in "
                            + folder);
        }
    }

    private static OutputStream synced(Path file, boolean program) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString(
                                        program ? "rwx------" : "rw-------")));
        OutputStream out = java.nio.channels.Channels.newOutputStream(channel);
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
            }

            @Override
            public void close() throws IOException {
                channel.force(true);
                super.close();
            }
        };
    }

    /// Throws away what was unpacked.
    void drop() throws IOException {
        AtomicFile.deleteTree(folder.resolve(".new"));
    }

    /// Takes what was unpacked as a version, and tries it from the next start on.
    void tryOut(String version, long seconds) throws IOException {
        String before = current().orElse("");
        Path whole = folder.resolve(version);
        AtomicFile.deleteTree(whole);
        Files.move(folder.resolve(".new"), whole, StandardCopyOption.ATOMIC_MOVE);
        AtomicFile.delete(folder.resolve("failed"));
        AtomicFile.delete(folder.resolve("trial.starts"));
        write("trial", version + "\n" + (before.isEmpty() ? NONE : before) + "\n" + seconds);
        use(version);
    }

    /// The trial that goes on, if the link still says so.
    public Optional<Trial> trial() throws IOException {
        List<String> lines = lines("trial");
        if (lines.size() != 3 || !lines.get(2).matches("[0-9]{1,6}")) {
            return Optional.empty();
        }
        String before = lines.get(1).equals(NONE) ? "" : lines.get(1);
        return current().equals(Optional.of(lines.get(0)))
                ? Optional.of(new Trial(lines.get(0), before, Long.parseLong(lines.get(2))))
                : Optional.empty();
    }

    /// The version in use works.
    public void confirm() throws IOException {
        AtomicFile.delete(folder.resolve("trial"));
        AtomicFile.delete(folder.resolve("trial.starts"));
    }

    /// Gives the version up that is tried.
    public void goBack(Trial trial, String why) throws IOException {
        write("failed", trial.version() + "\n" + why.replace('\n', ' '));
        back(trial.before());
        confirm();
    }

    /// The version that was given up last, if no update has been begun since.
    public Optional<Failed> failed() throws IOException {
        List<String> lines = lines("failed");
        return lines.size() == 2
                ? Optional.of(new Failed(lines.get(0), lines.get(1)))
                : Optional.empty();
    }

    /// What a killed update left.
    public List<Path> leftovers() throws IOException {
        List<Path> left = new ArrayList<>();
        boolean stale = Files.exists(folder.resolve("trial")) && trial().isEmpty();
        for (String name : List.of(".new", "current.new", "trial.new", "failed.new")) {
            if (Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                left.add(folder.resolve(name));
            }
        }
        if (stale) {
            left.add(folder.resolve("trial"));
        }
        return left;
    }

    /// Takes a version back that no agent has tried yet.
    void abandon(Trial trial) throws IOException {
        back(trial.before());
        confirm();
    }

    private void back(String before) throws IOException {
        if (before.isEmpty()) {
            forgetCurrent();
        } else {
            use(before);
        }
    }

    /// Removes versions that are neither in use nor the one before.
    ///
    /// @param before the version to keep besides, or empty
    public void prune(String before) throws IOException {
        Set<String> kept = new HashSet<>(Set.of(before));
        current().ifPresent(kept::add);
        try (var versions = Files.newDirectoryStream(folder)) {
            for (Path version : versions) {
                String name = String.valueOf(version.getFileName());
                if (ReleaseVersion.isVersion(name) && !kept.contains(name)) {
                    AtomicFile.deleteTree(version);
                }
            }
        }
    }

    private void use(String version) throws IOException {
        Path next = folder.resolve("current.new");
        Files.deleteIfExists(next);
        Files.createSymbolicLink(next, Path.of(version));
        Files.move(
                next,
                folder.resolve("current"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private void write(String name, String text) throws IOException {
        AtomicFile.write(folder.resolve(name), (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private List<String> lines(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                ? Files.readAllLines(file, StandardCharsets.UTF_8)
                : List.of();
    }
}
