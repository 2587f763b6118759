// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkRelay;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.AttachmentSpec;
import org.sparegrid.virtualethernet.VirtualEthernet;
import org.sparegrid.virtualethernet.check.NetworkReport;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.userspace.NearPort;

/// This computer's end of all its guests' networks: one UDP port.
public final class Overlay implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Overlay.class.getName());

    /// Keeps the mappings of address translators open, which last 30 s or more, and brings a guest
    /// back at once when the agent was started anew. Source: RFC 4787, section 4.3, and wg(8).
    private static final Duration KEEPALIVE = Duration.ofSeconds(25);

    /// The coordinator knocks for three seconds, after it has said so.
    private static final Duration KNOCK_WAIT = Duration.ofSeconds(10);

    private final VirtualEthernet ethernet;
    private final List<String> announced;
    private final TokenBucket fromGuests = new TokenBucket();
    private final TokenBucket toGuests = new TokenBucket();

    /// A guest in its network.
    ///
    /// @param port over which this program reaches the guest itself
    public record Plug(Attachment attachment, NearPort port) {
        /// The part of what a guest may take of the processors that its card may take of them as
        /// well, in this program: frames as long as they may be cost a guest and its QEMU four
        /// times as much. Each way, beside the guest's own part.
        private static final double CARD_PART = 0.25;

        /// What any guest's card may take, of one processor: 100 Mbit/s in long frames.
        private static final double CARD_LEAST = 0.05;

        /// Holds the card of a guest that may take `cpuPercent` of so many processors to its part,
        /// and one of a guest that stands still to next to nothing.
        public void limitProcessors(int processors, int cpuPercent) {
            double part = CARD_PART * processors * cpuPercent / 100;
            attachment.limitProcessors(cpuPercent == 0 ? 0 : Math.max(CARD_LEAST, part));
        }
    }

    private Overlay(VirtualEthernet ethernet, List<String> announced) {
        this.ethernet = ethernet;
        this.announced = announced;
    }

    /// Opens the port.
    ///
    /// @param udpPort which, or 0 for any
    /// @param announced the addresses to name instead of this computer's own, if any
    public static Overlay open(int udpPort, List<String> announced) throws IOException {
        try {
            VirtualEthernet ethernet = VirtualEthernet.open(new VirtualEthernet.Config(udpPort));
            ethernet.announce(announced.stream().map(Overlay::endpoint).toList());
            return new Overlay(ethernet, List.copyOf(announced));
        } catch (IOException taken) {
            throw new IOException(
                    "opening UDP port "
                            + udpPort
                            + " for the guests' networks (setting udp-port): "
                            + taken.getMessage(),
                    taken);
        }
    }

    /// Says whether ports may be guessed where no NAT tells them.
    public void guessPorts(boolean allowed) {
        ethernet.guessPorts(allowed);
    }

    /// Asks this computer's router to open a port for [#port].
    public void openRouterPort() {
        ethernet.openRouterPort();
    }

    /// What the router has answered, for its owner; empty if it was not asked.
    public String routerPort() {
        return ethernet.routerPort()
                .map(state ->
                        state.external()
                                        .map(open ->
                                                "opened "
                                                        + text(open)
                                                        + " by "
                                                        + state.protocol()
                                                        + (state.trouble().isEmpty()
                                                                ? ""
                                                                : ", but "))
                                        .orElse("")
                                + state.trouble())
                .orElse("");
    }

    /// The UDP port in use.
    public int port() {
        return ethernet.port();
    }

    /// Says how relays are reached over TLS where UDP does not reach them.
    ///
    /// @param coordinator to whose address those of relays are relative
    public void relayOverTls(URI coordinator, SSLContext tls) {
        ethernet.relayOverTls(coordinator, tls);
    }

    /// Where others may reach this computer, `address:port` each.
    public List<String> endpoints() throws IOException {
        if (!announced.isEmpty()) {
            return announced;
        }
        List<String> texts = new ArrayList<>();
        for (InetSocketAddress endpoint : ethernet.endpoints()) {
            if (texts.size() < Member.ENDPOINTS_MAX) {
                texts.add(text(endpoint));
            }
        }
        return texts;
    }

    /// Waits for a knock of the coordinator, and says what only the knock did; empty if it does not
    /// come.
    public OptionalInt awaitKnock(long label) throws InterruptedException {
        return ethernet.awaitKnock(label, KNOCK_WAIT);
    }

    /// Finds out what lies between the port and the world, which takes seconds.
    ///
    /// @param server `host:port` of a relay
    public NetworkReport survey(String server) throws IOException, InterruptedException {
        int colon = server.lastIndexOf(':');
        InetAddress address = InetAddress.getByName(server.substring(0, Math.max(0, colon)));
        return ethernet.survey(
                new InetSocketAddress(address, Integer.parseInt(server.substring(colon + 1))));
    }

    /// How much all guests together may receive and send from now on, 0 for no limit.
    public void limit(long receiveBitsPerSecond, long sendBitsPerSecond) {
        toGuests.rate(receiveBitsPerSecond, System.nanoTime());
        fromGuests.rate(sendBitsPerSecond, System.nanoTime());
    }

    /// Takes from what guests may send, for something else that is sent on their account; what they
    /// send themselves comes first.
    public boolean maySend(int bytes) {
        return fromGuests.take(bytes, System.nanoTime());
    }

    /// Joins a guest to its network.
    ///
    /// @param card the other end of its network card
    /// @param view the network as the coordinator describes it
    /// @param admitted the members it may talk with, if its buyer decides that himself
    public Plug attach(
            KeyPair keys,
            FramePort card,
            NetworkView view,
            Optional<Map<PublicKey, PresharedKey>> admitted)
            throws IOException {
        NearPort port =
                new NearPort(
                        new ShapedPort(card, fromGuests, toGuests),
                        Inet4Address.ofLiteral(view.serviceAddress()));
        Attachment attachment =
                ethernet.attach(
                        new AttachmentSpec(
                                keys, AttachmentSpec.Role.MACHINE, PresharedKey.NONE, KEEPALIVE),
                        port);
        try {
            admitted.ifPresent(attachment::admit);
            attachment.update(map(view));
            return new Plug(attachment, port);
        } catch (IOException | IllegalArgumentException unusable) {
            attachment.close();
            throw new IOException("attaching a guest to its network", unusable);
        }
    }

    /// New keys for a guest.
    public static KeyPair newKeys() {
        return KeyPair.generate();
    }

    /// The keys that [#text(KeyPair)] wrote.
    public static KeyPair keys(String privateKey) {
        return KeyPair.of(PrivateKey.of(Base64.getDecoder().decode(privateKey)));
    }

    /// The private key, to be written where only its owner can read it.
    public static String text(KeyPair keys) {
        return Base64.getEncoder().encodeToString(keys.privateKey().bytes());
    }

    /// The coordinator's view of a network in the overlay's own terms.
    ///
    /// @throws IllegalArgumentException if it contradicts itself
    public static NetworkMap map(NetworkView view) {
        List<Member> members = new ArrayList<>();
        for (NetworkMember member : view.members()) {
            List<InetSocketAddress> endpoints = new ArrayList<>();
            for (String endpoint : member.endpoints()) {
                endpoints.add(endpoint(endpoint));
            }
            members.add(
                    new Member(
                            member.name(),
                            PublicKey.parse(member.publicKey()),
                            Inet4Address.ofLiteral(member.tunnelAddress()),
                            MacAddress.parse(member.mac()),
                            Inet4Address.ofLiteral(member.address()),
                            endpoints,
                            member.kind() == NetworkMember.Kind.HOST));
        }
        return new NetworkMap(
                view.version(),
                view.name(),
                view.vni(),
                Ipv4Subnet.parse(view.subnet()),
                Inet4Address.ofLiteral(view.serviceAddress()),
                view.domain(),
                view.mtu(),
                members,
                relays(view));
    }

    /// The relays whose names can be resolved now; without the others the network still works
    /// wherever members reach each other.
    private static List<RelaySpec> relays(NetworkView view) {
        List<RelaySpec> relays = new ArrayList<>();
        for (NetworkRelay relay : view.relays()) {
            int colon = relay.endpoint().lastIndexOf(':');
            try {
                relays.add(
                        new RelaySpec(
                                new InetSocketAddress(
                                        InetAddress.getByName(
                                                relay.endpoint().substring(0, Math.max(0, colon))),
                                        Integer.parseInt(relay.endpoint().substring(colon + 1))),
                                PublicKey.parse(relay.publicKey()),
                                relay.stream().isEmpty()
                                        ? Optional.empty()
                                        : Optional.of(URI.create(relay.stream()))));
            } catch (UnknownHostException unknown) {
                LOG.log(
                        Level.WARNING,
                        () ->
                                "relay is unknown endpoint="
                                        + relay.endpoint()
                                        + " cause="
                                        + unknown);
            }
        }
        return relays;
    }

    @Override
    public void close() {
        ethernet.close();
    }

    /// Reads `address:port` or `[address]:port`; never asks a name server.
    static InetSocketAddress endpoint(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("endpoint: expected address:port, got " + text);
        }
        String address = text.substring(0, colon);
        if (address.startsWith("[") && address.endsWith("]")) {
            address = address.substring(1, address.length() - 1);
        }
        return new InetSocketAddress(
                InetAddress.ofLiteral(address), Integer.parseInt(text.substring(colon + 1)));
    }

    private static String text(InetSocketAddress endpoint) {
        String address = endpoint.getAddress().getHostAddress();
        int scope = address.indexOf('%');
        String plain = scope < 0 ? address : address.substring(0, scope);
        return (endpoint.getAddress() instanceof Inet6Address ? "[" + plain + "]" : plain)
                + ":"
                + endpoint.getPort();
    }
}
