// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.meter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;

class MeterTest {
    private static final PublicKey ONE = KeyPair.generate().publicKey();
    private static final PublicKey TWO = KeyPair.generate().publicKey();
    private static final long SECOND = 1_000_000_000L;

    private final Meter meter = new Meter();
    private final Set<PublicKey> direct = new HashSet<>();

    private TrafficCounters.Peer count(PublicKey peer) {
        TrafficCounters.Peer count = meter.counters().peers().get(peer);
        return count == null ? new TrafficCounters.Peer(0, 0, 0, 0) : count;
    }

    private void exchange(PublicKey peer) {
        meter.sentTo(peer, 100);
        meter.deliveredOut(peer, 7);
    }

    @Test
    void countsAsDirectWhatPassedBetweenTwoLooksThatFoundTheDirectPath() {
        exchange(ONE);
        direct.add(ONE);
        meter.look(direct::contains, 0);
        assertThat(count(ONE)).isEqualTo(new TrafficCounters.Peer(100, 7, 0, 0));
        exchange(ONE);
        exchange(TWO);
        meter.look(direct::contains, SECOND);
        assertThat(count(ONE)).isEqualTo(new TrafficCounters.Peer(200, 14, 100, 7));
        assertThat(count(TWO)).isEqualTo(new TrafficCounters.Peer(100, 7, 0, 0));
        assertThat(meter.directBytes(ONE)).isEqualTo(107);
        assertThat(meter.directBytes(TWO)).isZero();
    }

    @Test
    void countsWhatPassedDuringAChangeForTheRelay() {
        direct.add(ONE);
        exchange(ONE);
        meter.look(direct::contains, 0);
        exchange(ONE);
        direct.clear();
        meter.look(direct::contains, SECOND);
        exchange(ONE);
        direct.add(ONE);
        meter.look(direct::contains, 2 * SECOND);
        assertThat(meter.directBytes(ONE)).isZero();
        exchange(ONE);
        meter.look(direct::contains, 3 * SECOND);
        assertThat(meter.directBytes(ONE)).isEqualTo(107);
    }

    @Test
    void looksOnceASecondAndBeforeItTellsAll() {
        direct.add(ONE);
        exchange(ONE);
        meter.look(direct::contains, 0);
        exchange(ONE);
        meter.look(direct::contains, SECOND - 1);
        assertThat(meter.directBytes(ONE)).isZero();
        assertThat(meter.counters(direct::contains).peers().get(ONE).directBytes()).isEqualTo(107);
    }
}
