// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.math.BigInteger;
import java.util.regex.Pattern;

/// A version such as `1.4.2` or `1.4.2-SNAPSHOT`; one with a word behind it is older than without.
public record ReleaseVersion(String text) implements Comparable<ReleaseVersion> {
    private static final Pattern FORM =
            Pattern.compile("[0-9]{1,9}([.][0-9]{1,9}){0,4}(-[0-9A-Za-z][0-9A-Za-z.]{0,31})?");

    /// Checks the form, which makes it a safe name of a folder.
    public ReleaseVersion {
        if (!isVersion(text)) {
            throw new IllegalArgumentException(
                    "version: expected one such as 1.4.2 or 1.4.2-rc1, got " + brief(text));
        }
    }

    /// Whether this is the text of a version.
    public static boolean isVersion(String text) {
        return FORM.matcher(text).matches();
    }

    @Override
    public int compareTo(ReleaseVersion other) {
        String[] mine = text.split("-", 2);
        String[] its = other.text.split("-", 2);
        int order = compareWords(mine[0], its[0]);
        if (order != 0) {
            return order;
        }
        return mine.length == 2 && its.length == 2
                ? compareWords(mine[1], its[1])
                : Integer.compare(its.length, mine.length);
    }

    /// Numbers by their value, words by the alphabet; what is missing counts as 0.
    private static int compareWords(String one, String other) {
        String[] mine = one.split("[.]", -1);
        String[] its = other.split("[.]", -1);
        for (int i = 0; i < Math.max(mine.length, its.length); i++) {
            String left = i < mine.length ? mine[i] : "0";
            String right = i < its.length ? its[i] : "0";
            boolean numbers = left.matches("[0-9]+") && right.matches("[0-9]+");
            int order =
                    numbers
                            ? new BigInteger(left).compareTo(new BigInteger(right))
                            : left.compareTo(right);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    static String brief(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    @Override
    public String toString() {
        return text;
    }
}
