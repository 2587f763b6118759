// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.util.Map;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.virtualethernet.meter.TrafficCounters;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Turns counters that begin anew with each process into totals that never decrease.
///
/// @param base the last reading before this program attached the guest
/// @param last the last reading
/// @param peers what was exchanged with each peer since then
record Meter(Usage base, Usage last, Map<PublicKey, TrafficCounters.Peer> peers) {
    /// Goes on from a reading that was written down.
    static Meter from(Usage written) {
        return new Meter(written, written, Map.of());
    }

    /// The meter after another look.
    ///
    /// @param runMillis how long the guest has been on its network, less what it stood still
    /// @param cpuNanos processor time of the guest's QEMU processes
    /// @param traffic what passed since this program attached the guest
    Meter read(long runMillis, long cpuNanos, TrafficCounters traffic) {
        return new Meter(
                base,
                new Usage(
                        Math.max(last.runMillis(), runMillis),
                        Math.max(last.cpuNanos(), cpuNanos),
                        Math.max(last.receivedBytes(), base.receivedBytes() + traffic.bytesOut()),
                        Math.max(last.sentBytes(), base.sentBytes() + traffic.bytesIn())),
                traffic.peers());
    }
}
