// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

/// How fast a guest may run, and how much of its time the buyer therefore doesn't pay.
///
/// A guest that may use 40 % of its processors pays 40 % of its time; one that stands still pays
/// nothing.
///
/// @param percent how fast, 0 to 100
/// @param sinceMillis since when
/// @param unpaidMillis what had not to be paid before that
public record Pace(int percent, long sinceMillis, long unpaidMillis) {
    /// As fast as it can.
    public static final Pace FULL = new Pace(100, 0, 0);

    /// Another speed from now on.
    Pace at(int newPercent, long nowMillis) {
        return new Pace(newPercent, nowMillis, unpaid(nowMillis));
    }

    /// The same speed, and all is paid up to now.
    Pace settled(long nowMillis) {
        return new Pace(percent, nowMillis, 0);
    }

    /// All that has not to be paid.
    long unpaid(long nowMillis) {
        return unpaidMillis + Math.max(0, nowMillis - sinceMillis) * (100 - percent) / 100;
    }
}
