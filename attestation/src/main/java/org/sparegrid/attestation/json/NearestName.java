// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.json;

import java.util.Collection;
import java.util.Comparator;

/// Finds the name a writer may have meant.
final class NearestName {
    /// Edits that still look like a slip, not another word.
    private static final int EDITS_MAX = 3;

    /// Longest name compared: the work grows with the product of two lengths.
    private static final int LENGTH_MAX = 64;

    private NearestName() {}

    /// `; did you mean 'name'`, or nothing if no known name is near.
    static String hint(String name, Collection<String> known) {
        return known.stream()
                .filter(candidate -> near(name, candidate))
                .min(
                        Comparator.comparingInt((String candidate) -> edits(name, candidate))
                                .thenComparing(Comparator.naturalOrder()))
                .map(nearest -> "; did you mean '" + nearest + "'")
                .orElse("");
    }

    static boolean near(String name, String candidate) {
        if (name.isEmpty() || name.length() > LENGTH_MAX) {
            return false;
        }
        int limit = Math.min(EDITS_MAX, Math.max(1, candidate.length() / 2));
        return edits(name, candidate) <= limit;
    }

    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                int best = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + change);
                diagonal = row[j];
                row[j] = best;
            }
        }
        return row[to.length()];
    }
}
