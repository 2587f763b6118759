// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.meter.TrafficCounters;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Reports what this computer exchanged with the machines of a network whose traffic is paid for.
///
/// A seller is paid for what both ends counted, so this is what keeps his count in bounds, and what
/// he is paid by.
final class TrafficCount {
    /// Members whose keys are kept, with those that have left; the attachment counts no more.
    private static final int MEMBERS_MAX = 8192;

    private final Coordinator coordinator;
    private final Attachment attachment;
    private final long since;
    private final Map<PublicKey, MemberId> members = new HashMap<>();
    private final Map<MemberId, PeerTraffic> told = new HashMap<>();

    /// Counts for an attachment.
    ///
    /// @param since when it was made, in milliseconds, so that a later one's number is higher
    TrafficCount(Coordinator coordinator, Attachment attachment, long since) {
        this.coordinator = coordinator;
        this.attachment = attachment;
        this.since = since;
    }

    /// Reports what has changed, unless the network is not metered.
    synchronized void report(NetworkJoined joined)
            throws IOException, RefusedException, InterruptedException {
        if (!joined.network().metered()) {
            return;
        }
        for (NetworkMember member : joined.network().members()) {
            if (members.size() < MEMBERS_MAX) {
                members.put(PublicKey.parse(member.publicKey()), member.id());
            }
        }
        List<PeerTraffic> changed = changed(attachment.counters().peers());
        if (!changed.isEmpty()) {
            coordinator.countTraffic(
                    joined.network().id(), joined.self(), new TrafficReport(since, changed));
            changed.forEach(peer -> told.put(peer.peer(), peer));
        }
    }

    private List<PeerTraffic> changed(Map<PublicKey, TrafficCounters.Peer> counters) {
        List<PeerTraffic> changed = new ArrayList<>();
        counters.forEach((key, counted) -> {
            MemberId member = members.get(key);
            if (member != null && changed.size() < TrafficReport.PEERS_MAX) {
                PeerTraffic peer =
                        new PeerTraffic(
                                member,
                                Math.min(PeerTraffic.BYTES_MAX, counted.bytesTo()),
                                Math.min(PeerTraffic.BYTES_MAX, counted.bytesFrom()),
                                Math.min(PeerTraffic.BYTES_MAX, counted.directTo()),
                                Math.min(PeerTraffic.BYTES_MAX, counted.directFrom()));
                if (!peer.equals(told.get(member))) {
                    changed.add(peer);
                }
            }
        });
        return changed;
    }
}
