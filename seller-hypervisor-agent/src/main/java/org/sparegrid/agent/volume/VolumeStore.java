// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.volume;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.Tool;
import org.sparegrid.protocol.VolumeId;

/// One file for each volume. Its name is its journal: what was renamed is whole, and survives
/// anything but the disk's end.
///
/// ```text
///   VOLUME.new   being made, removed after a crash
///   VOLUME.raw   kept, and no guest has had it: room on the disk, no more
///   VOLUME.luks  kept, encrypted with its buyer's key
/// ```
///
/// One thread at a time. Source: docs/protocol/volume.md.
public final class VolumeStore {
    /// What stays free on the disk whatever is kept, in bytes.
    private static final long FREE_BYTES_MIN = 1L << 30;

    /// A file system that can't set room aside has to write all of it.
    private static final Duration TOOL_MAX = Duration.ofHours(1);

    /// How long QEMU makes a guess at the key take; the key is random, so it need not.
    private static final int KEY_MILLIS = 10;

    /// How often QEMU may fail to measure how fast it is, which it wants to before it encrypts: on
    /// some kernels the clock of a thread stands still at times.
    private static final int TRIES = 10;

    private static final String NO_CLOCK = "Unable to get accurate CPU usage";

    private static final Pattern FILE = Pattern.compile("(vol-[a-z2-7]{12})[.](raw|luks)");

    private static final String RAW = ".raw";
    private static final String ENCRYPTED = ".luks";
    private static final String UNFINISHED = ".new";

    private final Path folder;
    private final int gibibytesMax;

    /// A volume on the disk.
    ///
    /// @param empty whether no guest has had it
    public record Kept(VolumeId id, long bytes, boolean empty) {
        /// Its size as it was ordered.
        public long gibibytes() {
            return bytes >> 30;
        }
    }

    /// Keeps the files in `folder`, which must exist.
    ///
    /// @param gibibytesMax how much all of them together may take; what is there stays if it is
    ///   more
    public VolumeStore(Path folder, int gibibytesMax) {
        this.folder = folder;
        this.gibibytesMax = gibibytesMax;
    }

    /// Removes what a crash left half made.
    public synchronized void recover() throws IOException {
        try (var files = Files.newDirectoryStream(folder, "*" + UNFINISHED)) {
            for (Path file : files) {
                AtomicFile.delete(file);
            }
        }
    }

    /// What is kept.
    public synchronized List<Kept> list() throws IOException {
        List<Kept> kept = new ArrayList<>();
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Matcher name = FILE.matcher(String.valueOf(file.getFileName()));
                if (name.matches() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    kept.add(
                            new Kept(
                                    new VolumeId(name.group(1)),
                                    Files.size(file),
                                    name.group(2).equals("raw")));
                }
            }
        }
        kept.sort(Comparator.comparing(each -> each.id().value()));
        return kept;
    }

    /// The volume of that name.
    public synchronized Optional<Kept> find(VolumeId id) throws IOException {
        return list().stream().filter(kept -> kept.id().equals(id)).findFirst();
    }

    /// Makes room for a volume, unless there is.
    ///
    /// @throws IOException if there is none, saying why
    public synchronized void make(VolumeId id, int gibibytes) throws IOException {
        if (find(id).isPresent()) {
            return;
        }
        long kept = list().stream().mapToLong(Kept::gibibytes).sum();
        if (kept + gibibytes > gibibytesMax) {
            throw new IOException(
                    "this computer keeps %d GiB of at most %d GiB for volumes, so that %d more do not fit"
                            .formatted(kept, gibibytesMax, gibibytes));
        }
        long bytes = (long) gibibytes << 30;
        if (Files.getFileStore(folder).getUsableSpace() - FREE_BYTES_MIN < bytes) {
            throw new IOException("the disk of this computer is too full for it");
        }
        Path unfinished = file(id, UNFINISHED);
        AtomicFile.delete(unfinished);
        try {
            image(
                    new byte[0],
                    List.of("-f", "raw", "-o", "preallocation=falloc"),
                    unfinished,
                    bytes);
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
            settle(unfinished, file(id, RAW));
        } catch (IOException failed) {
            AtomicFile.delete(unfinished);
            throw failed;
        }
    }

    /// The file of a volume that a guest is to have, encrypted with `key` if no guest had it yet.
    ///
    /// @param key 32 bytes in base64
    /// @throws IOException if there is no such volume
    public synchronized Path open(VolumeId id, String key) throws IOException {
        Path encrypted = file(id, ENCRYPTED);
        if (Files.exists(encrypted)) {
            return encrypted;
        }
        Path raw = file(id, RAW);
        if (!Files.exists(raw)) {
            throw new IOException("volume " + id + " is not on this computer");
        }
        // Nobody's data are in it yet: after a crash this is done again.
        image(
                key.getBytes(StandardCharsets.US_ASCII),
                List.of(
                        "-f",
                        "luks",
                        "--object",
                        "secret,id=key,file=/dev/stdin",
                        "-o",
                        "key-secret=key,preallocation=falloc,iter-time=" + KEY_MILLIS),
                raw,
                Files.size(raw));
        settle(raw, encrypted);
        return encrypted;
    }

    /// Removes a volume for good, if it is there.
    public synchronized void drop(VolumeId id) throws IOException {
        for (String state : List.of(UNFINISHED, RAW, ENCRYPTED)) {
            AtomicFile.delete(file(id, state));
        }
    }

    private static void image(byte[] input, List<String> options, Path file, long bytes)
            throws IOException {
        Path tool =
                Tool.find("qemu-img")
                        .orElseThrow(
                                () -> new IOException("qemu-img is missing; install qemu-utils"));
        List<String> words = new ArrayList<>(List.of(tool.toString(), "create", "-q"));
        words.addAll(options);
        words.addAll(List.of(file.toString(), String.valueOf(bytes)));
        String[] command = words.toArray(String[]::new);
        try {
            Tool.Answer answer = Tool.run(TOOL_MAX, input, command);
            for (int i = 1; i < TRIES && answer.output().contains(NO_CLOCK); i++) {
                answer = Tool.run(TOOL_MAX, input, command);
            }
            if (answer.exitCode() != 0) {
                throw new IOException(Arrays.toString(command) + ": " + answer.output().strip());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a volume was made", stop);
        }
    }

    /// Gives a whole file its lasting name.
    private void settle(Path from, Path to) throws IOException {
        try (FileChannel whole = FileChannel.open(from, StandardOpenOption.WRITE)) {
            whole.force(true);
        }
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private Path file(VolumeId id, String state) {
        return folder.resolve(id.value() + state);
    }
}
