// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import org.sparegrid.protocol.market.Usage;

/// Turns counters that begin anew with each process into totals that never decrease.
///
/// @param base the last reading of an earlier run of this program
/// @param last the last reading
record Meter(Usage base, Usage last) {
    /// Goes on from a reading that was written down.
    static Meter from(Usage written) {
        return new Meter(written, written);
    }

    /// The meter after another look.
    ///
    /// @param runMillis how long the guest has been on its network, less what it stood still
    /// @param cpuNanos processor time of the guest's QEMU processes
    /// @param received bytes to the guest since this program attached it
    /// @param sent bytes from the guest since this program attached it
    Meter read(long runMillis, long cpuNanos, long received, long sent) {
        return new Meter(
                base,
                new Usage(
                        Math.max(last.runMillis(), runMillis),
                        Math.max(last.cpuNanos(), cpuNanos),
                        Math.max(last.receivedBytes(), base.receivedBytes() + received),
                        Math.max(last.sentBytes(), base.sentBytes() + sent)));
    }
}
