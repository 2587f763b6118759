// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Finds what somebody probably meant.
final class NearestKey {
    private NearestKey() {}

    /// The known word that differs least from `word`, if that is in less than half of its letters.
    static Optional<String> to(String word, Collection<String> known) {
        return known.stream()
                .min(
                        Comparator.comparingInt((String key) -> distance(word, key))
                                .thenComparing(key -> key))
                .filter(key -> distance(word, key) * 2 <= key.length());
    }

    /// How many letters must be added, removed, replaced or swapped with their neighbour.
    static int distance(String a, String b) {
        int[][] steps = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                steps[i][j] = i == 0 || j == 0 ? i + j : step(steps, a, b, i, j);
            }
        }
        return steps[a.length()][b.length()];
    }

    private static int step(int[][] steps, String a, String b, int i, int j) {
        int replaced = steps[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(steps[i - 1][j], steps[i][j - 1]) + 1);
        boolean swapped =
                i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, steps[i - 2][j - 2] + 1) : best;
    }
}
