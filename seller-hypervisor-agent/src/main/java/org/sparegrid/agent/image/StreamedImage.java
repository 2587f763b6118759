// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.nbd.NbdExport;
import org.sparegrid.imagetools.assembly.ChunkMismatchException;
import org.sparegrid.imagetools.assembly.ImageAssembler;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.Manifest;

/// An image that guests read while it is still being fetched.
///
/// A read waits until the chunks it needs are here, checked against the signed manifest and written
/// to the file; nothing else is ever given out. Chunks gather in the `.part` file that a later run
/// goes on with, and once all are here the file is checked once more and gets its name.
public final class StreamedImage implements NbdExport, SharedImage {
    private static final System.Logger LOG = System.getLogger(StreamedImage.class.getName());

    /// As many as [FetchWindow] may ask for, and some for what guests wait for.
    private static final int FETCHERS = FetchWindow.MAX + 4;

    /// How long a guest waits for a store that is away before its lease is given up.
    public static final Duration AWAY_MAX = Duration.ofMinutes(15);

    private static final long RETRY_MILLIS = 1000;

    /// Chunks that are fetched at once because neighbours want them.
    private static final int FOR_NEIGHBOURS_MAX = 8;

    private final Manifest manifest;
    private final ImageSource source;

    /// Takes what comes; nobody if all of it was here before.
    private final @Nullable ImageAssembler assembler;

    private final FileChannel file;
    private final Path trace;
    private final LongSupplier nanoClock;
    private final long[] offsets;
    private final FetchQueue queue;
    private final BootTrace boot = new BootTrace();
    private final WaitClock waits = new WaitClock();
    private final List<Thread> fetchers = new ArrayList<>();
    private final Semaphore forNeighbours = new Semaphore(FOR_NEIGHBOURS_MAX);
    private volatile ChunkExchange exchange = ChunkExchange.NONE;
    private volatile @Nullable ChunkPlaces places;
    private volatile long newsNanos;
    private long awaySinceNanos = -1;
    private boolean closed;
    private @Nullable String fault;

    private StreamedImage(
            Manifest manifest,
            ImageSource source,
            @Nullable ImageAssembler assembler,
            FileChannel file,
            Path trace,
            LongSupplier nanoClock)
            throws IOException {
        this.manifest = manifest;
        this.source = source;
        this.assembler = assembler;
        this.file = file;
        this.trace = trace;
        this.nanoClock = nanoClock;
        this.newsNanos = nanoClock.getAsLong();
        this.offsets = new long[manifest.chunks().size()];
        for (int i = 1; i < offsets.length; i++) {
            offsets[i] = offsets[i - 1] + manifest.chunks().get(i - 1).lengthBytes();
        }
        this.queue =
                new FetchQueue(
                        assembler == null ? List.of() : assembler.missing(),
                        BootTrace.read(trace, manifest));
    }

    /// Begins to fetch what the last boot of this image needed.
    ///
    /// @param target the image's file once all of it is here
    /// @param trace where it is written what a boot needs
    /// @param nanoClock a clock that never steps back
    static StreamedImage open(
            Manifest manifest, ImageSource source, Path target, Path trace, LongSupplier nanoClock)
            throws IOException {
        ImageAssembler assembler = ImageAssembler.open(manifest, target);
        try {
            Path part = target.resolveSibling(target.getFileName() + ".part");
            FileChannel file = FileChannel.open(part, StandardOpenOption.READ);
            StreamedImage image =
                    new StreamedImage(manifest, source, assembler, file, trace, nanoClock);
            for (int i = 0; i < FETCHERS; i++) {
                image.fetchers.add(
                        Thread.ofVirtual()
                                .name("stream-" + i)
                                .start(() -> image.fetchOnAndOn(assembler)));
            }
            return image;
        } catch (IOException | RuntimeException failed) {
            assembler.close();
            throw failed;
        }
    }

    /// An image all of which is here, served as if it were still coming: its guests know no other
    /// way to it.
    static StreamedImage whole(
            Manifest manifest, ImageSource source, Path target, Path trace, LongSupplier nanoClock)
            throws IOException {
        FileChannel file = FileChannel.open(target, StandardOpenOption.READ);
        return new StreamedImage(manifest, source, null, file, trace, nanoClock);
    }

    /// What it is.
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public long sizeBytes() {
        return manifest.sizeBytes();
    }

