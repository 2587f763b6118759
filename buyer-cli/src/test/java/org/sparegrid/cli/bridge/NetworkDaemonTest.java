// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.context.DaemonState;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.fake.FakeCoordinator.Reply;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.protocol.market.VolumeUse;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.AttachmentSpec;
import org.sparegrid.virtualethernet.VirtualEthernet;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;
import org.sparegrid.virtualethernet.report.Peer;

/// The daemon against a real overlay peer in this process and a coordinator that introduces them.
class NetworkDaemonTest {
    private static final NetworkId NETWORK = new NetworkId("net-abcdefghijkl");
    private static final MemberId SELF = new MemberId("mem-aaaaaaaaaaaa");

    private static final String TRAFFIC =
            "/v1/networks/" + NETWORK + "/members/" + SELF + "/traffic";

    @TempDir Path home;

    /// A machine that answers ICMP echo and nothing else.
    private static final class EchoPort implements FramePort {
        private final AtomicReference<Sink> sink = new AtomicReference<>();

        @Override
        public void start(Sink to) {
            sink.set(to);
        }

        @Override
        public void configure(PortAddress address) {}

        @Override
        public boolean send(ByteBuffer frame) {
            byte[] bytes = new byte[frame.remaining()];
            frame.duplicate().get(bytes);
            boolean echo = bytes.length > 42 && bytes[12] == 8 && bytes[23] == 1 && bytes[34] == 8;
            if (echo) {
                swap(bytes, 0, 6, 6);
                swap(bytes, 26, 30, 4);
                bytes[34] = 0;
                int sum = ((bytes[36] & 0xff) << 8 | bytes[37] & 0xff) + 0x0800;
                sum = (sum & 0xffff) + (sum >> 16);
                bytes[36] = (byte) (sum >> 8);
                bytes[37] = (byte) sum;
                Thread.ofVirtual().start(() -> sink.get().accept(ByteBuffer.wrap(bytes)));
            }
            return true;
        }

        private static void swap(byte[] bytes, int one, int other, int length) {
            for (int i = 0; i < length; i++) {
                byte kept = bytes[one + i];
                bytes[one + i] = bytes[other + i];
                bytes[other + i] = kept;
            }
        }

        @Override
        public void close() {}
    }

    /// The system's clock, put forward.
    private static final class LaterClock extends Clock {
        private volatile Duration later = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().plus(later);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    private static NetworkMember member(
            MemberId id, String name, int number, String key, List<String> endpoints) {
        return new NetworkMember(
                id,
                name,
                NetworkMember.Kind.HOST,
                key,
                "198.19.0." + number,
                "02:00:00:00:00:0" + number,
                "10.77.3." + number,
                endpoints,
                false);
    }

    private static NetworkView view(NetworkMember... members) {
        return new NetworkView(
                NETWORK,
                5,
                "demo",
                77,
                "10.77.3.0/24",
                "10.77.3.1",
                "demo.grid.internal",
                1370,
                true,
                List.of(members),
                List.of());
    }

    private static Order order(OrderState state) {
        return new Order(
                new OrderId("ord-abcdefghijkl"),
                1,
                new OrderSpec(
                        "demo",
                        new ImageId("ab".repeat(32)),
                        1,
                        new MachineSize(1, 512, 0),
                        Credits.ZERO,
                        3600,
                        true,
                        List.of(),
                        Placement.ANY,
                        Query.ANY,
                        Checkpoints.NONE,
                        VolumeUse.NONE,
                        0),
                NETWORK,
                state,
                "",
                Instant.EPOCH,
                Credits.ZERO,
                Credits.ZERO,
                List.of(),
                List.of());
    }

    private static void introduce(
            FakeCoordinator fake, AtomicReference<NetworkView> network, NetworkMember other) {
        fake.on(
                "PUT /v1/networks/" + NETWORK + "/members",
                request -> {
                    NetworkJoin join = request.as(NetworkJoin.class);
                    network.set(
                            view(
                                    other,
                                    member(
                                            SELF,
                                            join.name(),
                                            2,
                                            join.publicKey(),
                                            join.endpoints())));
                    return Reply.of(200, new NetworkJoined(SELF, network.get()));
                });
        fake.on("DELETE /v1/networks/.*", _ -> new Reply(204, new byte[0]));
        fake.on("POST " + TRAFFIC, _ -> new Reply(204, new byte[0]));
        fake.on("GET /v1/networks/.*", _ -> Reply.of(200, network.get()));
    }

    private static Thread start(
            FakeCoordinator fake,
            NetworkFolder folder,
            BlockingQueue<DaemonState> ready,
            AtomicReference<Throwable> failure) {
        return start(fake, folder, Clock.systemUTC(), ready, failure);
    }

