// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// Where an order stands.
public enum OrderState {
    /// It waits for machines; the most that it may cost is held.
    OPEN,
    /// Its machines are being started.
    STARTING,
    /// At least one machine runs and none is still being started.
    RUNNING,
    /// No machine is left that could run; the last settlements are under way.
    STOPPING,
    /// All is settled and the escrow is empty.
    CLOSED
}