    @Override
    public void read(ByteBuffer into, long offsetBytes) throws IOException, InterruptedException {
        long endBytes = offsetBytes + into.remaining();
        int found = Arrays.binarySearch(offsets, offsetBytes);
        int first = found >= 0 ? found : -found - 2;
        int last = first;
        while (last + 1 < offsets.length && offsets[last + 1] < endBytes) {
            last++;
        }
        for (int chunk = first; chunk <= last; chunk++) {
            if (boot.wanted(chunk)) {
                newsNanos = nanoClock.getAsLong();
            }
        }
        await(manifest.chunks().subList(first, last + 1));
        long at = offsetBytes;
        while (into.hasRemaining()) {
            int read = file.read(into, at);
            if (read < 0) {
                throw new IOException("image: expected a byte at " + at + ", got the end of file");
            }
            at += read;
        }
    }

    /// For how long guests have read nothing that they hadn't read before.
    public long quietMillis() {
        return (nanoClock.getAsLong() - newsNanos) / 1_000_000;
    }

    /// The guest is up: what it read until now is what the next one will, and the rest of the image
    /// is fetched, so that it needs no store any more.
    public void booted() throws IOException {
        List<Integer> chunks = boot.end();
        if (!chunks.isEmpty()) {
            BootTrace.write(trace, chunks);
        }
        synchronized (this) {
            queue.fill();
            notifyAll();
        }
    }

    /// How far it has come.
    public synchronized StreamStatus status() {
        long now = nanoClock.getAsLong();
        return new StreamStatus(
                assembler == null ? manifest.sizeBytes() : assembler.presentBytes(),
                manifest.sizeBytes(),
                waits.stalls(now),
                waits.waitedMillis(now),
                waits.isWaiting());
    }

    /// Asks neighbours, too, from now on.
    void exchange(ChunkExchange found) {
        exchange = found;
        if (isComplete()) {
            found.whole();
        }
    }

    @Override
    public boolean isWhole() {
        return isComplete();
    }

    @Override
    public Optional<ByteBuffer> chunk(Sha256Digest digest, long waitNanos)
            throws IOException, InterruptedException {
        Optional<ChunkPlaces.Place> place = places().find(digest);
        if (place.isEmpty() || !has(place.get().chunk(), waitNanos)) {
            return Optional.empty();
        }
        return ChunkPlaces.read(file, place.get());
    }

    /// They are only needed where images are shared.
    private ChunkPlaces places() {
        ChunkPlaces known = places;
        if (known == null) {
            known = new ChunkPlaces(manifest);
            places = known;
        }
        return known;
    }

    /// Whether the chunk is here before the time is up; it is fetched in the caller's thread, so
    /// that those of the guests are never taken by neighbours.
    private boolean has(ChunkReference chunk, long waitNanos) throws InterruptedException {
        ImageAssembler into = assembler;
        if (waitNanos == 0 || into == null) {
            return isHere(chunk);
        }
        long until = nanoClock.getAsLong() + waitNanos;
        if (!isHere(chunk) && forNeighbours.tryAcquire(waitNanos, TimeUnit.NANOSECONDS)) {
            try {
                Optional<FetchQueue.Fetch> begun = begin(chunk);
                if (begun.isPresent()) {
                    fetch(begun.get(), into);
                }
            } finally {
                forNeighbours.release();
            }
        }
        return awaitHere(chunk, until);
    }

    private synchronized boolean isHere(ChunkReference chunk) {
        return !queue.isMissing(chunk);
    }

    private synchronized Optional<FetchQueue.Fetch> begin(ChunkReference chunk) {
        return closed || fault != null ? Optional.empty() : queue.nextFor(chunk);
    }

    private synchronized boolean awaitHere(ChunkReference chunk, long untilNanos)
            throws InterruptedException {
        long left = untilNanos - nanoClock.getAsLong();
        while (queue.isUnderWay(chunk) && !closed && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = untilNanos - nanoClock.getAsLong();
        }
        return !queue.isMissing(chunk);
    }

    /// Whether nothing is to be fetched any more.
    synchronized boolean isComplete() {
        return queue.isComplete();
    }

    /// What makes it useless, if anything does.
    public synchronized Optional<String> fault() {
        return Optional.ofNullable(fault);
    }

    /// Stops fetching; reads that wait fail.
    void close() throws IOException, InterruptedException {
        boolean checking;
        synchronized (this) {
            closed = true;
            checking = queue.isComplete();
            notifyAll();
        }
        for (Thread fetcher : fetchers) {
            // The last check of a whole image is worth the wait.
            if (!checking) {
                fetcher.interrupt();
            }
        }
        for (Thread fetcher : fetchers) {
            fetcher.join();
        }
        if (assembler != null) {
            assembler.close();
        }
        file.close();
    }

