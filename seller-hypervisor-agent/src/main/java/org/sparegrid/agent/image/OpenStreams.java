// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.agent.nbd.NbdServer;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// The images that are served while they come, each once for all its leases. Any thread may call.
final class OpenStreams {
    /// Of a digest's 64 digits: the path of a socket is short.
    private static final int NAME_LENGTH = 16;

    private static final String SOCKETS = "[0-9a-f]".repeat(NAME_LENGTH);

    private static final String MARK = ".served";

    private final Path folder;
    private final Path images;
    private final Map<String, Open> open = new HashMap<>();

    private record Open(StreamedImage image, NbdServer server, Set<String> leases) {}

    /// @param folder for the sockets; a start of the computer may clear it
    /// @param images for what says which images are served, which lasts
    OpenStreams(Path folder, Path images) {
        this.folder = folder;
        this.images = images;
    }

    /// Whether an earlier run of this program served the image to a guest that may still be there.
    boolean wasServed(Sha256Digest digest) {
        return Files.exists(mark(digest)) || Files.exists(socket(digest));
    }

    private Path mark(Sha256Digest digest) {
        return images.resolve(digest + MARK);
    }

    Path socket(Sha256Digest digest) {
        return folder.resolve(digest.toString().substring(0, NAME_LENGTH));
    }

    synchronized boolean isOpen(String digest) {
        return open.containsKey(digest);
    }

    /// Lends an image that is open to one more lease.
    synchronized Optional<GuestImage> lend(String lease, Sha256Digest digest) {
        Open found = open.get(digest.toString());
        if (found == null) {
            return Optional.empty();
        }
        found.leases().add(lease);
        return Optional.of(new GuestImage.Streamed(found.image(), socket(digest)));
    }

    /// Opens an image for its first lease.
    synchronized GuestImage open(String lease, StreamedImage image) throws IOException {
        Sha256Digest digest = image.manifest().sha256();
        AtomicFile.write(mark(digest), new byte[0]);
        NbdServer server = NbdServer.open(socket(digest), image);
        open.put(digest.toString(), new Open(image, server, new HashSet<>(Set.of(lease))));
        return new GuestImage.Streamed(image, socket(digest));
    }

    /// The lease has ended; what nobody needs any more is closed.
    void release(String lease) throws IOException, InterruptedException {
        Open last = null;
        synchronized (this) {
            for (Open each : List.copyOf(open.values())) {
                if (each.leases().remove(lease) && each.leases().isEmpty()) {
                    last = each;
                    open.remove(each.image().manifest().sha256().toString());
                    each.server().close();
                    Files.deleteIfExists(socket(each.image().manifest().sha256()));
                    AtomicFile.delete(mark(each.image().manifest().sha256()));
                }
            }
        }
        if (last != null) {
            last.image().close();
        }
    }

    /// Removes what an earlier run of this program left of its serving other images than these.
    synchronized void keepOnly(Set<String> digests) throws IOException {
        try (var marks = Files.newDirectoryStream(images, "*" + MARK)) {
            for (Path mark : marks) {
                String digest = String.valueOf(mark.getFileName()).replace(MARK, "");
                if (!open.containsKey(digest) && !digests.contains(digest)) {
                    AtomicFile.delete(mark);
                }
            }
        }
        Set<Path> kept = new HashSet<>();
        for (String digest : digests) {
            kept.add(socket(Sha256Digest.parse(digest)));
        }
        try (var sockets = Files.newDirectoryStream(folder, SOCKETS)) {
            for (Path socket : sockets) {
                boolean served =
                        open.keySet().stream()
                                .anyMatch(digest ->
                                        socket(Sha256Digest.parse(digest)).equals(socket));
                if (!served && !kept.contains(socket)) {
                    Files.deleteIfExists(socket);
                }
            }
        }
    }

    /// Lets go of all of them. The marks stay, to say what is to be served again.
    void leave() throws IOException, InterruptedException {
        Set<Open> all;
        synchronized (this) {
            all = new HashSet<>(open.values());
            open.clear();
        }
        for (Open each : all) {
            // The guests first: they wait for the next run of this program, and see no error.
            each.server().close();
            each.image().close();
        }
    }
}
