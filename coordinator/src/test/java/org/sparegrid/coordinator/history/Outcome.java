// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What came out of a replay.
public final class Outcome implements Replay.Watcher {
    /// Choices that came out the same.
    public final List<Event.Decision> same = new ArrayList<>();

    /// Choices that came out differently, with what came out.
    public final List<String> different = new ArrayList<>();

    /// Choices that couldn't be made again.
    public final List<Event.Decision> unchecked = new ArrayList<>();

    /// What was found besides.
    public Replay.Result result;

    private Outcome() {}

    /// Replays all of a record.
    public static Outcome of(RecordFolder folder) throws IOException {
        return of(folder, Instant.EPOCH, Instant.MAX);
    }

    static Outcome of(RecordFolder folder, Instant from, Instant to) throws IOException {
        Outcome outcome = new Outcome();
        outcome.result = Replay.run(folder, from, to, outcome);
        return outcome;
    }

    /// Whether there is a record at all.
    public static boolean isThere(RecordFolder folder) throws IOException {
        return !folder.files().isEmpty();
    }

    @Override
    public void happens(Instant at, Event event, ReplayedBook book) {
        // Only choices are looked at.
    }

    @Override
    public void decided(Instant at, Event.Decision decision, Verdict verdict, ReplayedBook book) {
        switch (verdict) {
            case Verdict.Same _ -> same.add(decision);
            case Verdict.Different(var instead) -> different.add(decision + " is now " + instead);
            case Verdict.Unchecked _ -> unchecked.add(decision);
        }
    }

    @Override
    public void read(double part, long events) {
        if (part < 0 || part > 1) {
            throw new AssertionError("read " + part);
        }
    }
}
