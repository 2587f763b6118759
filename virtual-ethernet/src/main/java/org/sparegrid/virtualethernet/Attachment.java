// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.meter.RelayCounters;
import org.sparegrid.virtualethernet.meter.TrafficCounters;
import org.sparegrid.virtualethernet.network.BridgeState;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;

/// One machine on one network. All methods may be called from any thread.
public interface Attachment extends AutoCloseable {
    /// The key that names this attachment in the network map.
    PublicKey publicKey();

    /// Replaces the network map; a map that is not newer changes nothing. Until the first map, and
    /// while the map does not name this attachment, no frame passes.
    ///
    /// @throws IOException if the port refuses its new address
    void update(NetworkMap map) throws IOException;

    /// Lets in these members of the network only, whatever the map says, each with a secret of its
    /// own; who is not among them is no peer from now on, and frames neither come from it nor go to
    /// it. Until the first call all members of the map are peers.
    void admit(Map<PublicKey, PresharedKey> admitted);

    /// What has crossed the local port so far.
    TrafficCounters counters();

    /// The other members, in the order of the map.
    List<PeerStatus> peers();

    /// When the local machine was first given its address by DHCP; empty while it has not asked.
    Optional<Instant> addressAssignedAt();

    /// What the local machine has relayed between other members; empty if it does not offer to.
    Optional<RelayCounters> relayed();

    /// Whether frames pass between the overlay and the LAN behind the local machine.
    BridgeState bridgeState();

    /// The addresses that LANs have given to members, which have them in place of those in the map.
    List<LanLease> leases();

    /// Takes note of addresses that the LAN behind the local machine gave to members before it was
    /// attached, to be called after the first [#update]; what the map lets nobody have is left out.
    void restore(List<LanLease> leases);

    /// Asks the machine called `member` for an ICMP echo, as if the local machine had asked.
    ///
    /// @return the round trip, or empty if no answer came within `timeout`
    /// @throws IllegalArgumentException if there is no other member of that name
    Optional<Duration> ping(String member, Duration timeout) throws InterruptedException;

    /// Begins to copy the sealed datagrams that the machine and its peers exchange, as they are on
    /// the wire but for what relays put around them. Nothing of what is sealed can be read there.
    Capture captureSealed();

    /// Limits the processor time that this process uses for the machine: so much for what it sends
    /// and for waking it, which waits then, and as much again for what peers send it, which is
    /// dropped then ([org.sparegrid.virtualethernet.meter.DropReason#NO_TIME]). There is no limit
    /// before.
    ///
    /// @param ofOneProcessor 0 for next to nothing, 1 for all of one, infinite for no limit
    void limitProcessors(double ofOneProcessor);

    /// Leaves the network and closes the port.
    @Override
    void close();
}
