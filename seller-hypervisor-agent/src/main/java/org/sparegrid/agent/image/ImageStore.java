// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.imagetools.assembly.ChunkMismatchException;
import org.sparegrid.imagetools.assembly.ImageAssembler;
import org.sparegrid.imagetools.assembly.VerifiedImage;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.CreatorKey;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.ManifestFormatException;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// The images on this computer, each a file named by its digest.
///
/// Images of past leases stay until the room is needed, the longest unused first. A file is checked
/// in full each time before a guest boots from it.
public final class ImageStore {
    private static final System.Logger LOG = System.getLogger(ImageStore.class.getName());

    /// Enough to keep a link of 40 ms and 100 Mbit/s busy with chunks of 64 KiB.
    private static final int FETCHES_AT_ONCE = 8;

    private final Path folder;
    private final long bytesMax;
    private final OpenStreams streams;
    private final boolean streaming;
    private final Sharing sharing;

    /// Digests of files that a lease checks or fetches right now; at most one for each slot.
    private final Set<String> busy = new HashSet<>();

    /// Keeps images in `folder`, those that no lease uses in at most `bytesMax` bytes.
    ///
    /// @param sockets where images are served that are still coming
    /// @param streaming whether guests may start before their image is here
    public ImageStore(Path folder, long bytesMax, Path sockets, boolean streaming) {
        this(folder, bytesMax, sockets, streaming, Sharing.NONE);
    }

    /// @param sharing exchanges images with neighbours while leases use them
    public ImageStore(
            Path folder, long bytesMax, Path sockets, boolean streaming, Sharing sharing) {
        this.sharing = sharing;
        this.folder = folder;
        this.bytesMax = bytesMax;
        this.streams = new OpenStreams(sockets, folder);
        this.streaming = streaming;
    }

    /// An image that is kept.
    ///
    /// @param digest SHA-256 of the file
    public record Kept(String digest, long bytes, Instant used) {}

    /// Lends an image to a lease: the file if all of it is here and right, and otherwise a stream,
    /// or after a download the file where guests don't start before.
    ///
    /// @param imageKey the buyer's Ed25519 key in base64
    /// @param inUse digests of files that must not be removed
    /// @param progress is told bytes that are here and bytes in all
    /// @throws RejectedImageException if it isn't what that buyer signed
    public GuestImage lend(
            String lease,
            ImageId image,
            String imageKey,
            ImageSource source,
            Set<String> inUse,
            BiConsumer<Long, Long> progress)
            throws IOException, InterruptedException {
        Manifest manifest = manifest(image, imageKey, source);
        String digest = manifest.sha256().toString();
        enter(digest);
        try {
            Optional<GuestImage> open = streams.lend(lease, manifest.sha256());
            if (open.isPresent()) {
                return shared(lease, image, open.get());
            }
            Optional<VerifiedImage> kept = kept(image, manifest);
            if (kept.isPresent()) {
                progress.accept(manifest.sizeBytes(), manifest.sizeBytes());
                return shared(lease, image, new GuestImage.Whole(kept.get()));
            }
            if (!streaming) {
                VerifiedImage fetched = download(manifest, source, inUse, progress);
                return shared(lease, image, new GuestImage.Whole(fetched));
            }
            makeRoom(manifest.sizeBytes(), digest, inUse);
            StreamedImage begun =
                    StreamedImage.open(
                            manifest, source, file(digest), trace(digest), System::nanoTime);
            return shared(lease, image, streams.open(lease, begun));
        } finally {
            leave(digest);
        }
    }

    /// Serves an image again to a guest that an earlier run of this program served, if it did.
    ///
    /// @param digest SHA-256 of the file
    public Optional<GuestImage> resume(
            String lease, String digest, ImageId image, String imageKey, ImageSource source)
            throws IOException, InterruptedException {
        if (digest.isEmpty() || !streams.wasServed(Sha256Digest.parse(digest))) {
            return Optional.empty();
        }
        enter(digest);
        try {
            Manifest manifest = manifest(image, imageKey, source);
            Optional<GuestImage> open = streams.lend(lease, manifest.sha256());
            if (open.isPresent()) {
                return Optional.of(shared(lease, image, open.get()));
            }
            StreamedImage again =
                    kept(image, manifest).isPresent()
                            ? StreamedImage.whole(
                                    manifest, source, file(digest), trace(digest), System::nanoTime)
                            : StreamedImage.open(
                                    manifest,
                                    source,
                                    file(digest),
                                    trace(digest),
                                    System::nanoTime);
            return Optional.of(shared(lease, image, streams.open(lease, again)));
        } finally {
            leave(digest);
        }
    }

