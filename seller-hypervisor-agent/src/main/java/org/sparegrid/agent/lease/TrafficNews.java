// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Tells the coordinator what a machine exchanged with the others of its network, if that is paid
/// for: what has changed since the coordinator last acknowledged a report.
final class TrafficNews {
    /// Members whose keys are kept, with those that have left; the meter counts no more of them.
    private static final int MEMBERS_MAX = 8192;

    private final Map<PublicKey, MemberId> members = new HashMap<>();
    private final Map<MemberId, PeerTraffic> told = new HashMap<>();
    private long toldSince = -1;

    /// Reports what is new.
    ///
    /// @param network the newest network, once there is one
    synchronized void tell(
            LeaseId lease, List<NetworkChanged> network, Meter meter, Outbox outbox) {
        if (network.isEmpty() || !network.getFirst().network().metered()) {
            return;
        }
        know(network.getFirst().network());
        TrafficReport report = report(meter);
        if (!report.peers().isEmpty()) {
            outbox.send(new AgentMessage.TrafficCounted(lease, report), () -> arrived(report));
        }
    }

    private void know(NetworkView view) {
        for (NetworkMember member : view.members()) {
            if (members.size() < MEMBERS_MAX) {
                members.put(PublicKey.parse(member.publicKey()), member.id());
            }
        }
    }

    private synchronized void arrived(TrafficReport report) {
        if (report.since() > toldSince) {
            toldSince = report.since();
            told.clear();
        }
        if (report.since() == toldSince) {
            report.peers().forEach(peer -> told.put(peer.peer(), peer));
        }
    }

    private TrafficReport report(Meter meter) {
        // The guest's paid time is written down, and grows between two attachments.
        long since = meter.base().runMillis();
        List<PeerTraffic> changed = new ArrayList<>();
        meter.peers()
                .forEach((key, counted) -> {
                    MemberId member = members.get(key);
                    if (member != null && changed.size() < TrafficReport.PEERS_MAX) {
                        PeerTraffic peer =
                                new PeerTraffic(
                                        member,
                                        Math.min(PeerTraffic.BYTES_MAX, counted.bytesTo()),
                                        Math.min(PeerTraffic.BYTES_MAX, counted.bytesFrom()),
                                        Math.min(PeerTraffic.BYTES_MAX, counted.directTo()),
                                        Math.min(PeerTraffic.BYTES_MAX, counted.directFrom()));
                        if (since != toldSince || !peer.equals(told.get(member))) {
                            changed.add(peer);
                        }
                    }
                });
        return new TrafficReport(since, changed);
    }
}
