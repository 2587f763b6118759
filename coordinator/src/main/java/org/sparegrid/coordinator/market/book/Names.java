// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Small numbers for the names that asks use now; a number is used again once no ask uses its name.
/// There are never more names than asks.
final class Names {
    private final Map<String, Integer> numbers = new HashMap<>();
    private String[] names = new String[16];
    private int[] uses = new int[16];
    private int[] unused = new int[16];
    private int unusedCount;
    private int bound;

    /// The name's number, which one more ask uses.
    int use(String name) {
        int known = find(name);
        if (known >= 0) {
            uses[known]++;
            return known;
        }
        int number = unusedCount > 0 ? unused[--unusedCount] : bound++;
        if (number == names.length) {
            int length = names.length * 2;
            names = Arrays.copyOf(names, length);
            uses = Arrays.copyOf(uses, length);
            unused = Arrays.copyOf(unused, length);
        }
        names[number] = name;
        uses[number] = 1;
        numbers.put(name, number);
        return number;
    }

    /// One ask fewer uses that number.
    void drop(int number) {
        uses[number]--;
        if (uses[number] == 0) {
            numbers.remove(names[number]);
            names[number] = "";
            unused[unusedCount++] = number;
        }
    }

    /// The name's number, or -1 if no ask uses it.
    int find(String name) {
        return numbers.getOrDefault(name, -1);
    }

    String name(int number) {
        return names[number];
    }

    /// All numbers are below.
    int bound() {
        return bound;
    }
}
