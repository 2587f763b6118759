// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// Where a lease stands.
public enum LeaseState {
    /// The slot is held for it; the agent doesn't know yet.
    RESERVED,
    /// The agent was asked.
    OFFERED,
    /// The agent agreed and made its key for the network.
    ACCEPTED,
    /// The image is being fetched or the machine is booting.
    STARTING,
    /// The machine is up on the network, and the meter runs.
    RUNNING,
    /// The agent was told to stop it.
    STOPPING,
    /// It is over; the last meter reading may be outstanding.
    ENDED,
    /// Paid in full.
    SETTLED;

    /// Whether the lease still holds its slot.
    public boolean isLive() {
        return compareTo(ENDED) < 0;
    }
}
