// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Goes through a market's record: rebuilds the book event by event, and makes every choice again.
public final class Replay {
    /// Events between two reports of progress.
    private static final int REPORT = 1 << 14;

    /// Faults that are told one by one; whoever has more has the same trouble.
    private static final int FAULTS_MAX = 100;

    private static final int BUFFER = 1 << 18;

    private final List<Path> files;
    private final Instant from;
    private final Instant to;
    private final Watcher watcher;
    private final List<String> faults = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private ReplayedBook book = new ReplayedBook(false);
    private long bytes;
    private long bytesDone;
    private long seen;
    private long events;
    private Optional<Instant> first = Optional.empty();
    private Instant last = Instant.EPOCH;

    /// The number of the file that was read to its end, or -1 if it wasn't.
    private long whole = -1;

    private boolean over;

    /// Looks on.
    public interface Watcher {
        /// An event is about to happen, within the time that was asked for.
        void happens(Instant at, Event event, ReplayedBook book);

        /// A choice was made again, and is about to take effect.
        void decided(Instant at, Event.Decision decision, Verdict verdict, ReplayedBook book);

        /// So much of the files was read, with so many events, in that time or not.
        void read(double part, long events);
    }

    /// What was found in the time that was asked for.
    ///
    /// @param files how many were read
    /// @param events how many there were
    /// @param first when the first of them happened, or nothing if there was none
    /// @param last when the last of them happened
    /// @param faults what of the record is damaged or contradicts itself
    /// @param notes what it lacks, as it may
    /// @param book as it was at the end
    public record Result(
            int files,
            long events,
            Optional<Instant> first,
            Instant last,
            List<String> faults,
            List<String> notes,
            ReplayedBook book) {}

    private Replay(List<Path> files, Instant from, Instant to, Watcher watcher) {
        this.files = files;
        this.from = from;
        this.to = to;
        this.watcher = watcher;
    }

    /// Goes through all files. It may be done beside a coordinator that writes them.
    ///
    /// @param from what was before is only used to rebuild the book
    /// @param to what comes later is left out
    /// @throws IOException if there is no record, or it can't be read
    public static Result run(RecordFolder folder, Instant from, Instant to, Watcher watcher)
            throws IOException {
        List<Path> files = folder.files();
        if (files.isEmpty()) {
            throw new IOException(
                    "there is no record of the market in "
                            + folder.path()
                            + "; it is kept by serve on the node that leads, unless the setting"
                            + " market-record is \"off\"");
        }
        return new Replay(since(files, from), from, to, watcher).run();
    }

    /// The files from the last one on that begins before that time with an empty book.
    private static List<Path> since(List<Path> files, Instant from) throws IOException {
        for (int i = files.size() - 1; i > 0; i--) {
            try (SegmentReader reader = open(files.get(i))) {
                if (reader.segment().empty() && !reader.segment().begun().isAfter(from)) {
                    return files.subList(i, files.size());
                }
            } catch (RecordFormatException | NoSuchFileException told) {
                // It is told when the files are read one after the other.
            }
        }
        return files;
    }

    private static SegmentReader open(Path file) throws IOException, RecordFormatException {
        return new SegmentReader(new BufferedInputStream(Files.newInputStream(file), BUFFER));
    }

    private Result run() throws IOException {
        for (Path file : files) {
            bytes += Files.exists(file) ? Files.size(file) : 0;
        }
        for (int i = 0; i < files.size() && !over; i++) {
            long size = Files.exists(files.get(i)) ? Files.size(files.get(i)) : 0;
            read(files.get(i), i == files.size() - 1);
            bytesDone += size;
        }
        return new Result(
                files.size(), events, first, last, List.copyOf(faults), List.copyOf(notes), book);
    }

    private void read(Path file, boolean newest) throws IOException {
        long number = RecordFolder.number(file);
        boolean unbroken = whole == number - 1;
        whole = -1;
        try (SegmentReader reader = open(file)) {
            enter(file, reader.segment(), number, unbroken);
            events(file, reader);
            if (!reader.isCutOff()) {
                whole = number;
            } else if (newest || startsAnew(number + 1)) {
                notes.add(
                        file.getFileName()
                                + " ends within an event: the coordinator was killed, or writes it"
                                + " now");
            } else {
                fault(file, "it ends within an event, and the next file follows it");
            }
        } catch (RecordFormatException strange) {
            boolean empty = Files.size(file) < Segment.LENGTH;
            if (empty && (newest || startsAnew(number + 1))) {
                notes.add(file.getFileName() + " is empty: the coordinator was killed");
            } else {
                fault(file, strange.reason());
            }
        } catch (NoSuchFileException removed) {
            notes.add(file.getFileName() + " was removed meanwhile to make room");
        }
    }

    /// Whether the file of that number doesn't go on where the one before it ended.
    private boolean startsAnew(long number) throws IOException {
        for (Path file : files) {
            if (RecordFolder.number(file) == number) {
                try (SegmentReader reader = open(file)) {
                    return !reader.segment().follows();
                } catch (RecordFormatException unreadable) {
                    return true;
                }
            }
        }
        return true;
    }

    /// Takes the book that a file begins with.
    private void enter(Path file, Segment segment, long number, boolean unbroken) {
        if (segment.number() != number) {
            fault(file, "it was number " + segment.number());
        }
        if (segment.empty()) {
            book = new ReplayedBook(true);
        } else if (!segment.follows() || !unbroken || segment.number() != number) {
            book = new ReplayedBook(false);
            if (!file.equals(files.getFirst())) {
                notes.add(
                        file.getFileName()
                                + " doesn't go on where the file before it ended: something was"
                                + " left out");
            }
        }
    }

    private void events(Path file, SegmentReader reader) throws IOException, RecordFormatException {
        for (var next = reader.next(); next.isPresent() && !over; next = reader.next()) {
            Instant at = next.get().at();
            over = at.isAfter(to);
            if (!over) {
                happen(file, at, next.get().event());
                if (++seen % REPORT == 0) {
                    watcher.read((bytesDone + reader.offset()) / (double) bytes, seen);
                }
            }
        }
    }

    private void happen(Path file, Instant at, Event event) {
        boolean asked = !at.isBefore(from);
        if (asked) {
            events++;
            first = first.or(() -> Optional.of(at));
            last = at;
            watcher.happens(at, event, book);
            if (event instanceof Event.Decision decision) {
                watcher.decided(at, decision, book.check(decision), book);
            }
        }
        book.apply(event).ifPresent(wrong -> fault(file, "at " + at + ": " + wrong));
    }

    private void fault(Path file, String what) {
        if (faults.size() < FAULTS_MAX) {
            faults.add(file.getFileName() + ": " + what);
        }
    }
}
