// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.sparegrid.protocol.FailureText;

/// Writes a market's record with a thread of its own, and removes the oldest files. The first
/// failure ends it.
final class RecordDisk implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(RecordDisk.class.getName());

    /// What waits for the disk: 8 MB in chunks of 64 kB.
    static final int WAITING_MAX = 128;

    /// Left to the database, which needs the disk more.
    private static final long SPACE_LEAST = 512L << 20;

    /// Restarts make small files; a folder of more is slow to look through.
    private static final int FILES_MAX = 1000;

    private static final long CLOSING_SECONDS = 10;

    /// Ends the thread, as no other is empty.
    private static final Chunk LAST = new Chunk(0, false, new byte[0]);

    private final RecordFolder folder;
    private final long bytesMax;
    private final BlockingQueue<Chunk> waiting;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong gaps = new AtomicLong();
    private final Thread thread;
    private volatile boolean works = true;
    private OutputStream out = OutputStream.nullOutputStream();

    /// Bytes for a file.
    ///
    /// @param number of the file
    /// @param first whether the file begins with them
    @SuppressWarnings("ArrayRecordComponent") // never compared, and too large to copy
    record Chunk(long number, boolean first, byte[] bytes) {}

    private RecordDisk(RecordFolder folder, long bytesMax, int waitingMax) {
        this.waiting = new ArrayBlockingQueue<>(waitingMax);
        this.folder = folder;
        this.bytesMax = bytesMax;
        this.thread = Thread.ofPlatform().name("market-record").daemon().start(this::run);
    }

    /// Makes the folder if need be.
    ///
    /// @param bytesMax what files may take besides the newest
    /// @param waitingMax chunks that may wait
    static RecordDisk open(RecordFolder folder, long bytesMax, int waitingMax) throws IOException {
        Files.createDirectories(folder.path());
        return new RecordDisk(folder, bytesMax, waitingMax);
    }

    boolean works() {
        return works;
    }

    long written() {
        return written.get();
    }

    long gaps() {
        return gaps.get();
    }

    boolean isIdle() {
        return waiting.isEmpty();
    }

    /// Whether so much waits that asks should not be said again meanwhile.
    boolean isBusy() {
        return waiting.size() > waiting.remainingCapacity();
    }

    /// Takes a chunk, unless too many wait.
    boolean offer(Chunk chunk) {
        boolean taken = waiting.offer(chunk);
        if (!taken) {
            gaps.incrementAndGet();
        }
        return taken;
    }

    /// Writes nothing more.
    void giveUp(Exception failure) {
        works = false;
        waiting.clear();
        sayOff(failure);
    }

    @Override
    public void close() {
        try {
            if (waiting.offer(LAST, CLOSING_SECONDS, TimeUnit.SECONDS)) {
                thread.join(TimeUnit.SECONDS.toMillis(CLOSING_SECONDS));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            Chunk chunk = waiting.take();
            while (chunk.bytes().length > 0) {
                write(chunk);
                chunk = waiting.take();
            }
            out.close();
        } catch (IOException | RuntimeException failure) {
            giveUp(failure);
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
    }

    /// Tells the operator that nothing is kept from now on.
    static void sayOff(Exception failure) {
        LOGGER.log(
                System.Logger.Level.ERROR,
                () ->
                        "the market's record is off until a restart cause="
                                + FailureText.of(failure));
    }

    private void write(Chunk chunk) throws IOException {
        long space = Files.getFileStore(folder.path()).getUsableSpace();
        if (space < SPACE_LEAST) {
            throw new IOException(
                    "the disk has "
                            + (space >> 20)
                            + " MiB left, "
                            + (SPACE_LEAST >> 20)
                            + " MiB are kept free");
        }
        if (chunk.first()) {
            out.close();
            prune();
            out =
                    Files.newOutputStream(
                            folder.file(chunk.number()),
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE);
        }
        out.write(chunk.bytes());
        written.addAndGet(chunk.bytes().length);
    }

    /// Removes the oldest files, until the others leave room for a new one.
    private void prune() throws IOException {
        List<Path> files = new ArrayList<>(folder.files());
        long sum = 0;
        for (Path file : files) {
            sum += Files.size(file);
        }
        while (!files.isEmpty() && (sum > bytesMax || files.size() >= FILES_MAX)) {
            Path oldest = files.removeFirst();
            sum -= Files.size(oldest);
            Files.delete(oldest);
        }
    }
}
