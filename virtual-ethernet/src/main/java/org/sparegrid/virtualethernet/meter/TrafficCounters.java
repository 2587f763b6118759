// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.meter;

import java.util.Map;
import org.sparegrid.virtualethernet.network.PublicKey;

/// What crossed the local port since the attachment began, counted as Ethernet frames without FCS.
///
/// "In" is from the local machine into the network, "out" is from the network to the machine.
/// Frames that the attachment answers itself (ARP, DHCP, DNS) are in neither.
///
/// @param framesIn frames sent to at least one peer
/// @param bytesIn their bytes, each frame once
/// @param framesOut frames from peers delivered to the port
/// @param bytesOut their bytes
/// @param peers the bytes by peer; a frame for several counts for each. Peers with which nothing
///   was exchanged are absent.
/// @param drops frames and packets dropped, by reason; a reason that never occurred may be absent
public record TrafficCounters(
        long framesIn,
        long bytesIn,
        long framesOut,
        long bytesOut,
        Map<PublicKey, Peer> peers,
        Map<DropReason, Long> drops) {
    /// What was exchanged with one peer.
    ///
    /// @param bytesTo bytes of frames sent to it
    /// @param bytesFrom bytes of its frames that were delivered to the port
    /// @param directTo what of `bytesTo` no relay forwarded, or less
    /// @param directFrom what of `bytesFrom` came while the path to the peer was direct, or less
    public record Peer(long bytesTo, long bytesFrom, long directTo, long directFrom) {
        /// What was exchanged directly, both ways.
        public long directBytes() {
            return directTo + directFrom;
        }
    }

    /// Copies the maps.
    public TrafficCounters {
        peers = Map.copyOf(peers);
        drops = Map.copyOf(drops);
    }

    /// How many were dropped for `reason`.
    public long dropped(DropReason reason) {
        return drops.getOrDefault(reason, 0L);
    }
}
