// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.path.PathStatus.Kind;
import org.sparegrid.virtualethernet.simulation.SimulatedNetwork.Weather;

/// Peers behind every kind of translator find each other, in virtual time.
class PathSimulationTest {
    private static final long MILLI = SimulatedNetwork.MILLI;
    private static final long SECOND = SimulatedNetwork.SECOND;

    private static NatModel model(String name) {
        return switch (name) {
            case "cone" -> NatModel.CONE;
            case "restricted" -> NatModel.RESTRICTED;
            case "port-restricted" -> NatModel.PORT_RESTRICTED;
            case "other-port" -> NatModel.OTHER_PORT;
            case "symmetric" -> NatModel.SYMMETRIC;
            case "input-accept" -> NatModel.INPUT_ACCEPT;
            default -> throw new IllegalArgumentException(name);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "cone, cone",
        "cone, symmetric",
        "restricted, symmetric",
        "port-restricted, port-restricted",
        "port-restricted, other-port",
        "other-port, other-port",
        "input-accept, input-accept",
        "input-accept, port-restricted",
        "input-accept, other-port",
    })
    void beatsTwoTranslatorsThatCanBeBeaten(String first, String second) {
        Property.holds(
                3,
                random -> {
                    Pair pair = new Pair(random, Weather.FAIR, model(first), model(second));
                    pair.network.runFor(SECOND);
                    pair.one.talk(pair.other, 0, 100, 20 * MILLI);
                    pair.other.talk(pair.one, 0, 100, 20 * MILLI);
                    pair.network.runFor(3 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.DIRECT);
                    assertThat(pair.other.kind(pair.one)).isEqualTo(Kind.DIRECT);
                    assertThat(pair.other.heard(pair.one)).hasSize(100);
                    assertThat(pair.one.heard(pair.other)).hasSize(100);
                    assertThat(pair.one.stray + pair.other.stray).isZero();
                });
    }

    @Test
    void talksThroughTheRelayAtOnceWhereNothingElseWorks() {
        Property.holds(
                5,
                random -> {
                    Pair pair =
                            new Pair(random, Weather.FAIR, NatModel.SYMMETRIC, NatModel.SYMMETRIC);
                    pair.network.runFor(SECOND);
                    long began = pair.network.now();
                    pair.one.talk(pair.other, 0, 50, 20 * MILLI);
                    pair.network.runFor(3 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                    assertThat(pair.other.heard(pair.one)).hasSize(50);
                    assertThat(pair.other.heard(pair.one).get(0L) - began)
                            .as("handshake and packet, 40 ms each way, and a tick")
                            .isLessThan(200 * MILLI);
                    assertThat(pair.one.status(pair.other).why()).contains("answers probes");
                });
    }

    @Test
    void losesNothingBetweenRelayAndDirectPathAndComesBackWithin7500Milliseconds() {
        Property.holds(
                2,
                random -> {
                    Pair pair =
                            new Pair(
                                    random,
                                    Weather.FAIR,
                                    NatModel.PORT_RESTRICTED,
                                    NatModel.OTHER_PORT);
                    pair.network.runFor(SECOND);
                    for (int cycle = 0; cycle < 5; cycle++) {
                        long first = cycle * 1_000_000L;
                        pair.one.talk(pair.other, first, 8_000, 10 * MILLI);
                        pair.network.runFor(70 * SECOND);
                        assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.DIRECT);
                        assertThat(pair.other.heard(pair.one).subMap(first, first + 6_900))
                                .hasSize(6_900);
                        pair.cutDirect(true);
                        long cutNanos = pair.network.now();
                        pair.network.runFor(20 * SECOND);
                        assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                        pair.one.say(pair.other, first + 900_000);
                        long silence = silence(pair, first, cutNanos);
                        assertThat(silence).isLessThan(7_500 * MILLI);
                        pair.cutDirect(false);
                    }
                });
    }

