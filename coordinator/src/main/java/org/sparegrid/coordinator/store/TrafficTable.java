// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.TrafficReport;

/// What the members of metered networks exchanged with each other, as each counted itself.
public final class TrafficTable {
    /// Beyond that nothing more is added of what was counted before a member attached anew, so that
    /// no sum is too large: 100 TB.
    private static final long BEFORE_MAX = PeerTraffic.BYTES_MAX;

    private final Handle handle;

    TrafficTable(Handle handle) {
        this.handle = handle;
    }

    /// What a machine exchanged with one peer, by both ends' counters.
    ///
    /// @param owner of the peer's computer, if the peer is a machine that reported
    public record Exchanged(
            long sent, long received, long peerSent, long peerReceived, Optional<AccountId> owner) {
        /// What both ends counted.
        public long agreed() {
            return Math.min(sent, peerReceived) + Math.min(received, peerSent);
        }
    }

    /// Takes a report. Told twice or in another order it comes to the same; what is less than
    /// before changes nothing, and who never was a member is no peer.
    ///
    /// @param lease the reporter's, or empty for a computer of the buyer
    public void put(NetworkId network, MemberId reporter, String lease, TrafficReport report) {
        for (PeerTraffic peer : report.peers()) {
            handle.createUpdate(
                            """
                            insert into traffic (network, reporter, peer, lease, since,
                                sent_before, received_before, sent, received)
                            select :network, :reporter, :peer, :lease, :since, 0, 0, :sent,
                                :received
                            where exists (select 1 from member where id = :peer
                                    and network = :network)
                                or exists (select 1 from traffic where network = :network
                                    and reporter = :peer)
                            on conflict (network, reporter, peer) do update set
                                sent_before = traffic.sent_before
                                    + case when excluded.since > traffic.since
                                        and traffic.sent_before < :most
                                        then traffic.sent else 0 end,
                                received_before = traffic.received_before
                                    + case when excluded.since > traffic.since
                                        and traffic.received_before < :most
                                        then traffic.received else 0 end,
                                sent = case when excluded.since > traffic.since
                                        or excluded.since = traffic.since
                                            and excluded.sent > traffic.sent
                                    then excluded.sent else traffic.sent end,
                                received = case when excluded.since > traffic.since
                                        or excluded.since = traffic.since
                                            and excluded.received > traffic.received
                                    then excluded.received else traffic.received end,
                                since = case when excluded.since > traffic.since
                                    then excluded.since else traffic.since end
                            """)
                    .bind("network", network.value())
                    .bind("reporter", reporter.value())
                    .bind("peer", peer.peer().value())
                    .bind("lease", lease)
                    .bind("since", report.since())
                    .bind("sent", peer.sentBytes())
                    .bind("received", peer.receivedBytes())
                    .bind("most", BEFORE_MAX)
                    .execute();
        }
    }

    /// What a lease's machine exchanged, peer by peer.
    public List<Exchanged> of(LeaseId lease) {
        return handle.createQuery(
                        """
                        select a.sent_before + a.sent as sent,
                            a.received_before + a.received as received,
                            coalesce(b.sent_before + b.sent, 0) as peer_sent,
                            coalesce(b.received_before + b.received, 0) as peer_received,
                            s.account as owner
                        from traffic a
                        left join traffic b on b.network = a.network and b.reporter = a.peer
                            and b.peer = a.reporter
                        left join lease l on l.id = b.lease
                        left join seller s on s.id = l.seller
                        where a.lease = :lease
                        """)
                .bind("lease", lease.value())
                .map((row, _) ->
                        new Exchanged(
                                row.getLong("sent"),
                                row.getLong("received"),
                                row.getLong("peer_sent"),
                                row.getLong("peer_received"),
                                Optional.ofNullable(row.getString("owner")).map(AccountId::new)))
                .list();
    }

    /// Forgets what a network's members reported.
    public void forget(NetworkId network) {
        handle.createUpdate("delete from traffic where network = :network")
                .bind("network", network.value())
                .execute();
    }
}
