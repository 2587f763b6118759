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

/// What the members of networks exchanged with each other, as each counted itself.
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
                                sent_before, received_before, sent, received, direct_sent,
                                direct_received)
                            select :network, :reporter, :peer, :lease, :since, 0, 0, :sent,
                                :received, :directSent, :directReceived
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
                                direct_sent_before = traffic.direct_sent_before
                                    + case when excluded.since > traffic.since
                                        and traffic.direct_sent_before < :most
                                        then traffic.direct_sent else 0 end,
                                direct_received_before = traffic.direct_received_before
                                    + case when excluded.since > traffic.since
                                        and traffic.direct_received_before < :most
                                        then traffic.direct_received else 0 end,
                                direct_sent = case when excluded.since > traffic.since
                                        or excluded.since = traffic.since
                                            and excluded.direct_sent > traffic.direct_sent
                                    then excluded.direct_sent else traffic.direct_sent end,
                                direct_received = case when excluded.since > traffic.since
                                        or excluded.since = traffic.since
                                            and excluded.direct_received > traffic.direct_received
                                    then excluded.direct_received
                                    else traffic.direct_received end,
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
                    .bind("directSent", peer.directSentBytes())
                    .bind("directReceived", peer.directReceivedBytes())
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

    /// What a machine exchanged directly with one peer.
    ///
    /// @param bytes what both ends counted, both ways
    /// @param seen up to where that was looked at
    /// @param owner of the peer
    /// @param open whether the port of the peer's computer is open
    public record Direct(MemberId peer, long bytes, long seen, AccountId owner, boolean open) {}

    /// What a lease's machine exchanged directly, peer by peer.
    public List<Direct> directOf(LeaseId lease) {
        return handle.createQuery(
                        """
                        select a.peer, a.direct_seen,
                            a.direct_sent_before + a.direct_sent as sent,
                            a.direct_received_before + a.direct_received as received,
                            b.direct_sent_before + b.direct_sent as peer_sent,
                            b.direct_received_before + b.direct_received as peer_received,
                            coalesce(s.account, n.account) as owner,
                            coalesce(p.is_open, 0) as is_open
                        from traffic a
                        join traffic b on b.network = a.network and b.reporter = a.peer
                            and b.peer = a.reporter
                        join network n on n.id = a.network
                        left join lease l on l.id = b.lease
                        left join seller s on s.id = l.seller
                        left join open_port p on p.seller = l.seller
                        where a.lease = :lease
                        """)
                .bind("lease", lease.value())
                .map((row, _) ->
                        new Direct(
                                new MemberId(row.getString("peer")),
                                Math.min(row.getLong("sent"), row.getLong("peer_received"))
                                        + Math.min(
                                                row.getLong("received"), row.getLong("peer_sent")),
                                row.getLong("direct_seen"),
                                new AccountId(row.getString("owner")),
                                row.getInt("is_open") == 1))
                .list();
    }

    /// What a lease's machine exchanged directly with that peer was looked at.
    public void see(LeaseId lease, Direct peer) {
        handle.createUpdate(
                        "update traffic set direct_seen = :bytes"
                                + " where lease = :lease and peer = :peer")
                .bind("bytes", peer.bytes())
                .bind("lease", lease.value())
                .bind("peer", peer.peer().value())
                .execute();
    }

    /// Forgets what a network's members reported.
    public void forget(NetworkId network) {
        handle.createUpdate("delete from traffic where network = :network")
                .bind("network", network.value())
                .execute();
    }
}
