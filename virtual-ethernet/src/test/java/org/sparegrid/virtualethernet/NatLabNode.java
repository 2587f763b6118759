// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;

/// What [NatMatrixIT] runs in each namespace: the relay, or a machine that talks to all others and
/// prints when it hears each of them first, and when the path to each is direct first.
final class NatLabNode {
    static final int RELAY_PORT = 7443;
    private static final long ROUND_MILLIS = 50;

    private final Attachment attachment;
    private final MemoryPort port;
    private final Member self;
    private final List<Member> others;
    private final Set<String> told = new HashSet<>();
    private long beganNanos;

    private NatLabNode(Attachment attachment, MemoryPort port, Member self, List<Member> others) {
        this.attachment = attachment;
        this.port = port;
        this.self = self;
        this.others = others;
    }

    /// Takes `relay` and a private key, or a number, a private key, the address of the relay's
    /// WebSockets and its key; then the file of the lab's certificate, and the public keys of all
    /// machines.
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("relay")) {
            relay(arguments);
        } else {
            machine(arguments);
        }
    }

    private static KeyPair keys(String secret) {
        return KeyPair.of(PrivateKey.of(Base64.getDecoder().decode(secret)));
    }

    private static void relay(String[] arguments) throws Exception {
        Set<PublicKey> members = new HashSet<>();
        Arrays.stream(arguments).skip(3).map(PublicKey::parse).forEach(members::add);
        UdpRelay.Config config =
                new UdpRelay.Config(
                        InetAddress.ofLiteral(NatLab.RELAY),
                        RELAY_PORT,
                        RELAY_PORT + 1,
                        keys(arguments[1]),
                        100_000_000);
        try (UdpRelay relay =
                        UdpRelay.open(
                                config,
                                key ->
                                        members.contains(key)
                                                ? Optional.of("lab")
                                                : Optional.empty());
                NatLabStreams _ = new NatLabStreams(relay, Path.of(arguments[2]), 443, _ -> true)) {
            System.out.println("ready");
            int _ = System.in.read();
        }
    }

    private static void machine(String[] arguments) throws Exception {
        int number = Integer.parseInt(arguments[0]);
        List<Member> members = new ArrayList<>();
        for (int i = 5; i < arguments.length; i++) {
            members.add(Maps.node(i - 4, PublicKey.parse(arguments[i])));
        }
        RelaySpec relay =
                new RelaySpec(
                        new InetSocketAddress(InetAddress.ofLiteral(NatLab.RELAY), RELAY_PORT),
                        PublicKey.parse(arguments[3]),
                        Optional.of(URI.create("/relay")));
        NetworkMap map = Maps.map(1, List.of(relay), members.toArray(Member[]::new));
        MemoryPort port = new MemoryPort();
        try (VirtualEthernet ethernet = VirtualEthernet.open(VirtualEthernet.Config.defaults());
                Attachment attachment =
                        ethernet.attach(AttachmentSpec.of(keys(arguments[1]), Role.HOST), port)) {
            URI coordinator = URI.create(arguments[2]);
            SSLContext tls = NatLabStreams.tls(Path.of(arguments[4]));
            fetchMap(coordinator, tls);
            ethernet.relayOverTls(coordinator, tls);
            attachment.update(map);
            List<Member> others = new ArrayList<>(members);
            Member self = others.remove(number - 1);
            System.out.println("ready");
            int _ = System.in.read();
            new NatLabNode(attachment, port, self, others).talk();
        }
    }

    /// Does what a machine has done before it knows of any network: ask the coordinator over TLS.
    /// What the first TLS connection of a process costs is part of that.
    private static void fetchMap(URI coordinator, SSLContext tls)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            client.send(
                    HttpRequest.newBuilder(coordinator.resolve("/map")).build(),
                    HttpResponse.BodyHandlers.discarding());
        }
    }

    /// Talks until the test says a second word.
    private void talk() throws IOException, InterruptedException {
        beganNanos = System.nanoTime();
        while (System.in.available() == 0) {
            others.forEach(other -> port.emit(frame(other)));
            long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ROUND_MILLIS);
            byte[] heard = port.delivered.poll(ROUND_MILLIS, TimeUnit.MILLISECONDS);
            while (heard != null) {
                tell("heard", "node" + heard[11]);
                heard = port.delivered.poll(1, TimeUnit.MILLISECONDS);
                if (System.nanoTime() > untilNanos) {
                    break;
                }
            }
            for (PeerStatus peer : attachment.peers()) {
                if (peer.why().contains("maps each peer anew")) {
                    tell("own NAT varies for", peer.name());
                }
                if (peer.endpoint().isPresent()) {
                    tell(peer.relayed() ? "relay" : "direct", peer.name());
                }
            }
        }
    }

    private void tell(String what, String peer) {
        if (told.add(what + peer)) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
            System.out.println(what + " " + peer + " " + millis);
        }
    }

    private byte[] frame(Member to) {
        byte[] frame = new byte[60];
        to.mac().write(frame, 0);
        self.mac().write(frame, 6);
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        return frame;
    }
}
