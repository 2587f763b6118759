// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.util.ArrayList;
import java.util.List;

/// How long pairs took until they were direct.
final class Distribution {
    private final List<Long> directNanos = new ArrayList<>();
    private int relayed;

    /// Adds a pair.
    ///
    /// @param nanos until it was direct, or negative if it never was
    synchronized void add(long nanos) {
        if (nanos < 0) {
            relayed++;
        } else {
            directNanos.add(nanos);
        }
    }

    @Override
    public String toString() {
        List<Long> sorted = directNanos.stream().sorted().toList();
        StringBuilder text =
                new StringBuilder()
                        .append(sorted.size())
                        .append(" direct, ")
                        .append(relayed)
                        .append(" relayed; ms to direct");
        for (int part : sorted.isEmpty() ? new int[0] : new int[] {1, 10, 50, 90, 95, 99, 100}) {
            int index = Math.min(sorted.size() - 1, sorted.size() * part / 100);
            text.append(" p").append(part).append('=').append(sorted.get(index) / 1_000_000);
        }
        return text.toString();
    }
}