    @Test
    void usesAStreamWhileUdpIsBlockedAndUdpAgainAfterwards() {
        Property.holds(
                5,
                random -> {
                    Pair pair = new Pair(random, Weather.FAIR, NatModel.PORT_RESTRICTED, null);
                    pair.blockUdpOfOne(true);
                    pair.one.talk(pair.other, 0, 9_000, 20 * MILLI);
                    pair.network.runFor(3 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                    assertThat(pair.other.heard(pair.one)).isNotEmpty();
                    pair.network.runFor(10 * SECOND);
                    pair.blockUdpOfOne(false);
                    pair.network.runFor(75 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.DIRECT);
                    assertThat(pair.other.heard(pair.one).subMap(500L, 3_000L)).hasSize(2_500);
                    pair.blockUdpOfOne(true);
                    pair.network.runFor(20 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                    assertThat(pair.other.heard(pair.one).tailMap(5_300L)).isNotEmpty();
                });
    }

    @Test
    void leavesARelayThatUdpDoesNotReachAnyMoreWithinFiveSecondsOfWantingIt() {
        Property.holds(
                5,
                random -> {
                    Pair pair =
                            new Pair(random, Weather.FAIR, NatModel.SYMMETRIC, NatModel.SYMMETRIC);
                    pair.network.runFor(SECOND);
                    pair.one.say(pair.other, 0);
                    pair.network.runFor((60 + random.nextLong(20)) * SECOND);
                    assertThat(pair.other.heard(pair.one)).hasSize(1);
                    pair.blockUdpOfOne(true);
                    pair.network.runFor(random.nextLong(3 * SECOND));
                    long began = pair.network.now();
                    pair.one.talk(pair.other, 1, 1_000, 20 * MILLI);
                    pair.network.runFor(10 * SECOND);
                    assertThat(pair.other.heard(pair.one).tailMap(1L)).isNotEmpty();
                    long first = pair.other.heard(pair.one).tailMap(1L).firstEntry().getValue();
                    assertThat(first - began).isLessThan(5 * SECOND);
                    pair.blockUdpOfOne(false);
                });
    }

    @Test
    void leavesARelayUnderTrafficWithin7500Milliseconds() {
        Property.holds(
                5,
                random -> {
                    Pair pair =
                            new Pair(random, Weather.FAIR, NatModel.SYMMETRIC, NatModel.SYMMETRIC);
                    pair.network.runFor(SECOND);
                    pair.one.talk(pair.other, 0, 2_000, 10 * MILLI);
                    pair.network.runFor(5 * SECOND + random.nextLong(3 * SECOND));
                    pair.blockUdpOfOne(true);
                    long cutNanos = pair.network.now();
                    pair.network.runFor(12 * SECOND);
                    assertThat(silence(pair, 0, cutNanos)).isLessThan(7_500 * MILLI);
                });
    }

    /// A machine that comes a while after it was called first.
    @Test
    void reachesAPeerWithinTwoSecondsOfItsComing() {
        for (boolean relayed : List.of(true, false)) {
            Property.holds(
                    10,
                    random -> {
                        SimulatedNetwork network = new SimulatedNetwork(random, Weather.FAIR);
                        SimulatedRelay relay = new SimulatedRelay(network);
                        SimulatedHost one = Pair.host(network, "203.0.113.1", null);
                        SimulatedHost other = Pair.host(network, "203.0.113.2", null);
                        List<SimulatedHost> members = List.of(one, other);
                        List<RelaySpec> relays = relayed ? List.of(relay.spec()) : List.of();
                        one.join(members, relays);
                        one.talk(other, 0, 1_000, 20 * MILLI);
                        network.runFor(random.nextLong(8 * SECOND));
                        long came = network.now();
                        other.join(members, relays);
                        network.runFor(2 * SECOND);
                        assertThat(other.heard(one)).as("relay %s", relayed).isNotEmpty();
                        assertThat(other.heard(one).firstEntry().getValue() - came)
                                .isLessThan(2 * SECOND);
                    });
        }
    }

    /// How long after the cut the first packet arrives that was sent after it.
    private static long silence(Pair pair, long first, long cutNanos) {
        return pair.other.heard(pair.one).tailMap(first).values().stream()
                        .filter(at -> at > cutNanos + 100 * MILLI)
                        .mapToLong(Long::longValue)
                        .min()
                        .orElse(Long.MAX_VALUE)
                - cutNanos;
    }

    @Test
    void followsAPeerThatMoves() {
        Property.holds(
                3,
                random -> {
                    Pair pair = new Pair(random, Weather.FAIR, NatModel.PORT_RESTRICTED, null);
                    pair.one.talk(pair.other, 0, 2_000, 20 * MILLI);
                    pair.network.runFor(10 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.DIRECT);
                    pair.one.move(
                            new InetSocketAddress(InetAddress.ofLiteral("192.168.1.77"), 5000));
                    pair.network.runFor(10 * SECOND);
                    assertThat(pair.other.kind(pair.one)).isEqualTo(Kind.DIRECT);
                    assertThat(pair.other.heard(pair.one).subMap(500L, 900L)).hasSize(400);
                });
    }

    @Test
    void usesTheLanBetweenMachinesBehindOneTranslator() {
        Property.holds(
                3,
                random -> {
                    SimulatedNetwork network = new SimulatedNetwork(random, Weather.FAIR);
                    SimulatedRelay relay = new SimulatedRelay(network);
                    SimulatedNat nat =
                            new SimulatedNat(
                                    NatModel.SYMMETRIC,
                                    InetAddress.ofLiteral("203.0.113.1"),
                                    random);
                    network.add(nat);
                    List<SimulatedHost> hosts = new ArrayList<>();
                    for (String inner : List.of("192.168.1.2", "192.168.1.3")) {
                        SimulatedHost host =
                                new SimulatedHost(
                                        network,
                                        nat,
                                        new InetSocketAddress(
                                                InetAddress.ofLiteral(inner), Pair.PORT));
                        host.announce(List.of(host.address()));
                        hosts.add(host);
                    }
                    hosts.forEach(host -> host.join(hosts, List.of(relay.spec())));
                    network.runFor(SECOND);
                    hosts.get(0).talk(hosts.get(1), 0, 100, 20 * MILLI);
                    network.runFor(3 * SECOND);
                    assertThat(hosts.get(0).status(hosts.get(1)).endpoint())
                            .contains(hosts.get(1).address());
                });
    }

    @Test
    void pingsNoInnerAddressOfAPeerElsewhere() {
        Property.holds(
                3,
                random -> {
                    Pair pair = new Pair(random, Weather.FAIR, NatModel.PORT_RESTRICTED, null);
                    pair.other.announce(
                            List.of(
                                    new InetSocketAddress(
                                            InetAddress.ofLiteral("192.168.1.9"), 53)));
                    pair.network.runFor(SECOND);
                    pair.one.join(List.of(pair.one, pair.other), List.of(pair.relay.spec()));
                    pair.one.talk(pair.other, 0, 50, 20 * MILLI);
                    pair.network.runFor(5 * SECOND);
                    assertThat(pair.one.pinged)
                            .noneMatch(each -> each.getAddress().isSiteLocalAddress());
                });
    }

    /// The promise of docs/specification.md.
    @Test
    void guessesAPortOfASymmetricTranslatorWithinSixSecondsIn95Of100Worlds() {
        Distribution distribution = new Distribution();
        int direct = 0;
        for (int seed = 0; seed < 100; seed++) {
            Pair pair =
                    new Pair(
                            new SplittableRandom(seed),
                            Weather.FAIR,
                            seed % 2 == 0 ? NatModel.SYMMETRIC : NatModel.PORT_RESTRICTED,
                            seed % 2 == 0 ? NatModel.PORT_RESTRICTED : NatModel.SYMMETRIC);
            pair.network.runFor(SECOND);
            long began = pair.network.now();
            pair.one.talk(pair.other, 0, 60, 100 * MILLI);
            pair.other.talk(pair.one, 0, 60, 100 * MILLI);
            pair.network.runFor(6 * SECOND);
            boolean met =
                    pair.one.kind(pair.other) == Kind.DIRECT
                            && pair.other.kind(pair.one) == Kind.DIRECT;
            direct += met ? 1 : 0;
            Long at = pair.other.directNanos.get(pair.one.keys.publicKey());
            distribution.add(met && at != null ? at - began : -1);
            assertThat(pair.other.heard(pair.one)).hasSizeGreaterThanOrEqualTo(59);
            assertThat(pair.one.stray + pair.other.stray).isZero();
        }
        System.getLogger(PathSimulationTest.class.getName())
                .log(System.Logger.Level.INFO, () -> "symmetric, port-restricted: " + distribution);
        assertThat(direct).isGreaterThanOrEqualTo(95);
    }

    @Test
    void guessesNothingBeforeTheOtherHasOpenedItsPorts() {
        Property.holds(
                10,
                random -> {
                    Pair pair =
                            new Pair(
                                    random,
                                    Weather.FAIR,
                                    NatModel.SYMMETRIC,
                                    NatModel.PORT_RESTRICTED);
                    pair.one.fanTakesNanos = 5 * SECOND;
                    pair.network.runFor(SECOND);
                    pair.one.talk(pair.other, 0, 200, 100 * MILLI);
                    pair.other.talk(pair.one, 0, 200, 100 * MILLI);
                    pair.network.runFor(20 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.DIRECT);
                    assertThat(pair.other.kind(pair.one)).isEqualTo(Kind.DIRECT);
                });
    }

    @Test
    void guessesAgainSoonIfTheFirstSearchWasTooLate() {
        Property.holds(
                10,
                random -> {
                    Pair pair =
                            new Pair(
                                    random,
                                    Weather.FAIR,
                                    NatModel.SYMMETRIC,
                                    NatModel.PORT_RESTRICTED);
                    pair.network.runFor(SECOND);
                    pair.one.talk(pair.other, 0, 400, 100 * MILLI);
                    pair.other.talk(pair.one, 0, 400, 100 * MILLI);
                    pair.cutDirect(true);
                    pair.network.runFor(8 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                    pair.cutDirect(false);
                    pair.network.runFor(32 * SECOND);
                    assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.DIRECT);
                    assertThat(pair.other.kind(pair.one)).isEqualTo(Kind.DIRECT);
                });
    }

    @Test
    void guessesNoPortsWhereBothTranslatorsAreSymmetric() {
        Property.holds(
                3,
                random -> {
                    Pair pair =
                            new Pair(random, Weather.FAIR, NatModel.SYMMETRIC, NatModel.SYMMETRIC);
                    pair.network.runFor(SECOND);
                    pair.one.talk(pair.other, 0, 80, 100 * MILLI);
                    pair.network.runFor(8 * SECOND);
                    assertThat(pair.one.sentDatagrams + pair.other.sentDatagrams)
                            .as("packets, probes and binds, but no search")
                            .isLessThan(500);
                });
    }

    @Test
    void guessesNoPortsAndOpensNoneWhereEitherOwnerForbidsIt() {
        for (int forbids = 0; forbids < 2; forbids++) {
            boolean first = forbids == 0;
            Property.holds(
                    3,
                    random -> {
                        Pair pair =
                                new Pair(
                                        random,
                                        Weather.FAIR,
                                        NatModel.SYMMETRIC,
                                        NatModel.PORT_RESTRICTED);
                        (first ? pair.one : pair.other).turn.forbid(true);
                        pair.network.runFor(SECOND);
                        pair.one.talk(pair.other, 0, 80, 100 * MILLI);
                        pair.network.runFor(8 * SECOND);
                        assertThat((first ? pair.one : pair.other).sentDatagrams).isLessThan(300);
                        if (first) { // Else a plain ping meets an opened port once in some 250.
                            assertThat(pair.one.kind(pair.other)).isEqualTo(Kind.RELAYED);
                        }
                    });
        }
    }

    @Test
    void findsTheBestWayThroughAnyTwoTranslatorsInAnyWeather() {
        report(Property::holds, 30);
    }

    /// The promise of docs/specification.md: in under two minutes.
    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void findsTheBestWayInAThousandWorlds() {
        report(Property::holds, 1_000);
    }

    @FunctionalInterface
    private interface Runner {
        void holds(int tries, Property.Body body);
    }

    private static void report(Runner runner, int tries) {
        Distribution distribution = new Distribution();
        runner.holds(tries, random -> anyPair(random, distribution));
        System.getLogger(PathSimulationTest.class.getName())
                .log(System.Logger.Level.INFO, () -> tries + " pairs: " + distribution);
    }

    private static void anyPair(RandomGenerator random, Distribution distribution) {
        NatModel first = random.nextInt(6) == 0 ? null : NatModel.draw(random);
        NatModel second = random.nextInt(6) == 0 ? null : NatModel.draw(random);
        boolean fair = random.nextBoolean();
        Weather weather =
                fair
                        ? new Weather(random.nextLong(1, 80) * MILLI, 3 * MILLI, 0, 0)
                        : new Weather(
                                random.nextLong(1, 150) * MILLI,
                                30 * MILLI,
                                random.nextDouble(0.05),
                                random.nextDouble(0.05));
        Pair pair = new Pair(random, weather, first, second);
        pair.network.runFor(2 * SECOND);
        long began = pair.network.now();
        pair.one.talk(pair.other, 0, 400, 20 * MILLI);
        pair.other.talk(pair.one, 0, 400, 20 * MILLI);
        pair.network.runFor(10 * SECOND);
        Kind kind = pair.one.kind(pair.other);
        assertThat(pair.one.stray + pair.other.stray).isZero();
        if (fair) {
            assertThat(NatModel.outcomes(first, second))
                    .as("%s and %s in %s", first, second, weather)
                    .contains(kind);
            assertThat(pair.other.heard(pair.one)).hasSize(400);
            assertThat(pair.one.heard(pair.other)).hasSize(400);
        } else {
            assertThat(kind).isNotEqualTo(Kind.NONE);
            pair.one.talk(pair.other, 400, 40, SECOND);
            pair.network.runFor(41 * SECOND);
            assertThat(pair.other.heard(pair.one)).isNotEmpty();
        }
        Long at = pair.one.directNanos.get(pair.other.keys.publicKey());
        distribution.add(kind == Kind.DIRECT && at != null ? at - began : -1);
    }
}
