// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.network.OpenPorts;
import org.sparegrid.agent.status.GuestPeers;
import org.sparegrid.agent.status.NetworkQuestion;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.agent.status.StatusSocket;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.AttachmentSpec;
import org.sparegrid.virtualethernet.VirtualEthernet;
import org.sparegrid.virtualethernet.capture.Recording;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.report.Peer;
import org.sparegrid.virtualethernet.report.Trace;
import org.sparegrid.virtualethernet.userspace.UserSpaceHost;

/// The owner's questions, over the socket, about guests that are on real networks.
class GuestNetworksTest {
    private static final Duration WAIT = Duration.ofSeconds(20);
    private static final LeaseId ONE = new LeaseId("vm-aaaaaaaaaaaa");
    private static final LeaseId TWO = new LeaseId("vm-bbbbbbbbbbbb");

    @TempDir private Path folder = Path.of("/nonexistent");
    private final List<GuestNetworks.Guest> guests = new ArrayList<>();
    private VirtualEthernet seller;
    private VirtualEthernet elsewhere;
    private StatusSocket socket;

    @BeforeEach
    void open() throws IOException {
        seller = VirtualEthernet.open(new VirtualEthernet.Config(0));
        elsewhere = VirtualEthernet.open(new VirtualEthernet.Config(0));
        GuestNetworks tools =
                new GuestNetworks(
                        () -> List.copyOf(guests),
                        () -> {
                            throw new IOException("nobody asks for a survey here");
                        });
        socket = StatusSocket.open(folder.resolve("s"), _ -> noReport(), tools, () -> {});
    }

    private static StatusReport noReport() {
        throw new IllegalStateException("nobody asks for a report here");
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        seller.close();
        elsewhere.close();
    }

    /// A guest of the seller's that is `node1` on a network of its own, with `node2` elsewhere.
    private void begin(LeaseId lease, String network) throws IOException {
        KeyPair key1 = KeyPair.generate();
        KeyPair key2 = KeyPair.generate();
        NetworkMap map =
                new NetworkMap(
                        1,
                        network,
                        4242,
                        Ipv4Subnet.parse("10.77.0.0/24"),
                        Inet4Address.ofLiteral("10.77.0.254"),
                        network + ".grid.internal",
                        NetworkMap.DEFAULT_MTU,
                        List.of(member(1, key1, seller), member(2, key2, elsewhere)));
        attach(elsewhere, key2, map);
        guests.add(
                new GuestNetworks.Guest(
                        lease,
                        network,
                        "node1",
                        new OpenPorts(false, Set.of("node2")),
                        attach(seller, key1, map)));
    }

    private static Attachment attach(VirtualEthernet ethernet, KeyPair key, NetworkMap map)
            throws IOException {
        Attachment attachment =
                ethernet.attach(
                        AttachmentSpec.of(key, AttachmentSpec.Role.MACHINE), new UserSpaceHost());
        attachment.update(map);
        return attachment;
    }

    private static Member member(int n, KeyPair key, VirtualEthernet ethernet) {
        return new Member(
                "node" + n,
                key.publicKey(),
                Inet4Address.ofLiteral("198.19.0." + n),
                new MacAddress(0x0253_4700_0000L + n),
                Inet4Address.ofLiteral("10.77.0." + n),
                List.of(
                        new InetSocketAddress(
                                Inet4Address.ofLiteral("127.0.0.1"), ethernet.port())),
                false);
    }

    private NetworkQuestion ask(String lease) {
        return new NetworkQuestion(folder.resolve("s"), lease);
    }

    @Test
    void showsPathsAndCountersOfAPeerThatWasPinged() throws Exception {
        begin(ONE, "blue");
        for (String name : List.of("node2", "node2.blue.grid.internal", "10.77.0.2")) {
            assertThat(ask("").ping(name, WAIT).wasAnswered()).as(name).isTrue();
        }
        GuestPeers.All all = ask("").peers();
        assertThat(all.guests()).hasSize(1);
        GuestPeers guest = all.guests().getFirst();
        assertThat(guest.lease()).isEqualTo(ONE.value());
        assertThat(guest.receivedBytes() + guest.sentBytes())
                .as("echoes of the owner are no traffic of the guest's")
                .isZero();
        Peer peer = guest.peers().getFirst();
        assertThat(peer.path()).isEqualTo("direct 127.0.0.1:" + elsewhere.port());
        assertThat(peer.address()).isEqualTo("10.77.0.2");
        assertThat(peer.sentBytes()).isPositive();
        assertThat(peer.directBytes()).isZero();
        assertThat(guest.savedBytes()).isZero();
        assertThat(peer.handshakeSecondsAgo()).isNotNegative();
        Trace trace = ask(ONE.value()).trace("node2");
        assertThat(trace.line()).startsWith("node2: direct 127.0.0.1:" + elsewhere.port());
    }

    @Test
    void choosesByLeaseAndSaysWhatIsNotThere() throws Exception {
        assertThat(ask("").peers().guests()).isEmpty();
        assertThatThrownBy(() -> ask("").trace("node2"))
                .isInstanceOf(IOException.class)
                .hasMessage("no guest is on its network here; see sparegrid-agent vms");
        begin(ONE, "blue");
        begin(TWO, "red");
        assertThat(ask("").peers().guests()).hasSize(2);
        assertThat(ask(TWO.value()).peers().guests())
                .extracting(GuestPeers::network)
                .containsExactly("red");
        assertThat(ask(TWO.value()).ping("node2", WAIT).wasAnswered()).isTrue();
        assertThatThrownBy(() -> ask("").ping("node2", WAIT))
                .hasMessage("several guests are here; name one by --lease: " + ONE + ", " + TWO);
        assertThatThrownBy(() -> ask("vm-cccccccccccc").capture())
                .hasMessage(
                        "no guest of lease vm-cccccccccccc is on its network here; those that are: "
                                + ONE
                                + ", "
                                + TWO);
        assertThatThrownBy(() -> ask(ONE.value()).ping("node9", WAIT))
                .hasMessageStartingWith("guest " + ONE + " has no peer node9 on its network");
        assertThatThrownBy(() -> ask(ONE.value()).trace("node1"))
                .hasMessageStartingWith("guest " + ONE + " has no peer node1 on its network");
    }

    @Test
    void sendsTheCaptureOfOneGuestUntilItIsEnough() throws Exception {
        begin(ONE, "blue");
        begin(TWO, "red");
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (SocketChannel capture = ask(TWO.value()).capture()) {
            assertThat(ask(TWO.value()).ping("node2", WAIT).wasAnswered()).isTrue();
            assertThat(Recording.write(capture, file, 0, 2).frames()).isEqualTo(2);
        }
        assertThat(file.toByteArray()).startsWith(0x0A, 0x0D, 0x0D, 0x0A);
    }

    @Test
    void refusesWhatIsNoNameAndSaysThatNoAgentRuns() {
        assertThatThrownBy(() -> ask("vm a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ask("").trace("node2\nreport"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new NetworkQuestion(folder.resolve("other"), "").peers())
                .hasMessage("no agent runs here; start it: sparegrid-agent run");
    }
}
