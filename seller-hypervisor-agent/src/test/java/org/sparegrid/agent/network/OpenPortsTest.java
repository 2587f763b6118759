// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.virtualethernet.report.Peer;

class OpenPortsTest {
    private static final MemberId SELF = new MemberId("mem-aaaaaaaaaaaa");
    private static final MemberId OTHER = new MemberId("mem-bbbbbbbbbbbb");
    private static final List<Peer> PEERS = List.of(peer("node2", 5), peer("node3", 70));

    private static Peer peer(String name, long direct) {
        return new Peer(name, "10.77.0.9", "", false, "", -1, -1, -1, 1000, 1000, direct);
    }

    private static NetworkView view(boolean own, boolean other) {
        return new NetworkView(
                new NetworkId("net-abcdefghijkl"),
                1,
                "job",
                77,
                "10.77.0.0/24",
                "10.77.0.1",
                "job.grid.internal",
                1370,
                false,
                List.of(member(SELF, "node1", own), member(OTHER, "node2", other)),
                List.of());
    }

    private static NetworkMember member(MemberId id, String name, boolean open) {
        return new NetworkMember(
                id, name, NetworkMember.Kind.MACHINE, "", "", "", "", List.of(), open);
    }

    @Test
    void savesWhatPassedDirectlyWhereOneEndIsOpen() {
        assertThat(OpenPorts.NONE.savedBytes(PEERS)).isZero();
        assertThat(OpenPorts.of(view(false, false), SELF)).isEqualTo(OpenPorts.NONE);
        assertThat(OpenPorts.of(view(false, true), SELF))
                .isEqualTo(new OpenPorts(false, Set.of("node2")));
        assertThat(OpenPorts.of(view(false, true), SELF).savedBytes(PEERS)).isEqualTo(5);
        assertThat(OpenPorts.of(view(true, false), SELF).savedBytes(PEERS)).isEqualTo(75);
    }
}
