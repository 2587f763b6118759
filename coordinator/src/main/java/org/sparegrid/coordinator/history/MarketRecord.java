// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.sparegrid.coordinator.metric.Metrics;

/// Keeps what the market's only writer sees and chooses. It belongs to that thread, and never keeps
/// it waiting: what the disk doesn't take in time is left out, and told so to those who read.
///
/// Each file but the first of an opened market says all asks again, a few at a time between what
/// happens, so that it can be read without those before it.
public final class MarketRecord implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(MarketRecord.class.getName());

    /// Files that the space is divided into. With the oldest an eighth of what is known goes.
    private static final int SEGMENTS = 8;

    /// What is handed to the disk at once, in bytes; at least once a second it gets what there is.
    private static final int CHUNK = 64 << 10;

    /// Asks that are said again at once: some 0.2 ms.
    private static final int SAID_AT_ONCE = 256;

    private final Optional<RecordDisk> disk;
    private final long segmentMax;
    private final InstantSource clock;
    private final Bytes bytes = new Bytes(2 * CHUNK);

    /// The file that is filled now.
    private Segment segment;

    /// Whether its first bytes were put in, and wait to be handed to the disk.
    private boolean begun;

    private boolean first;
    private long segmentBytes;

    /// The next ask to be said again, or -1.
    private int saying = -1;

    private boolean lost;

    /// What can be said again.
    public interface Source {
        /// Asks have numbers below.
        int bound();

        /// The ask of that number as it is.
        Event.Asked say(int ask);
    }

    private MarketRecord(Optional<RecordDisk> disk, long number, long max, InstantSource clock) {
        this.disk = disk;
        this.segmentMax = max / SEGMENTS;
        this.clock = clock;
        this.segment = new Segment(number, clock.instant(), true, false);
    }

    /// Keeps nothing.
    public static MarketRecord none() {
        return new MarketRecord(Optional.empty(), 1, 0, InstantSource.system());
    }

    /// Begins where no offer is known. If the folder can't be used, it keeps nothing and says so.
    ///
    /// @param bytesMax what all files may take together
    public static MarketRecord open(RecordFolder folder, long bytesMax, InstantSource clock) {
        return open(folder, bytesMax, clock, RecordDisk.WAITING_MAX);
    }

    /// The same with another number of chunks that may wait for the disk.
    static MarketRecord open(
            RecordFolder folder, long bytesMax, InstantSource clock, int waitingMax) {
        try {
            // The newest file is full, and one event longer than that.
            long others = bytesMax - bytesMax / SEGMENTS - CHUNK;
            RecordDisk disk = RecordDisk.open(folder, others, waitingMax);
            return new MarketRecord(Optional.of(disk), folder.next(), bytesMax, clock);
        } catch (IOException unusable) {
            RecordDisk.sayOff(unusable);
            return none();
        }
    }

    /// Adds the record's figures.
    public void measure(Metrics metrics) {
        metrics.gauge(
                "sparegrid.market.record.on",
                "1 while the market's record is kept.",
                () -> disk.filter(RecordDisk::works).isPresent() ? 1 : 0);
        metrics.counter(
                "sparegrid.market.record.bytes",
                "Bytes of the market's record that were written.",
                () -> disk.map(RecordDisk::written).orElse(0L));
        metrics.counter(
                "sparegrid.market.record.gaps",
                "Times that the disk was too slow for the market's record.",
                () -> disk.map(RecordDisk::gaps).orElse(0L));
    }

    /// Whether it is worth making an event.
    public boolean isOn() {
        return !lost && disk.isPresent() && disk.get().works();
    }

    /// Keeps an event that happens now.
    public void add(Event event) {
        if (!isOn()) {
            return;
        }
        if (!begun) {
            bytes.put(segment.toBytes());
            begun = true;
            first = true;
        }
        EventWriter.write(bytes, clock.millis(), event);
        boolean full = segmentBytes + bytes.size() >= segmentMax;
        if (full || bytes.size() >= CHUNK) {
            flush();
        }
        if (full) {
            begin(true);
        }
    }

    /// Hands to the disk what there is, and goes on saying asks again. Called once a second, and
    /// again at once while it answers that there is more to say.
    public boolean tick(Source source) {
        if (lost && disk.orElseThrow().isIdle()) {
            lost = false;
            saying = -1;
            begin(false);
        }
        if (!isOn()) {
            return false;
        }
        if (saying >= 0) {
            say(source);
        }
        flush();
        return saying >= 0 && isOn() && !disk.orElseThrow().isBusy();
    }

    /// Hands to the disk what there is.
    public void flush() {
        byte[] chunk = bytes.drain();
        if (chunk.length == 0 || !isOn()) {
            return;
        }
        segmentBytes += chunk.length;
        if (!disk.orElseThrow().offer(new RecordDisk.Chunk(segment.number(), first, chunk))) {
            lost = true;
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "the market's record has a gap file=" + segment.number());
        }
        first = false;
    }

    /// Begins a file with the next event.
    private void begin(boolean follows) {
        segment = new Segment(segment.number() + 1, clock.instant(), false, follows);
        begun = false;
        segmentBytes = 0;
        saying = Math.max(saying, 0);
    }

    private void say(Source source) {
        if (saying == 0) {
            add(new Event.Began());
        }
        int end = Math.min(source.bound(), saying + SAID_AT_ONCE);
        for (int ask = saying; ask < end; ask++) {
            add(source.say(ask));
        }
        saying = end;
        if (end == source.bound()) {
            add(new Event.Ended(end));
            saying = -1;
        }
    }

    /// Keeps nothing more, because of a fault of the program.
    public void giveUp(RuntimeException fault) {
        disk.ifPresent(each -> each.giveUp(fault));
    }

    /// Writes what was handed over, and ends.
    @Override
    public void close() {
        disk.ifPresent(RecordDisk::close);
    }
}
