// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.ProgressLine;
import org.sparegrid.imagetools.assembly.FileChunks;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.ImageUpload;

/// Uploads an image: the chunks that the coordinator lacks, then the signed manifest.
///
/// A cut loses nothing: chunks that arrived stay, and the next push asks for the others only.
public final class ImagePush {
    private static final int ASK_CHUNKS_MAX = 5_000;

    /// Enough to fill the line while answers are under way; more only takes memory.
    private static final int PARALLEL_UPLOADS = 6;

    private final Coordinator coordinator;
    private final ProgressLine progress;

    /// What a push did.
    ///
    /// @param uploadedBytes how much had to travel
    public record Result(ImageSummary image, long uploadedBytes, int uploadedChunks) {}

    public ImagePush(Coordinator coordinator, ProgressLine progress) {
        this.coordinator = coordinator;
        this.progress = progress;
    }

    /// Uploads `iso`, which `signed` describes.
    public Result push(Path iso, SignedManifest signed)
            throws IOException, RefusedException, InterruptedException {
        progress.phase("Comparing with the coordinator");
        List<ChunkReference> missing = missing(signed.manifest().chunks());
        long travelledBytes = 0;
        if (!missing.isEmpty()) {
            progress.phase("Uploading " + missing.size() + " chunks");
            try (FileChunks source = FileChunks.open(iso, signed.manifest().chunks())) {
                travelledBytes = upload(source, missing);
            }
        }
        progress.phase("Completing");
        List<String> names =
                signed.manifest().chunks().stream().map(c -> c.digest().toString()).toList();
        ImageSummary image =
                coordinator.complete(
                        new ImageUpload(
                                signed.manifest().name(),
                                signed.manifest().sizeBytes(),
                                names,
                                Base64.getEncoder().encodeToString(signed.toBytes())));
        progress.finish();
        return new Result(image, travelledBytes, missing.size());
    }

    private List<ChunkReference> missing(List<ChunkReference> chunks)
            throws IOException, RefusedException, InterruptedException {
        Map<String, ChunkReference> byName =
                chunks.stream()
                        .collect(
                                Collectors.toMap(
                                        c -> c.digest().toString(),
                                        Function.identity(),
                                        (first, _) -> first,
                                        java.util.LinkedHashMap::new));
        List<String> names = List.copyOf(byName.keySet());
        Set<String> lacking = new HashSet<>();
        for (int start = 0; start < names.size(); start += ASK_CHUNKS_MAX) {
            int end = Math.min(names.size(), start + ASK_CHUNKS_MAX);
            lacking.addAll(coordinator.missing(names.subList(start, end)).chunks());
        }
        return byName.entrySet().stream()
                .filter(entry -> lacking.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /// Uploads the chunks.
    ///
    /// @return how many bytes travelled
    private long upload(FileChunks source, List<ChunkReference> missing)
            throws IOException, RefusedException, InterruptedException {
        long totalBytes = missing.stream().mapToLong(ChunkReference::lengthBytes).sum();
        AtomicLong doneBytes = new AtomicLong();
        AtomicLong travelledBytes = new AtomicLong();
        progress.bytes(0, totalBytes);
        try (ExecutorService workers =
                Executors.newFixedThreadPool(PARALLEL_UPLOADS, Thread.ofVirtual().factory())) {
            List<Future<?>> uploads = new ArrayList<>();
            for (ChunkReference chunk : missing) {
                uploads.add(
                        workers.submit(() -> {
                            travelledBytes.addAndGet(put(source, chunk.digest()));
                            long done = doneBytes.addAndGet(chunk.lengthBytes());
                            progress.bytes(done, totalBytes);
                            return null;
                        }));
            }
            try {
                for (Future<?> upload : uploads) {
                    await(upload);
                }
            } finally {
                workers.shutdownNow();
            }
        }
        return travelledBytes.get();
    }

    private long put(FileChunks source, Sha256Digest chunk)
            throws IOException, RefusedException, InterruptedException {
        ByteBuffer content = source.fetch(chunk);
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        return coordinator.putChunk(chunk.toString(), bytes);
    }

    private static void await(Future<?> upload)
            throws IOException, RefusedException, InterruptedException {
        try {
            upload.get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case IOException broken -> throw broken;
                case RefusedException refused -> throw refused;
                case null, default ->
                        throw new IllegalStateException("an upload failed", failed.getCause());
            }
        } catch (CancellationException stopped) {
            throw new IOException("the upload was stopped", stopped);
        }
    }
}