    private GuestImage shared(String lease, ImageId image, GuestImage lent) {
        switch (lent) {
            case GuestImage.Whole(VerifiedImage whole) ->
                    sharing.begin(lease, image, lent.manifest(), new KeptImage(whole));
            case GuestImage.Streamed(StreamedImage stream, Path _) ->
                    stream.exchange(sharing.begin(lease, image, lent.manifest(), stream));
        }
        return lent;
    }

    /// The lease needs its image no more. Again and again if need be.
    public void release(String lease) throws IOException, InterruptedException {
        sharing.end(lease);
        streams.release(lease);
    }

    /// Takes who exchanges an image with this computer.
    public void named(CoordinatorMessage.Neighbours neighbours) {
        sharing.named(neighbours);
    }

    /// Removes what an earlier run of this program left of its serving other images than these.
    public void serveOnly(Set<String> digests) throws IOException {
        streams.keepOnly(digests);
    }

    /// Stops serving and fetching; guests wait until a later run goes on.
    public void leave() throws IOException, InterruptedException {
        streams.leave();
    }

    private Path file(String digest) {
        return folder.resolve(digest + ".iso");
    }

    private Path trace(String digest) {
        return folder.resolve(digest + ".trace");
    }

    /// Makes sure that the image is here, whole and right.
    VerifiedImage get(
            ImageId image,
            String imageKey,
            ImageSource source,
            Set<String> inUse,
            BiConsumer<Long, Long> progress)
            throws IOException, InterruptedException {
        Manifest manifest = manifest(image, imageKey, source);
        String digest = manifest.sha256().toString();
        enter(digest);
        try {
            Optional<VerifiedImage> kept = kept(image, manifest);
            if (kept.isPresent()) {
                progress.accept(manifest.sizeBytes(), manifest.sizeBytes());
                return kept.get();
            }
            return download(manifest, source, inUse, progress);
        } finally {
            leave(digest);
        }
    }

    /// Leases of one image take turns, so that the first fetches it and the others find it.
    private synchronized void enter(String digest) throws InterruptedException {
        while (!busy.add(digest)) {
            wait();
        }
    }

    private synchronized void leave(String digest) {
        busy.remove(digest);
        notifyAll();
    }

