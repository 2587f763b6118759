// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

/// The roots of a TPM's keys.
public enum Hierarchy {
    /// The machine's owner.
    OWNER(0x4000_0001L),
    /// The TPM's identity: the only root whose keys show the reset counters plainly.
    ENDORSEMENT(0x4000_000bL),
    /// The firmware.
    PLATFORM(0x4000_000cL),
    /// None: keys that end with the next reset.
    NULL(0x4000_0007L);

    private final long handle;

    Hierarchy(long handle) {
        this.handle = handle;
    }

    /// What the TPM calls it.
    public long handle() {
        return handle;
    }
}
