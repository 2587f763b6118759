// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.image.ChunkMismatchException;
import org.sparegrid.coordinator.image.ChunkStore;
import org.sparegrid.coordinator.image.KeptBytes;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.ImageTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.ImageUpload;

/// Accounts' images. A chunk is readable by who sent it, and by agents with a live lease on an
/// image that has it.
public final class ImageShelf {
    private static final System.Logger LOGGER = System.getLogger(ImageShelf.class.getName());

    /// Chunks in one question.
    private static final int QUESTION_MAX = 10_000;

    /// Images of one account, which its list names at once.
    private static final int IMAGES_MAX = 1_000;

    private final Exchange exchange;

    /// Less free space makes the coordinator say that it isn't well.
    private static final long FREE_MIN_BYTES = 256L << 20;

    /// Chunks that were sent, but that no image names, are kept for so long.
    private static final Duration UPLOAD_KEPT = Duration.ofHours(24);

    /// Every so many ticks some of what is older is removed.
    private static final int SWEEP_TICKS = 600;

    private static final int SWEEP_MAX = 1_000;

    private final ChunkStore store;

    /// A chunk is put and noted under the one, looked for and removed under the other.
    private final ReadWriteLock removal = new ReentrantReadWriteLock();

    private final LongAdder fetchedBytes = new LongAdder();
    private int ticks;

    public ImageShelf(Exchange exchange, ChunkStore store) {
        this.exchange = exchange;
        this.store = store;
    }

    /// Which of the chunks the account has not sent.
    public List<String> missing(AccountId account, List<String> chunks) {
        if (chunks.size() > QUESTION_MAX) {
            throw new RefusedException(Reason.INVALID, "chunks: expected at most 10000");
        }
        chunks.forEach(ImageShelf::checkDigest);
        return exchange.read(tx ->
                chunks.stream()
                        .distinct()
                        .filter(chunk -> !tx.images().hasChunk(account, chunk))
                        .toList());
    }

    /// Stores a chunk.
    public void put(AccountId account, String sha256, byte[] bytes) {
        checkDigest(sha256);
        if (bytes.length == 0 || bytes.length > ChunkStore.CHUNK_MAX_BYTES) {
            throw new RefusedException(
                    Reason.TOO_LARGE, "expected 1 to 1048576 bytes, got " + bytes.length);
        }
        exchange.read(tx -> moreBytes(tx, account, sha256, bytes.length));
        boolean noted = false;
        removal.readLock().lock();
        try {
            store.put(sha256, bytes);
            noted = exchange.change((tx, _, now) -> note(tx, account, sha256, bytes.length, now));
        } catch (ChunkMismatchException other) {
            throw new RefusedException(Reason.INVALID, String.valueOf(other.getMessage()));
        } catch (IOException failed) {
            throw new UncheckedIOException("can't store a chunk", failed);
        } finally {
            removal.readLock().unlock();
            if (!noted) {
                removeUnused(List.of(sha256));
            }
        }
    }

    private boolean note(
            Transaction tx, AccountId account, String sha256, int lengthBytes, Instant now) {
        tx.accounts().addImageBytes(account, moreBytes(tx, account, sha256, lengthBytes));
        tx.images().addUpload(account, sha256, lengthBytes, now);
        return true;
    }

    /// How much more the account takes with that chunk.
    private long moreBytes(Transaction tx, AccountId account, String sha256, int lengthBytes) {
        long quotaBytes = exchange.settings().imageQuotaBytes();
        if (tx.images().hasChunk(account, sha256)) {
            return 0;
        }
        if (quotaBytes > 0 && tx.accounts().imageBytes(account) + lengthBytes > quotaBytes) {
            throw new RefusedException(
                    Reason.TOO_LARGE,
                    "the account's images take all of the "
                            + (quotaBytes >> 20)
                            + " MiB that they may; remove some (sparegrid image rm), or ask the"
                            + " operator for more");
        }
        return lengthBytes;
    }

    /// Whether there is hardly any room left.
    boolean isFull() {
        try {
            return store.freeBytes() < FREE_MIN_BYTES;
        } catch (IOException unreadable) {
            return true;
        }
    }

    /// Removes what was sent long ago and never became an image.
    void tick() {
        if (++ticks % SWEEP_TICKS == 0) {
            sweep();
        }
    }

    /// Does so at once.
    void sweep() {
        Instant before = exchange.now().minus(UPLOAD_KEPT);
        removeUnused(exchange.change((tx, _, _) -> tx.images().forgetUploads(before, SWEEP_MAX)));
    }