    /// The file, if it is here and right; what is right of a damaged one is kept as a part.
    private Optional<VerifiedImage> kept(ImageId image, Manifest manifest) throws IOException {
        Path file = file(manifest.sha256().toString());
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            VerifiedImage kept = VerifiedImage.verify(file, manifest);
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return Optional.of(kept);
        } catch (IOException damaged) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "kept image damaged image=" + image + " cause=" + damaged.getMessage());
            Files.move(
                    file,
                    file.resolveSibling(file.getFileName() + ".part"),
                    StandardCopyOption.REPLACE_EXISTING);
            return Optional.empty();
        }
    }

    private VerifiedImage download(
            Manifest manifest,
            ImageSource source,
            Set<String> inUse,
            BiConsumer<Long, Long> progress)
            throws IOException, InterruptedException {
        String digest = manifest.sha256().toString();
        long total = manifest.sizeBytes();
        makeRoom(total, digest, inUse);
        try (ImageAssembler assembler = ImageAssembler.open(manifest, file(digest))) {
            progress.accept(assembler.presentBytes(), total);
            fetch(assembler, source, total, progress);
            return assembler.finish();
        }
    }

    /// All kept images, the longest unused first.
    public List<Kept> list() throws IOException {
        List<Kept> kept = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return kept;
        }
        try (var files = Files.newDirectoryStream(folder, "*.{iso,part}")) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                kept.add(
                        new Kept(
                                name.substring(0, Math.min(64, name.length())),
                                Files.size(file),
                                Files.getLastModifiedTime(file).toInstant()));
            }
        }
        kept.sort(Comparator.comparing(Kept::used));
        return kept;
    }

    /// The manifest, from here if it was asked for before: a guest that runs must not need the
    /// store.
    private Manifest manifest(ImageId image, String imageKey, ImageSource source)
            throws IOException {
        try (var files = Files.newDirectoryStream(folder, "*." + image + ".manifest")) {
            for (Path file : files) {
                try {
                    return manifest(image, imageKey, Files.readAllBytes(file));
                } catch (RejectedImageException damaged) {
                    Files.delete(file);
                }
            }
        }
        byte[] bytes = source.manifest(image);
        Manifest manifest = manifest(image, imageKey, bytes);
        synchronized (this) {
            AtomicFile.write(folder.resolve(manifest.sha256() + "." + image + ".manifest"), bytes);
        }
        return manifest;
    }

    private static Manifest manifest(ImageId image, String imageKey, byte[] bytes)
            throws RejectedImageException {
        try {
            CreatorKey creator = CreatorKey.of(Base64.getDecoder().decode(imageKey));
            // The identifier covers the signature too, as the coordinator computes it.
            Sha256Digest got = Sha256Digest.ofContent(bytes);
            if (!got.toString().equals(image.value())) {
                throw new RejectedImageException(
                        "image " + image + ": expected that manifest, got " + got);
            }
            return SignedManifest.parse(bytes, creator).manifest();
        } catch (ManifestFormatException | IllegalArgumentException bad) {
            throw new RejectedImageException("image " + image + ": " + bad.getMessage());
        }
    }

    private static void fetch(
            ImageAssembler assembler,
            ImageSource source,
            long total,
            BiConsumer<Long, Long> progress)
            throws IOException, InterruptedException {
        List<ChunkReference> missing = assembler.missing();
        var threads =
                Executors.newFixedThreadPool(
                        FETCHES_AT_ONCE, Thread.ofVirtual().name("fetch-", 0).factory());
        try (threads) {
            List<Future<Boolean>> fetches = new ArrayList<>();
            for (ChunkReference chunk : missing) {
                Callable<Boolean> fetch =
                        () -> {
                            fetch(assembler, chunk, source);
                            progress.accept(assembler.presentBytes(), total);
                            return true;
                        };
                fetches.add(threads.submit(fetch));
            }
            try {
                for (Future<Boolean> each : fetches) {
                    each.get();
                }
            } finally {
                threads.shutdownNow();
            }
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException("fetching the image failed", failed);
        }
    }

    /// Fetches a chunk, and once more if the way was bad; a wrong chunk is refused for good.
    private static void fetch(ImageAssembler assembler, ChunkReference chunk, ImageSource source)
            throws IOException {
        try {
            assembler.fetch(chunk, source);
        } catch (ChunkMismatchException tampered) {
            throw new RejectedImageException(String.valueOf(tampered.getMessage()));
        } catch (IOException once) {
            if (Thread.currentThread().isInterrupted()) {
                throw once;
            }
            assembler.fetch(chunk, source);
        }
    }

    /// Removes an image with its manifests and its trace.
    private void remove(String digest) throws IOException {
        try (var files = Files.newDirectoryStream(folder, digest + ".*")) {
            for (Path file : files) {
                AtomicFile.delete(file);
            }
        }
    }

    private synchronized void makeRoom(long needed, String keep, Set<String> inUse)
            throws IOException {
        long used = 0;
        for (Kept kept : list()) {
            used += kept.digest().equals(keep) ? 0 : kept.bytes();
        }
        for (Kept kept : list()) {
            if (used + needed <= bytesMax) {
                break;
            }
            if (!kept.digest().equals(keep)
                    && !busy.contains(kept.digest())
                    && !streams.isOpen(kept.digest())
                    && !inUse.contains(kept.digest())) {
                LOG.log(
                        System.Logger.Level.INFO,
                        () -> "image removed for room image=" + kept.digest());
                remove(kept.digest());
                used -= kept.bytes();
            }
        }
        if (used + needed > bytesMax) {
            throw new RejectedImageException(
                    "the image needs "
                            + needed
                            + " bytes of disk; the seller allows "
                            + bytesMax
                            + ", of which guests use "
                            + used);
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < needed) {
            throw new RejectedImageException(
                    "the image needs " + needed + " bytes of disk; " + free + " are free");
        }
    }
}
