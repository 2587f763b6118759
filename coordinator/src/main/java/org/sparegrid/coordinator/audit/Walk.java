// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Goes through sealed records from the first to the last.
public final class Walk {
    /// Enough to see what happened; a broken chain may have a fault in each record.
    private static final int FAULTS_MAX = 100;

    private final String what;
    private final Optional<Known> known;
    private final List<String> faults = new ArrayList<>();
    private long records;
    private long last;
    private Seal seal = Seal.NONE;
    private boolean met;

    /// @param what the name of a record, as `transfer`
    /// @param known a seal that was noted down earlier; none if empty
    public Walk(String what, Optional<Known> known) {
        this.what = what;
        this.known = known;
    }

    /// Takes the next record.
    ///
    /// @param written the seal that stands in it; empty in those from before there were seals
    /// @param fields what is sealed
    public void next(long number, String written, Object... fields) {
        if (number != last + 1) {
            fault(what + " " + number + " follows " + last + ": records are missing");
        }
        Seal right = seal.next(fields);
        if (!written.isEmpty() && !written.equals(right.hex())) {
            fault(what + " " + number + " was changed, or one before it");
        }
        // Goes on from what is written, so that one change is one fault.
        seal = written.matches("[0-9a-f]{64}") ? new Seal(written) : right;
        last = number;
        records++;
        Seal now = seal;
        known.filter(earlier -> earlier.number() == number)
                .ifPresent(earlier -> {
                    met = true;
                    if (!earlier.seal().equals(now)) {
                        fault(
                                what
                                        + " "
                                        + number
                                        + " has another seal than was noted: history differs");
                    }
                });
    }

    /// Adds a fault.
    public void fault(String text) {
        if (faults.size() < FAULTS_MAX) {
            faults.add(text);
        }
    }

    /// What was found.
    public Finding end() {
        known.filter(_ -> !met)
                .ifPresent(earlier ->
                        fault(
                                "there is no "
                                        + what
                                        + " "
                                        + earlier.number()
                                        + ", whose seal was noted: records are missing"));
        return new Finding(records, new Known(last, seal), faults);
    }
}
