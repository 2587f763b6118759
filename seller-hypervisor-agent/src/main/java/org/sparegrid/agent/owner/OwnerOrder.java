// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

/// What the owner said last, over the rules.
///
/// @param pausedUntilEpochMillis until when guests stand still, `Long.MAX_VALUE` until `resume`, 0
///   for not at all
/// @param onlyIdle whether guests run only while nobody uses the computer, whatever the mode
public record OwnerOrder(long pausedUntilEpochMillis, boolean onlyIdle) {
    /// Nothing: the rules hold.
    public static final OwnerOrder NONE = new OwnerOrder(0, false);

    /// Whether guests are paused at this time of the wall clock.
    public boolean pauses(long epochMillis) {
        return epochMillis < pausedUntilEpochMillis;
    }
}
