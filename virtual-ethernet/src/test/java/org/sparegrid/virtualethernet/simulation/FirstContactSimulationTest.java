// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.path.PathStatus.Kind;
import org.sparegrid.virtualethernet.simulation.SimulatedNetwork.Weather;

/// How soon two peers hear each other, and how soon directly, in virtual time.
class FirstContactSimulationTest {
    private static final long MILLI = SimulatedNetwork.MILLI;
    private static final long SECOND = SimulatedNetwork.SECOND;

    /// A thirtieth of all packets is lost.
    private static final Weather RAIN = new Weather(20 * MILLI, 5 * MILLI, 0.03, 0.01);

    /// The router takes an early packet for itself and lets the port be for half a minute, so that
    /// a single ping before its machine has opened spoils more than the round.
    @Test
    void meetsBehindARouterThatTakesEarlyPacketsWithinTwoSecondsInRain() {
        List<NatModel> others =
                List.of(
                        NatModel.OTHER_PORT,
                        NatModel.PORT_RESTRICTED,
                        NatModel.INPUT_ACCEPT,
                        NatModel.CONE,
                        NatModel.RESTRICTED);
        List<String> late = new ArrayList<>();
        for (NatModel other : others) {
            for (int seed = 0; seed < 60; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                Pair pair = new Pair(random, RAIN, NatModel.INPUT_ACCEPT, other);
                pair.network.runFor(random.nextLong(1_500 * MILLI));
                pair.one.talk(pair.other, 0, 100, 20 * MILLI);
                pair.network.runFor(random.nextLong(200 * MILLI));
                pair.other.talk(pair.one, 0, 100, 20 * MILLI);
                pair.network.runFor(2 * SECOND);
                if (pair.one.kind(pair.other) != Kind.DIRECT
                        || pair.other.kind(pair.one) != Kind.DIRECT) {
                    late.add("seed " + seed + " with " + other);
                }
            }
        }
        assertThat(late).as("of 300 worlds").hasSizeLessThan(3);
    }

    @Test
    void isHeardThroughAStreamWithinASecondAndAHalfWhereUdpIsDropped() {
        Property.holds(
                10,
                random -> {
                    Pair pair = new Pair(random, Weather.FAIR, NatModel.PORT_RESTRICTED, null);
                    pair.blockUdpOfOne(true);
                    assertThat(heardAfter(pair, random.nextLong(100 * MILLI)))
                            .as("0.25 s for UDP, 0.5 s for the stream, binding and a handshake")
                            .isLessThan(1_500 * MILLI);
                });
    }

    @Test
    void isHeardThroughAStreamWithinOneSecondWhereTheSystemHasNoWayForUdp() {
        Property.holds(
                10,
                random -> {
                    Pair pair = new Pair(random, Weather.FAIR, NatModel.PORT_RESTRICTED, null);
                    pair.blockUdpOfOne(true);
                    pair.one.hasUdp = false;
                    assertThat(heardAfter(pair, random.nextLong(100 * MILLI)))
                            .as("0.5 s for the stream, binding and a handshake")
                            .isLessThan(1_000 * MILLI);
                });
    }

    /// A relay far away has 0.25 s to answer by UDP; what is tried meanwhile is given up.
    @Test
    void usesUdpAgainWhereTheRelayWasOnlySlow() {
        Property.holds(
                5,
                random -> {
                    Weather far = new Weather(190 * MILLI, 10 * MILLI, 0, 0);
                    Pair pair = new Pair(random, far, NatModel.SYMMETRIC, NatModel.SYMMETRIC);
                    pair.one.talk(pair.other, 0, 500, 20 * MILLI);
                    pair.network.runFor(5 * SECOND);
                    assertThat(pair.other.heard(pair.one)).isNotEmpty();
                    long before = pair.relay.streamed();
                    pair.network.runFor(5 * SECOND);
                    assertThat(pair.relay.streamed()).isEqualTo(before);
                    assertThat(pair.other.heard(pair.one).lastEntry().getValue())
                            .isGreaterThan(pair.network.now() - SECOND);
                });
    }

    private static long heardAfter(Pair pair, long headStartNanos) {
        pair.network.runFor(headStartNanos);
        long began = pair.network.now();
        pair.one.talk(pair.other, 0, 100, 20 * MILLI);
        pair.other.talk(pair.one, 0, 100, 20 * MILLI);
        pair.network.runFor(3 * SECOND);
        assertThat(pair.one.heard(pair.other)).isNotEmpty();
        assertThat(pair.other.heard(pair.one)).isNotEmpty();
        long one = pair.one.heard(pair.other).firstEntry().getValue();
        long other = pair.other.heard(pair.one).firstEntry().getValue();
        return Math.max(one, other) - began;
    }
}
