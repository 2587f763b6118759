// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

/// Where a lease stands on this computer.
public enum Stage {
    /// Its key is made; the network is awaited.
    ACCEPTED,
    /// The image is being fetched.
    FETCHING,
    /// The guest is being made, halted.
    LAUNCHING,
    /// The guest runs and is silent.
    BOOTING,
    /// The guest wrote to its console.
    BOOTED,
    /// The guest took its address; the meter runs.
    ON_NETWORK,
    /// The guest lies on the disk and has no QEMU; it was on its network before.
    PARKED,
    /// It is being removed.
    ENDING,
    /// Nothing of it is left; the coordinator doesn't know yet.
    ENDED;

    /// Whether the guest's QEMU was made and is not being removed.
    public boolean hasGuest() {
        return this == BOOTING || this == BOOTED || this == ON_NETWORK;
    }

    /// Whether it is over or will be.
    public boolean isOver() {
        return this == ENDING || this == ENDED;
    }
}
