// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

/// What guests may do, from the most to the least.
public enum RunState {
    /// They run.
    RUN,
    /// They run with less processor time.
    THROTTLED,
    /// Their processors stand still; their memory stays.
    FROZEN,
    /// They are saved to the disk and use no memory.
    PARKED,
    /// They are ended.
    STOPPED;

    /// Whether no instruction of a guest is executed.
    public boolean standsStill() {
        return this == FROZEN || this == PARKED || this == STOPPED;
    }
}
