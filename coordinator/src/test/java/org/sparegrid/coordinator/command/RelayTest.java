// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkRelay;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.Relays;
import org.sparegrid.protocol.tls.PinnedAuthority;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.AttachmentSpec;
import org.sparegrid.virtualethernet.PeerStatus;
import org.sparegrid.virtualethernet.VirtualEthernet;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

/// Members of a real network reach each other through the coordinator alone.
class RelayTest {
    private static final int PATIENCE_SECONDS = 20;

    @TempDir Path folder;

    /// A card whose machine is the test. It keeps frames of the test's own EtherType: the service
    /// address asks for listeners at moments of its own.
    private static final class Card implements FramePort {
        final LinkedBlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
        private volatile Sink sink = _ -> {};

        @Override
        public void start(Sink target) {
            sink = target;
        }

        @Override
        public void configure(PortAddress address) {}

        @Override
        public boolean send(ByteBuffer frame) {
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            boolean ours = bytes[12] == (byte) 0x88 && bytes[13] == (byte) 0xb5;
            return !ours || frames.add(bytes);
        }

        @Override
        public void close() {}

        void emit(byte[] frame) {
            sink.accept(ByteBuffer.wrap(frame));
        }
    }

    @Test
    void carriesMembersThatNameNoAddress() throws Exception {
        try (Trial trial = new Trial(folder)) {
            Trial.Person alice = trial.person("alice");
            alice.pay("10");
            Order order;
            try (FakeAgent agent = FakeAgent.join(trial, trial.person("mallory"), "0.1")) {
                order = alice.order(Trial.spec(alice.image("image").id(), "net", 1, 3600));
                agent.run();
                assertThat(trial.send(trial.request("/v1/relays").GET()).as(Relays.class, 200))
                        .satisfies(known -> assertThat(known.relays()).hasSize(1));
                talk(trial, alice, order, true);
                talk(trial, alice, order, false);
            }
        }
    }

    /// Neither names an address, so that a frame or a call arrives through the relay or not at all.
    ///
    /// @param udp whether UDP from one of the two reaches the relay
    private static void talk(Trial trial, Trial.Person alice, Order order, boolean udp)
            throws Exception {
        KeyPair left = KeyPair.generate();
        KeyPair right = KeyPair.generate();
        join(alice, order, udp ? "left" : "left-tls", left);
        NetworkView view = join(alice, order, udp ? "right" : "right-tls", right);
        assertThat(view.relays()).hasSize(1);
        Card card = new Card();
        Card farCard = new Card();
        try (VirtualEthernet near = VirtualEthernet.open(new VirtualEthernet.Config(0));
                VirtualEthernet far = VirtualEthernet.open(new VirtualEthernet.Config(0));
                Attachment one = near.attach(host(left), card);
                Attachment other = far.attach(host(right), farCard)) {
            near.relayOverTls(
                    trial.address("/"), new PinnedAuthority(trial.fingerprint()).clientContext());
            NetworkMap map = map(view, 0);
            one.update(map(view, udp ? 0 : 1));
            other.update(map);
            byte[] frame = new byte[60];
            map.member(udp ? "right" : "right-tls").orElseThrow().mac().write(frame, 0);
            map.member(udp ? "left" : "left-tls").orElseThrow().mac().write(frame, 6);
            frame[12] = (byte) 0x88;
            frame[13] = (byte) 0xb5;
            card.emit(frame);
            assertThat(farCard.frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(frame);
            PeerStatus status =
                    one.peers().stream()
                            .filter(p -> p.name().equals(udp ? "right" : "right-tls"))
                            .findFirst()
                            .get();
            assertThat(status.endpoint()).isPresent();
        }
    }

    private static AttachmentSpec host(KeyPair keys) {
        return AttachmentSpec.of(keys, AttachmentSpec.Role.HOST);
    }

    private static NetworkView join(Trial.Person alice, Order order, String name, KeyPair keys)
            throws Exception {
        return alice.put(
                        "/v1/networks/" + order.network() + "/members",
                        new NetworkJoin(name, keys.publicKey().toString(), List.of()))
                .as(NetworkJoined.class, 200)
                .network();
    }

    private static NetworkMap map(NetworkView view, int wrongPort) {
        NetworkRelay relay = view.relays().getFirst();
        int port = Integer.parseInt(relay.endpoint().substring("127.0.0.1:".length()));
        return new NetworkMap(
                view.version(),
                view.name(),
                view.vni(),
                Ipv4Subnet.parse(view.subnet()),
                Inet4Address.ofLiteral(view.serviceAddress()),
                view.domain(),
                view.mtu(),
                view.members().stream().map(RelayTest::member).toList(),
                List.of(
                        new RelaySpec(
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(),
                                        wrongPort == 0 ? port : wrongPort),
                                PublicKey.parse(relay.publicKey()),
                                Optional.of(URI.create(relay.stream())))));
    }

    private static Member member(NetworkMember member) {
        return new Member(
                member.name(),
                PublicKey.parse(member.publicKey()),
                Inet4Address.ofLiteral(member.tunnelAddress()),
                MacAddress.parse(member.mac()),
                Inet4Address.ofLiteral(member.address()),
                List.of(),
                false);
    }
}
