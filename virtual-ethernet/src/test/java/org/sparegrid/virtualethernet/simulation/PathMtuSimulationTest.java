// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.path.PathStatus.Kind;
import org.sparegrid.virtualethernet.simulation.SimulatedNetwork.Weather;

/// What paths carry is found out, directly and through relays, where nobody tells.
class PathMtuSimulationTest {
    private static final long MILLI = SimulatedNetwork.MILLI;
    private static final long SECOND = SimulatedNetwork.SECOND;
    private static final int LONGEST = 1456;
    private static final InetAddress OF_ONE = InetAddress.ofLiteral("203.0.113.1");
    private static final InetAddress OF_OTHER = InetAddress.ofLiteral("203.0.113.2");

    private static int carried(SimulatedHost from, SimulatedHost to) {
        int carried = from.carried.getOrDefault(to.keys.publicKey(), 0);
        assertThat(from.status(to).datagramBytes()).isEqualTo(carried);
        return carried;
    }

    /// Two machines that will not meet directly.
    private static Pair relayed(RandomGenerator random) {
        Pair pair = new Pair(random, Weather.FAIR, NatModel.SYMMETRIC, NatModel.SYMMETRIC);
        pair.one.paths.want(LONGEST);
        pair.other.paths.want(LONGEST);
        pair.network.runFor(SECOND);
        return pair;
    }

    @Test
    void findsWhatADirectPathCarriesAndNoticesThatItBecameLess() {
        Property.holds(
                3,
                random -> {
                    Pair pair = new Pair(random, Weather.FAIR, NatModel.PORT_RESTRICTED, null);
                    pair.one.paths.want(LONGEST);
                    pair.network.narrow(1372);
                    pair.one.talk(pair.other, 0, 3_000, 20 * MILLI);
                    pair.network.runFor(10 * SECOND);
                    assertThat(carried(pair.one, pair.other)).isEqualTo(1372);
                    pair.network.narrow(1252);
                    pair.network.runFor(10 * SECOND);
                    assertThat(carried(pair.one, pair.other)).isEqualTo(1252);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.DIRECT);
                    pair.cutDirect(true);
                    pair.network.runFor(12 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                    assertThat(carried(pair.one, pair.other)).as("less a header").isEqualTo(1244);
                });
    }

    @Test
    void findsWhatEitherLegOfARelayedPathCarriesInBothDirections() {
        for (InetAddress narrow : new InetAddress[] {OF_ONE, OF_OTHER}) {
            Property.holds(
                    3,
                    random -> {
                        Pair pair = relayed(random);
                        pair.network.narrow(narrow, 1400 - 28);
                        pair.one.talk(pair.other, 0, 2_000, 20 * MILLI);
                        pair.other.talk(pair.one, 0, 2_000, 20 * MILLI);
                        pair.network.runFor(6 * SECOND);
                        assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                        assertThat(carried(pair.one, pair.other)).isEqualTo(1400 - 36);
                        assertThat(carried(pair.other, pair.one)).isEqualTo(1400 - 36);
                        pair.network.narrow(narrow, 1280 - 28);
                        pair.network.runFor(15 * SECOND);
                        assertThat(carried(pair.one, pair.other)).isEqualTo(1280 - 36);
                        assertThat(carried(pair.other, pair.one)).isEqualTo(1280 - 36);
                        assertThat(pair.other.heard(pair.one)).hasSizeGreaterThan(1_000);
                    });
        }
    }

    @Test
    void findsWhatThePeersLegCarriesWhileItsOwnIsAStream() {
        Property.holds(
                3,
                random -> {
                    Pair pair = relayed(random);
                    pair.blockUdpOfOne(true);
                    pair.network.narrow(OF_OTHER, 1280 - 28);
                    pair.one.talk(pair.other, 0, 1_000, 20 * MILLI);
                    pair.network.runFor(10 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                    assertThat(carried(pair.one, pair.other)).isEqualTo(1280 - 36);
                });
    }

    @Test
    void measuresThePathAnewThatFollowsARelayedOne() {
        Property.holds(
                3,
                random -> {
                    Pair pair = new Pair(random, Weather.FAIR, NatModel.PORT_RESTRICTED, null);
                    pair.one.paths.want(LONGEST);
                    pair.network.narrow(SimulatedRelay.address(), 1280 - 28);
                    pair.cutDirect(true);
                    pair.one.talk(pair.other, 0, 4_000, 20 * MILLI);
                    pair.network.runFor(8 * SECOND);
                    assertThat(carried(pair.one, pair.other)).isEqualTo(1280 - 36);
                    pair.cutDirect(false);
                    pair.network.runFor(60 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.DIRECT);
                    assertThat(carried(pair.one, pair.other)).isEqualTo(LONGEST);
                });
    }

    @Test
    void measuresNothingInSilence() {
        Property.holds(
                3,
                random -> {
                    Pair pair = relayed(random);
                    pair.one.talk(pair.other, 0, 10, 20 * MILLI);
                    pair.network.runFor(60 * SECOND);
                    AtomicInteger padded = new AtomicInteger();
                    pair.network.spy(datagram -> padded.addAndGet(datagram.length > 500 ? 1 : 0));
                    pair.network.runFor(60 * SECOND);
                    assertThat(padded).hasValue(0);
                });
    }
}
