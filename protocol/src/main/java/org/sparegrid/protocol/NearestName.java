// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.util.Collection;
import java.util.Optional;

/// Guesses what somebody meant to write.
public final class NearestName {
    private NearestName() {}

    /// The name that differs in the fewest letters, if few enough of them differ.
    public static Optional<String> of(String written, Collection<String> names) {
        Optional<String> nearest = Optional.empty();
        int least = Math.max(3, written.length() / 2);
        for (String name : names) {
            int distance = distance(written, name);
            if (distance < least) {
                least = distance;
                nearest = Optional.of(name);
            }
        }
        return nearest;
    }

    /// How many letters differ. Source: Wagner and Fischer, JACM 21(1), 1974.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
