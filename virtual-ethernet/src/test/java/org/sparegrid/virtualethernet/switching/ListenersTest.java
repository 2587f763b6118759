// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.frame.GroupMessages.Change;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;

class ListenersTest {
    private static final Member ONE = Maps.node(1, KeyPair.generate().publicKey());
    private static final Member TWO = Maps.node(2, KeyPair.generate().publicKey());
    private static final Member THREE = Maps.node(3, KeyPair.generate().publicKey());
    private static final Member BRIDGE = Maps.bridge(Maps.node(4, KeyPair.generate().publicKey()));
    private static final Directory KNOWN = new Directory(Maps.map(1, ONE, TWO, THREE, BRIDGE), ONE);
    private static final long GROUP = 0x0100_5e01_0203L;

    private final Listeners listeners = new Listeners();
    private long now = 5;

    @BeforeEach
    void learn() {
        listeners.tick(KNOWN, now);
        now += Listeners.LEARN_NANOS;
    }

    private void hears(Member member, long group, boolean listens) {
        listeners.heard(member, List.of(new Change(group, listens)), now);
    }

    private List<Member> of(long group) {
        return listeners.of(group, KNOWN, now);
    }

    @Test
    void sendsToListenersAndBridgesOnly() {
        assertThat(of(GROUP)).as("nothing is known").isEqualTo(KNOWN.peers);
        hears(TWO, GROUP, true);
        assertThat(of(GROUP)).containsExactly(TWO, BRIDGE);
        hears(THREE, GROUP, true);
        hears(TWO, GROUP, false);
        assertThat(of(GROUP)).containsExactly(THREE, BRIDGE);
    }

    @Test
    void sendsToAllUntilEveryMachineHasBeenAsked() {
        Listeners fresh = new Listeners();
        fresh.tick(KNOWN, now);
        fresh.heard(TWO, List.of(new Change(GROUP, true)), now);
        assertThat(fresh.of(GROUP, KNOWN, now + Listeners.LEARN_NANOS - 1)).isEqualTo(KNOWN.peers);
        assertThat(fresh.of(GROUP, KNOWN, now + Listeners.LEARN_NANOS))
                .containsExactly(TWO, BRIDGE);
    }

    @Test
    void keepsNothingFromAnyoneThatStationsDoNotReport() {
        for (long group : new long[] {0xffff_ffff_ffffL, 0x0100_5e00_00fbL, 0x3333_0000_0001L}) {
            hears(TWO, group, true);
            assertThat(of(group)).as(Long.toHexString(group)).isEqualTo(KNOWN.peers);
        }
        hears(TWO, 0x3333_ff00_0001L, true);
        assertThat(of(0x3333_ff00_0001L)).containsExactly(TWO, BRIDGE);
    }

    @Test
    void forgetsWhatIsNotSaidAgain() {
        hears(TWO, GROUP, true);
        now += Listeners.KEEP_NANOS - 1;
        assertThat(of(GROUP)).containsExactly(TWO, BRIDGE);
        now++;
        assertThat(of(GROUP)).isEqualTo(KNOWN.peers);
    }

    @Test
    void asksOnceAMinute() {
        assertThat(listeners.tick(KNOWN, now)).hasSize(2);
        assertThat(listeners.tick(KNOWN, now + Listeners.ASK_NANOS - 1)).isEmpty();
        assertThat(listeners.tick(KNOWN, now + Listeners.ASK_NANOS)).hasSize(2);
    }

    @Test
    void sendsEverythingToWhoListensToMoreThanIsKept() {
        LongStream.range(0, 10_000).forEach(i -> hears(THREE, 0x0100_5e10_0000L + i, true));
        hears(TWO, GROUP, true);
        assertThat(of(GROUP)).containsExactly(TWO, THREE, BRIDGE);
    }

    @Test
    void forgetsWhoIsNoMember() {
        hears(TWO, GROUP, true);
        hears(THREE, GROUP, true);
        listeners.update(Set.of(ONE.publicKey(), THREE.publicKey()));
        assertThat(of(GROUP)).containsExactly(THREE, BRIDGE);
    }
}
