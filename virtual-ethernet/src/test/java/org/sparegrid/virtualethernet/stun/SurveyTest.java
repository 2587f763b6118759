// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.virtualethernet.check.NetworkReport;
import org.sparegrid.virtualethernet.check.NetworkReport.Filtering;
import org.sparegrid.virtualethernet.check.NetworkReport.Mapping;

final class SurveyTest {
    private static final InetSocketAddress SERVER = at("203.0.113.2", 7443);
    private static final InetSocketAddress OTHER = at("203.0.113.2", 7444);

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    /// A network of which each property is a field.
    private static final class Network implements Survey.Line {
        private boolean udp = true;
        private boolean forwarded;
        private boolean filtersByPort = true;
        private boolean varies;
        private boolean hasOther = true;
        private boolean translates = true;
        private int pathMtu = 1500;
        private final List<InetSocketAddress> reached = new ArrayList<>();

        @Override
        public int port() {
            return 41_777;
        }

        @Override
        public boolean isOwn(InetAddress address) {
            return address.equals(InetAddress.ofLiteral("192.168.1.2"));
        }

        @Override
        public Optional<Survey.Answer> ask(StunMessage.Wish wish, InetSocketAddress to) {
            if (!udp) {
                return Optional.empty();
            }
            reached.add(to);
            InetSocketAddress from = wish.otherPort() ? OTHER : to;
            boolean passes = !filtersByPort || forwarded || reached.contains(from);
            return passes ? Optional.of(answer(to)) : Optional.empty();
        }

        private Survey.Answer answer(InetSocketAddress to) {
            InetSocketAddress seen =
                    translates
                            ? at("198.51.100.7", varies ? 30_000 + to.getPort() : 41_777)
                            : at("192.168.1.2", 41_777);
            return new Survey.Answer(
                    new StunMessage.Success(
                            new StunMessage.Transaction(1, 2),
                            seen,
                            hasOther ? Optional.of(at("0.0.0.0", 7444)) : Optional.empty()),
                    31_000_000);
        }

        @Override
        public Optional<Survey.Answer> knock(StunMessage.Wish wish, InetSocketAddress to) {
            assertThat(reached).isEmpty();
            assertThat(wish.answerTo()).isEqualTo(41_777);
            return udp && forwarded ? Optional.of(answer(to)) : Optional.empty();
        }

        @Override
        public boolean returns(InetSocketAddress own) {
            return false;
        }

        @Override
        public boolean fits(StunMessage.Wish wish, InetSocketAddress to) {
            return udp && 20 + 8 + 20 + 8 + 4 + wish.paddingBytes() <= pathMtu;
        }

        private NetworkReport survey() throws InterruptedException {
            return new Survey(this, SERVER).run();
        }
    }

    @Test
    void knowsAnOrdinaryHomeRouter() throws Exception {
        NetworkReport report = new Network().survey();
        assertThat(report)
                .isEqualTo(
                        new NetworkReport(
                                41_777,
                                "203.0.113.2:7443",
                                true,
                                31_000,
                                "198.51.100.7:41777",
                                Mapping.SAME,
                                Filtering.BY_PORT,
                                false,
                                false,
                                1500));
        assertThat(report.fix()).isEmpty();
    }

    @Test
    void advisesToOpenAPortWhereEachPeerSeesAnother() throws Exception {
        Network network = new Network();
        network.varies = true;
        NetworkReport report = network.survey();
        assertThat(report.mapping()).isEqualTo(Mapping.VARIES);
        assertThat(report.fix()).startsWith("forward UDP port 41777 on the router");
        network.reached.clear();
        network.forwarded = true;
        assertThat(network.survey().open()).isTrue();
        network.reached.clear();
        assertThat(network.survey().fix()).isEmpty();
    }

    @Test
    void seesThatThereIsNoNat() throws Exception {
        Network network = new Network();
        network.translates = false;
        network.filtersByPort = false;
        NetworkReport report = network.survey();
        assertThat(report.mapping()).isEqualTo(Mapping.NONE);
        assertThat(report.filtering()).isEqualTo(Filtering.OPEN);
    }

    @Test
    void saysWhatItCannotKnowFromAServerWithOnePort() throws Exception {
        Network network = new Network();
        network.hasOther = false;
        assertThat(network.survey().mapping()).isEqualTo(Mapping.UNKNOWN);
        network.reached.clear();
        assertThat(network.survey().filtering()).isEqualTo(Filtering.UNKNOWN);
    }

    @Test
    void seesThatUdpIsBlocked() throws Exception {
        Network network = new Network();
        network.udp = false;
        NetworkReport report = network.survey();
        assertThat(report.udp()).isFalse();
        assertThat(report.fix()).startsWith("let UDP out to 203.0.113.2:7443");
    }

    @ParameterizedTest
    @ValueSource(ints = {1500, 1492, 1480, 1280, 1124, 576})
    void findsTheLargestPacketThatPasses(int mtu) throws Exception {
        Network network = new Network();
        network.pathMtu = mtu;
        NetworkReport report = network.survey();
        assertThat(report.pathMtu()).isEqualTo(mtu);
        assertThat(report.fix().contains("raise the MTU")).isEqualTo(mtu < 1480);
    }
}
