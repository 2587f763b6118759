// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// What several measurements of one thing gave.
///
/// @param name what was measured
/// @param unit of the two next
/// @param median the middle one
/// @param spread how far the middle half of them lies apart: the noise
/// @param times how many there were
public record Figure(String name, String unit, double median, double spread, int times) {
    /// The figure of these values, at least one.
    static Figure of(String name, String unit, List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int last = sorted.size() - 1;
        return new Figure(
                name,
                unit,
                at(sorted, last * 0.5),
                at(sorted, last * 0.75) - at(sorted, last * 0.25),
                sorted.size());
    }

    private static double at(List<Double> sorted, double place) {
        int below = (int) Math.floor(place);
        int above = (int) Math.ceil(place);
        double low = sorted.get(below);
        return low + (sorted.get(above) - low) * (place - below);
    }

    /// Whether this differs from an `older` figure by more than either's noise, and by more than
    /// the given part of it.
    public boolean differs(Figure older, double part) {
        double noise = Math.max(Math.max(spread, older.spread), older.median * part);
        return Math.abs(median - older.median) > noise;
    }

    /// For people.
    public String line() {
        return String.format(
                Locale.ROOT,
                "%s: %,.0f %s, spread %.1f %% of %d",
                name,
                median,
                unit,
                median > 0 ? 100 * spread / median : 0.0,
                times);
    }
}