    private static Thread start(
            FakeCoordinator fake,
            NetworkFolder folder,
            Clock clock,
            BlockingQueue<DaemonState> ready,
            AtomicReference<Throwable> failure) {
        Coordinator coordinator = Coordinator.at(fake.settings(), Optional.of("secret"));
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        NetworkDaemon.run(
                                coordinator,
                                folder,
                                order(OrderState.RUNNING),
                                new NetworkDaemon.Setup(DaemonState.USER, GatewaySetup.NONE),
                                clock,
                                ready::add);
                    } catch (Exception failed) {
                        failure.set(failed);
                    }
                });
    }

    private NetworkFolder folder() {
        return Context.of(Map.of("SPAREGRID_HOME", home.toString())).network(NETWORK);
    }

    @Test
    void endsOnceItsOrderIsOver() throws Exception {
        AtomicReference<NetworkView> network = new AtomicReference<>();
        NetworkMember other =
                member(
                        new MemberId("mem-bbbbbbbbbbbb"),
                        "node1",
                        9,
                        KeyPair.generate().publicKey().toString(),
                        List.of());
        try (FakeCoordinator fake = FakeCoordinator.open()) {
            introduce(fake, network, other);
            BlockingQueue<DaemonState> ready = new LinkedBlockingQueue<>();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            fake.on("GET /v1/orders/.*", _ -> Reply.of(200, order(OrderState.CLOSED)));
            Thread daemon = start(fake, folder(), ready, failure);
            assertThat(ready.poll(20, TimeUnit.SECONDS)).isNotNull();
            fake.on(
                    "PUT /v1/networks/" + NETWORK + "/members",
                    _ -> Reply.refused(409, "conflict", "the order of this network is closed"));
            network.set(view());
            assertThat(daemon.join(Duration.ofSeconds(60))).as("ended").isTrue();
            assertThat(failure.get()).isNull();
            assertThat(folder().recorded()).isEmpty();
        }
    }

    @Test
    void endsADayAfterItsCoordinatorIsGoneForGood() throws Exception {
        AtomicReference<NetworkView> network = new AtomicReference<>();
        NetworkMember other =
                member(
                        new MemberId("mem-bbbbbbbbbbbb"),
                        "node1",
                        9,
                        KeyPair.generate().publicKey().toString(),
                        List.of());
        LaterClock clock = new LaterClock();
        try (FakeCoordinator fake = FakeCoordinator.open()) {
            introduce(fake, network, other);
            BlockingQueue<DaemonState> ready = new LinkedBlockingQueue<>();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Semaphore asked = new Semaphore(0);
            fake.on("GET /v1/orders/.*", _ -> Reply.of(200, order(OrderState.RUNNING)));
            Thread daemon = start(fake, folder(), clock, ready, failure);
            assertThat(ready.poll(20, TimeUnit.SECONDS)).isNotNull();
            fake.on(
                    "GET /v1/networks/.*",
                    _ -> {
                        asked.release();
                        return Reply.refused(503, "unavailable", "it is gone");
                    });
            // Once it is asked, no answer from before is still on its way.
            assertThat(asked.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
            clock.later = Duration.ofHours(23);
            assertThat(asked.tryAcquire(2, 60, TimeUnit.SECONDS)).isTrue();
            assertThat(daemon.isAlive()).isTrue();
            clock.later = Duration.ofHours(25);
            assertThat(daemon.join(Duration.ofSeconds(60))).as("ended").isTrue();
            assertThat(failure.get()).isNull();
            assertThat(folder().recorded()).isEmpty();
        }
    }

    @Test
    void reachesAPeerAndLeavesNothingBehind() throws Exception {
        KeyPair peerKeys = KeyPair.generate();
        AtomicReference<NetworkView> network = new AtomicReference<>();
        try (FakeCoordinator fake = FakeCoordinator.open();
                VirtualEthernet ethernet = VirtualEthernet.open(new VirtualEthernet.Config(0));
                Attachment peer =
                        ethernet.attach(
                                AttachmentSpec.of(peerKeys, AttachmentSpec.Role.HOST),
                                new EchoPort())) {
            List<String> endpoints = new ArrayList<>();
            for (InetSocketAddress endpoint : ethernet.endpoints()) {
                endpoints.add(NetworkMaps.text(endpoint));
            }
            NetworkMember other =
                    member(
                            new MemberId("mem-bbbbbbbbbbbb"),
                            "node1",
                            9,
                            peerKeys.publicKey().toString(),
                            endpoints);
            introduce(fake, network, other);
            NetworkFolder folder = folder();
            BlockingQueue<DaemonState> ready = new LinkedBlockingQueue<>();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread daemon = start(fake, folder, ready, failure);
            DaemonState state = ready.poll(20, TimeUnit.SECONDS);
            assertThat(failure.get()).isNull();
            assertThat(state).isNotNull();
            assertThat(state.address()).isEqualTo("10.77.3.2");
            assertThat(folder.daemon()).contains(state);
            peer.update(NetworkMaps.of(network.get()));

            ControlClient control = new ControlClient(folder.socket());
            assertThat(control.ping("node1", Duration.ofSeconds(10)).roundTripMicros())
                    .isPositive();
            assertThat(control.ping("node1.demo.grid.internal", Duration.ofSeconds(10)).endpoint())
                    .isIn(endpoints);
            Peers peers = control.peers();
            assertThat(peers.peers()).extracting(Peer::address).containsExactly("10.77.3.9");
            assertThat(peers.peers().getFirst().handshakeSecondsAgo()).isNotNegative();
            assertThatThrownBy(() -> control.connect("node7", 22))
                    .hasMessage("there is no node7 on network demo");

            String self = network.get().members().getLast().name();
            assertThat(peer.ping(self, Duration.ofSeconds(10))).isPresent();
            control.stop();
            daemon.join(Duration.ofSeconds(20));
            assertThat(failure.get()).isNull();
            assertThat(fake.count("DELETE /v1/networks/" + NETWORK + "/members/" + SELF))
                    .isEqualTo(1);
            assertThat(folder.recorded()).isEmpty();
            assertThat(Files.exists(folder.socket())).isFalse();

            // The peer's echo was told, before the network was left.
            TrafficReport last =
                    fake.requests().stream()
                            .filter(request -> request.path().equals(TRAFFIC))
                            .map(request -> request.as(TrafficReport.class))
                            .reduce((_, later) -> later)
                            .orElseThrow();
            assertThat(last.peers()).extracting(PeerTraffic::peer).containsExactly(other.id());
            PeerTraffic counted = last.peers().getFirst();
            assertThat(counted.sentBytes()).isPositive().isEqualTo(counted.receivedBytes());
        }
    }
}