    private void removeUnused(List<String> chunks) {
        for (String chunk : chunks) {
            removal.writeLock().lock();
            try {
                if (!exchange.read(tx -> tx.images().isUsed(chunk))) {
                    store.delete(chunk);
                }
            } catch (IOException failed) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        () -> "chunk not removed chunk=" + chunk + " cause=" + failed);
            } finally {
                removal.writeLock().unlock();
            }
        }
    }

    /// A chunk for a person.
    public KeptBytes get(AccountId account, String sha256) {
        checkDigest(sha256);
        return kept(exchange.read(tx -> tx.images().hasChunk(account, sha256)), sha256);
    }

    /// A chunk for an agent.
    public KeptBytes get(SellerId seller, String sha256) {
        checkDigest(sha256);
        KeptBytes chunk =
                kept(exchange.read(tx -> tx.images().mayFetchChunk(seller, sha256)), sha256);
        fetchedBytes.add(chunk.bytes().length);
        return chunk;
    }

    /// Adds what sellers' computers fetched from here.
    void measure(Metrics metrics) {
        metrics.counter(
                "sparegrid.images.fetched.bytes",
                "Bytes of chunks that sellers' computers fetched from here.",
                fetchedBytes::sum);
    }

    /// Completes an upload.
    public ImageSummary complete(AccountId account, ImageUpload upload) {
        byte[] manifest = check(upload);
        upload.chunks().forEach(ImageShelf::checkDigest);
        List<String> missing =
                exchange.read(tx ->
                        upload.chunks().stream()
                                .distinct()
                                .filter(chunk -> !tx.images().hasChunk(account, chunk))
                                .toList());
        if (!missing.isEmpty()) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    missing.size() + " chunks were not sent, the first is " + missing.getFirst());
        }
        ImageId id = new ImageId(Identity.digest(manifest));
        return exchange.change((tx, _, now) -> {
            String key = tx.accounts().find(account).orElseThrow().imageKey();
            if (key.isEmpty()) {
                throw new RefusedException(
                        Reason.CONFLICT,
                        "the account has no image key; set it before the first image");
            }
            ImageSummary summary =
                    new ImageSummary(
                            id, upload.name(), upload.sizeBytes(), upload.chunks().size(), now);
            if (tx.images().list(account).size() >= IMAGES_MAX && !tx.images().has(account, id)) {
                throw new RefusedException(
                        Reason.CONFLICT,
                        "the account has "
                                + IMAGES_MAX
                                + " images; remove some (sparegrid image rm)");
            }
            tx.images()
                    .insert(
                            account,
                            new ImageTable.Row(summary, key, upload.signedManifest()),
                            upload.chunks());
            return tx.images().find(account, id).orElseThrow().summary();
        });
    }

    /// The account's images.
    public List<ImageSummary> list(AccountId account) {
        return exchange.read(tx -> tx.images().list(account));
    }

    /// An image's signed manifest for its owner.
    public byte[] manifest(AccountId account, ImageId image) {
        return Base64.getDecoder()
                .decode(
                        exchange.read(tx -> tx.images().find(account, image))
                                .orElseThrow(() -> RefusedException.notFound("image " + image))
                                .manifest());
    }

    /// An image's signed manifest for an agent that boots it.
    public byte[] manifest(SellerId seller, ImageId image) {
        return Base64.getDecoder()
                .decode(
                        exchange.read(tx -> tx.images().findForSeller(seller, image))
                                .orElseThrow(() -> RefusedException.notFound("image " + image))
                                .manifest());
    }

    /// Removes an image that no live order boots.
    public void delete(AccountId account, ImageId image) {
        List<String> freed =
                exchange.change((tx, _, _) -> {
                    boolean used =
                            tx.orders().list(account, Integer.MAX_VALUE).stream()
                                    .anyMatch(order ->
                                            order.spec().image().equals(image)
                                                    && order.state()
                                                            != org.sparegrid.protocol.market
                                                                    .OrderState.CLOSED);
                    if (used) {
                        throw new RefusedException(
                                Reason.CONFLICT, "an order under way boots this image; stop it");
                    }
                    List<String> chunks = tx.images().chunks(account, image);
                    tx.accounts().addImageBytes(account, -tx.images().ownBytes(account, image));
                    if (!tx.images().delete(account, image)) {
                        throw RefusedException.notFound("image " + image);
                    }
                    return chunks;
                });
        removeUnused(freed);
    }

    private KeptBytes kept(boolean allowed, String sha256) {
        try {
            if (!allowed || !store.has(sha256)) {
                throw RefusedException.notFound("chunk " + sha256);
            }
            return store.get(sha256);
        } catch (IOException failed) {
            throw new UncheckedIOException("can't read a chunk", failed);
        }
    }

    private static byte[] check(ImageUpload upload) {
        if (!upload.name().matches("[a-z0-9._-]{1,64}")) {
            throw new RefusedException(
                    Reason.INVALID, "name: expected 1 to 64 of a-z, 0-9, '.', '_' and '-'");
        }
        long full = (long) upload.chunks().size() * ChunkStore.CHUNK_MAX_BYTES;
        if (upload.chunks().isEmpty()
                || upload.chunks().size() > ImageUpload.CHUNKS_MAX
                || upload.sizeBytes() < 1
                || upload.sizeBytes() > full) {
            throw new RefusedException(
                    Reason.INVALID,
                    "chunks: expected 1 to " + ImageUpload.CHUNKS_MAX + " that hold sizeBytes");
        }
        try {
            return Base64.getDecoder().decode(upload.signedManifest());
        } catch (IllegalArgumentException notBase64) {
            throw new RefusedException(Reason.INVALID, "signedManifest: expected base64");
        }
    }

    private static void checkDigest(String sha256) {
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new RefusedException(
                    Reason.INVALID, "chunk: expected 64 hexadecimal digits in lower case");
        }
    }
}
