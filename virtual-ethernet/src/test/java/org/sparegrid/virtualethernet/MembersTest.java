// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.wire.Vxlan;

/// What the agent of a hostile seller, which holds the key of one machine, puts into its tunnel.
class MembersTest {
    private static final Member ONE = Maps.node(1, KeyPair.generate().publicKey());
    private static final Member TWO = Maps.node(2, KeyPair.generate().publicKey());
    private static final Member THREE = Maps.node(3, KeyPair.generate().publicKey());

    private final Members members = new Members(Maps.map(1, ONE, TWO, THREE), ONE);

    private boolean opens(Member source, Member destination, int vni) {
        byte[] packet = new byte[Vxlan.OVERHEAD + 60];
        Vxlan.writeHeaders(
                packet, 0, Ipv4.bits(source.vtep()), Ipv4.bits(destination.vtep()), vni, 60);
        return members.open(TWO.publicKey(), packet, 0, packet.length).isPresent();
    }

    @Test
    void opensOnlyWhatTheKeysOwnEndpointSendsToUsInThisNetwork() {
        assertThat(opens(TWO, ONE, Maps.VNI)).isTrue();
        assertThat(opens(THREE, ONE, Maps.VNI)).as("another's endpoint").isFalse();
        assertThat(opens(ONE, ONE, Maps.VNI)).as("our endpoint").isFalse();
        assertThat(opens(TWO, THREE, Maps.VNI)).as("for another").isFalse();
        assertThat(opens(TWO, ONE, Maps.VNI + 1)).as("another network").isFalse();
        assertThat(members.open(TWO.publicKey(), new byte[100], 0, 100)).isEmpty();
    }
}
