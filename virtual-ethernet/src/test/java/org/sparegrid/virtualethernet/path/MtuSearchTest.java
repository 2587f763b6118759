// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.probe.Probe;
import org.sparegrid.virtualethernet.probe.ProbeSeal;
import org.sparegrid.virtualethernet.relay.RelayAddress;

class MtuSearchTest {
    private static final InetSocketAddress FIRST = new InetSocketAddress("203.0.113.1", 41_777);
    private static final InetSocketAddress OTHER = new InetSocketAddress("2001:db8::1", 41_777);
    private static final InetSocketAddress RELAYED = new RelayAddress(0, 7).toSocketAddress();
    private static final int WANTED = 1456;
    private static final long TICK = 50_000_000L;
    private static final long SECOND = 20 * TICK;

    /// A path that carries datagrams up to a length and answers after a while.
    private static final class Line implements ProbeOutlet {
        final MtuPace pace = new MtuPace();
        final MtuSearch search = new MtuSearch(pace);
        final Pings pings = new Pings(5 * SECOND, new SplittableRandom(1));
        final Deque<Runnable> answers = new ArrayDeque<>();
        InetSocketAddress used;
        int longest;
        int sent;
        int sentBytes;
        long now;

        Line(int longest) {
            this.longest = longest;
            search.want(WANTED);
            follow(FIRST);
        }

        void follow(InetSocketAddress address) {
            used = address;
            search.follow(address, now);
        }

        int found() {
            return search.found(used);
        }

        @Override
        public void send(Probe probe, InetSocketAddress to) {
            Probe.Ping ping = (Probe.Ping) probe;
            int length = ping.lengthBytes() + ProbeSeal.OVERHEAD_BYTES;
            sent++;
            sentBytes += length;
            if (length <= longest) {
                answers.add(() ->
                        pings.end(ping.transaction())
                                .ifPresent(
                                        asked -> search.answered(asked.to(), asked.lengthBytes())));
            }
        }

        @Override
        public void open(Probe probe, InetSocketAddress to) {
            throw new AssertionError("an opener");
        }

        @Override
        public Optional<Fan> fan(Probe probe, List<InetSocketAddress> to, int ports) {
            throw new AssertionError("a fan");
        }

        void run(long nanos) {
            for (long end = now + nanos; now < end; now += TICK) {
                pings.tick(now);
                while (!answers.isEmpty()) {
                    answers.remove().run();
                }
                search.tick(pings, this, now);
            }
        }
    }

    @Test
    void needsOnePingWhereEverythingFits() {
        Line line = new Line(1472);
        line.run(SECOND);
        assertThat(line.found()).isEqualTo(WANTED);
        assertThat(line.sent).isEqualTo(1);
    }

    @Test
    void findsWhatAnyPathCarriesWithinFiveSecondsAndNeverTooMuch() {
        Property.holds(
                200,
                random -> {
                    int longest = random.nextInt(700, WANTED);
                    Line line = new Line(longest);
                    line.run(5 * SECOND);
                    assertThat(line.found()).isBetween(longest - 20, longest);
                    assertThat(line.sentBytes).isLessThan(100_000);
                });
    }

    @Test
    void isExactForUsualLinksOfBothFamilies() {
        for (int packet : List.of(1492 - 8, 1480, 1460, 1420, 1400, 1340, 1300, 1280)) {
            if (packet - 28 < WANTED && packet != 1484) {
                Line line = new Line(packet - 28);
                line.run(5 * SECOND);
                assertThat(line.found()).isEqualTo(packet - 28);
            }
            Line version6 = new Line(packet - 48);
            version6.follow(OTHER);
            version6.run(5 * SECOND);
            assertThat(version6.found()).isBetween(packet - 48 - 20, packet - 48);
        }
    }

    @Test
    void isExactForUsualLinksThroughARelayOfEitherFamily() {
        for (int packet : List.of(1480, 1460, 1440, 1420, 1400, 1380, 1340, 1300, 1280)) {
            Line line = new Line(packet - 36);
            line.follow(RELAYED);
            line.run(5 * SECOND);
            assertThat(line.found()).isEqualTo(packet - 36);
            Line version6 = new Line(packet - 56);
            version6.follow(RELAYED);
            version6.run(5 * SECOND);
            assertThat(version6.found()).isBetween(packet - 56 - 20, packet - 56);
        }
    }

    @Test
    void sendsFewerPingsThroughARelay() {
        Line direct = new Line(1472);
        direct.run(100 * SECOND);
        assertThat(direct.sent).isBetween(30, 35);
        Line relayed = new Line(1472);
        relayed.follow(RELAYED);
        relayed.run(100 * SECOND);
        assertThat(relayed.sent).isBetween(9, 11);
    }

    @Test
    void confirmsEachOfManyPathsMoreRarely() {
        Line line = new Line(1472);
        line.pace.paths(500);
        line.run(100 * SECOND);
        assertThat(line.sent).isBetween(4, 6);
    }

    @Test
    void noticesThatARelayedWayBecameNarrower() {
        Line line = new Line(1472);
        line.follow(RELAYED);
        line.run(20 * SECOND);
        line.longest = 1244;
        line.run(13 * SECOND);
        assertThat(line.found()).isEqualTo(1244);
    }

    @Test
    void knowsNothingOfAnotherPathThanTheOneInUse() {
        Line line = new Line(1272);
        line.run(10 * SECOND);
        assertThat(line.search.found(OTHER)).isZero();
        assertThat(line.search.found(null)).isZero();
    }

    @Test
    void noticesThatTheWayBecameNarrower() {
        Line line = new Line(1472);
        line.run(20 * SECOND);
        line.longest = 1272;
        line.run(10 * SECOND);
        assertThat(line.found()).isEqualTo(1272);
    }

    @Test
    void noticesWithinMinutesThatTheWayBecameWider() {
        Line line = new Line(1272);
        line.run(20 * SECOND);
        line.longest = 1472;
        line.run(60 * SECOND);
        assertThat(line.found()).isEqualTo(1272);
        line.run(600 * SECOND);
        assertThat(line.found()).isEqualTo(WANTED);
    }

    @Test
    void knowsNothingOfAPathThatAnswersNone() {
        Line line = new Line(0);
        line.run(10 * SECOND);
        assertThat(line.found()).isZero();
        int before = line.sent;
        line.run(30 * SECOND);
        assertThat(line.sent).isEqualTo(before);
    }

    @Test
    void beginsAnewOnAnotherPathAndRestsWithoutOne() {
        Line line = new Line(1272);
        line.run(10 * SECOND);
        line.follow(OTHER);
        assertThat(line.found()).isZero();
        line.longest = 1472;
        line.run(SECOND);
        assertThat(line.found()).isEqualTo(WANTED);
        line.search.follow(null, line.now);
        int before = line.sent;
        line.run(30 * SECOND);
        assertThat(line.sent).isEqualTo(before);
    }
}
