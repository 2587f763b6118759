// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

/// What a search found: asks in the order in which they are taken, each with a number of machines.
/// It belongs to the book and holds until the next search.
public final class Picks {
    private final int[] asks = new int[Demand.MACHINES_MAX];
    private final int[] machines = new int[Demand.MACHINES_MAX];
    private int size;
    private int missing;

    Picks() {}

    /// How many asks.
    public int size() {
        return size;
    }

    /// The ask at that place.
    public int ask(int place) {
        return asks[place];
    }

    /// How many machines are taken of the ask at that place.
    public int machines(int place) {
        return machines[place];
    }

    /// How many machines more were wanted.
    public int missing() {
        return missing;
    }

    void clear(int wanted) {
        size = 0;
        missing = wanted;
    }

    void add(int ask, int count) {
        asks[size] = ask;
        machines[size] = count;
        size++;
        missing -= count;
    }
}
