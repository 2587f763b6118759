// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.virtualethernet.meter.TrafficCounters;
import org.sparegrid.virtualethernet.network.PublicKey;

class TrafficNewsTest {
    private static final LeaseId LEASE = new LeaseId("vm-abcdefghijkl");
    private static final MemberId PEER = new MemberId("mem-abcdefghijkl");
    private static final PublicKey KEY = Overlay.newKeys().publicKey();

    private final List<TrafficReport> sent = new ArrayList<>();
    private final List<Runnable> acknowledgements = new ArrayList<>();
    private final TrafficNews news = new TrafficNews();
    private final Outbox outbox =
            new Outbox() {
                @Override
                public void send(AgentMessage message) {
                    throw new AssertionError("a report needs an acknowledgement");
                }

                @Override
                public void send(AgentMessage message, Runnable acknowledged) {
                    sent.add(((AgentMessage.TrafficCounted) message).traffic());
                    acknowledgements.add(acknowledged);
                }
            };

    private static NetworkChanged network(boolean metered, NetworkMember... members) {
        return new NetworkChanged(
                LEASE,
                PEER,
                new NetworkView(
                        new NetworkId("net-abcdefghijkl"),
                        1,
                        "job",
                        77,
                        "10.77.0.0/24",
                        "10.77.0.1",
                        "job.grid.internal",
                        1370,
                        metered,
                        List.of(members),
                        List.of()));
    }

    private static NetworkMember peer() {
        return new NetworkMember(
                PEER,
                "node2",
                NetworkMember.Kind.MACHINE,
                KEY.toString(),
                "100.64.0.12",
                "02:53:47:00:00:02",
                "10.77.0.12",
                List.of(),
                false);
    }

    private static Meter meter(long attachedMillis, long to, long from) {
        Usage base = new Usage(attachedMillis, 0, 0, 0);
        return new Meter(base, base, Map.of(KEY, new TrafficCounters.Peer(to, from, to, from / 2)));
    }

    private static TrafficReport report(long since, long to, long from) {
        return new TrafficReport(since, List.of(new PeerTraffic(PEER, to, from, to, from / 2)));
    }

    @Test
    void saysNothingOnANetworkThatIsNotMetered() {
        news.tell(LEASE, List.of(network(false, peer())), meter(0, 5, 7), outbox);
        news.tell(LEASE, List.of(), meter(0, 5, 7), outbox);
        assertThat(sent).isEmpty();
    }

    @Test
    void saysAgainWhatWasNotAcknowledgedAndThenOnlyWhatIsNew() {
        List<NetworkChanged> network = List.of(network(true, peer()));
        news.tell(LEASE, network, meter(0, 5, 7), outbox);
        news.tell(LEASE, network, meter(0, 5, 7), outbox);
        assertThat(sent).containsExactly(report(0, 5, 7), report(0, 5, 7));
        acknowledgements.getLast().run();
        news.tell(LEASE, network, meter(0, 5, 7), outbox);
        assertThat(sent).hasSize(2);
        news.tell(LEASE, network, meter(0, 6, 7), outbox);
        assertThat(sent).last().isEqualTo(report(0, 6, 7));
        // Attached anew; an acknowledgement of before changes nothing.
        news.tell(LEASE, network, meter(9000, 1, 1), outbox);
        acknowledgements.getLast().run();
        acknowledgements.get(2).run();
        news.tell(LEASE, network, meter(9000, 1, 1), outbox);
        assertThat(sent).hasSize(4).last().isEqualTo(report(9000, 1, 1));
    }

    @Test
    void countsAPeerThatHasLeft() {
        news.tell(LEASE, List.of(network(true, peer())), meter(0, 5, 7), outbox);
        news.tell(LEASE, List.of(network(true)), meter(0, 50, 70), outbox);
        assertThat(sent).last().isEqualTo(report(0, 50, 70));
    }
}