    private synchronized void await(List<ChunkReference> chunks)
            throws IOException, InterruptedException {
        boolean absent = chunks.stream().anyMatch(queue::isMissing);
        if (!absent) {
            return;
        }
        chunks.forEach(queue::demand);
        waits.begin(nanoClock.getAsLong());
        notifyAll();
        try {
            while (chunks.stream().anyMatch(queue::isMissing)) {
                if (fault != null) {
                    throw new IOException(fault);
                }
                if (closed) {
                    throw new IOException("image: no longer served");
                }
                wait();
            }
        } finally {
            waits.end(nanoClock.getAsLong());
            notifyAll();
        }
    }

    private void fetchOnAndOn(ImageAssembler into) {
        try {
            Optional<FetchQueue.Fetch> next = take();
            while (next.isPresent()) {
                if (!fetch(next.get(), into)) {
                    Thread.sleep(RETRY_MILLIS);
                }
                next = take();
            }
        } catch (InterruptedException closing) {
            LOG.log(System.Logger.Level.DEBUG, () -> "fetching stopped");
        }
    }

    private synchronized Optional<FetchQueue.Fetch> take() throws InterruptedException {
        while (!closed && fault == null && !queue.isComplete()) {
            Optional<FetchQueue.Fetch> next = queue.next(waits.isWaiting());
            if (next.isPresent()) {
                return next;
            }
            wait();
        }
        return Optional.empty();
    }

    /// @return false if it couldn't be had and is to be tried again later
    private boolean fetch(FetchQueue.Fetch fetch, ImageAssembler into) {
        try {
            Optional<ByteBuffer> near = exchange.ask(fetch.chunk(), fetch.why());
            long began = nanoClock.getAsLong();
            if (near.isPresent()) {
                into.accept(fetch.chunk(), near.get());
            } else {
                into.fetch(fetch.chunk(), source);
            }
            long tookNanos = nanoClock.getAsLong() - began;
            if (near.isEmpty()) {
                exchange.stored(tookNanos);
            }
            if (arrived(fetch, near.isPresent(), tookNanos)) {
                finish(into);
            }
            return true;
        } catch (ChunkMismatchException | StoreRefusalException wrong) {
            wrong(fetch, String.valueOf(wrong.getMessage()));
            return true;
        } catch (IOException away) {
            return !notYet(fetch, away);
        }
    }

    private void finish(ImageAssembler into) {
        try {
            into.finish();
            exchange.whole();
            LOG.log(System.Logger.Level.INFO, () -> "image complete image=" + manifest.sha256());
        } catch (ClosedByInterruptException closing) {
            LOG.log(System.Logger.Level.DEBUG, () -> "last check stopped cause=" + closing);
        } catch (IOException damaged) {
            fail("the image was damaged on this computer's disk: " + damaged.getMessage());
        }
    }

    /// @return whether it was the last one
    private synchronized boolean arrived(FetchQueue.Fetch fetch, boolean near, long tookNanos) {
        boolean before = queue.isComplete();
        if (near) {
            queue.arrived(fetch);
        } else {
            queue.arrived(fetch, tookNanos);
            awaySinceNanos = -1;
        }
        notifyAll();
        return !before && queue.isComplete();
    }

    private synchronized boolean notYet(FetchQueue.Fetch fetch, IOException away) {
        queue.failed(fetch);
        notifyAll();
        if (closed) {
            return false;
        }
        long now = nanoClock.getAsLong();
        if (awaySinceNanos < 0) {
            awaySinceNanos = now;
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "image stalls image=" + manifest.sha256() + " cause=" + away);
        }
        if (waits.isWaiting() && now - awaySinceNanos > AWAY_MAX.toNanos()) {
            fail(
                    "chunk "
                            + fetch.chunk().digest()
                            + " of the image could not be had for "
                            + AWAY_MAX.toMinutes()
                            + " minutes: "
                            + away.getMessage());
        }
        return true;
    }

    /// A guest never gets it, and its lease ends as soon as it needs it.
    private synchronized void wrong(FetchQueue.Fetch fetch, String why) {
        queue.wrong(fetch);
        if (fetch.demand()) {
            fail(why);
        }
        notifyAll();
    }

    private synchronized void fail(String why) {
        if (fault == null) {
            fault = why;
            LOG.log(
                    System.Logger.Level.ERROR,
                    () -> "image unusable image=" + manifest.sha256() + " cause=" + why);
        }
        notifyAll();
    }
}
