// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.port.LinkSetup;
import org.sparegrid.virtualethernet.port.TapPort;

/// What [PathMtuIT] runs in each namespace: a machine whose kernel uses the overlay by a TAP card.
/// The second one sends back how many bytes it was sent.
final class PathMtuNode {
    private static final int PORT = 5000;
    private static final byte[] CHUNK = new byte[65_536];
    private static final int FIRST_MEMBER = 5;
    static final String NONE = "-";

    private PathMtuNode() {}

    /// Takes its number and private key; the public key of the relay, the address of its WebSockets
    /// and the file of the lab's certificate, or three times `-`; and the public key and address,
    /// or `-`, of each machine. For each number on the standard input, sends so many chunks to the
    /// second machine and prints what came back, and what it knows of the path.
    public static void main(String[] arguments) throws Exception {
        int number = Integer.parseInt(arguments[0]);
        KeyPair keys = KeyPair.of(PrivateKey.of(Base64.getDecoder().decode(arguments[1])));
        List<Member> members = new ArrayList<>();
        for (int i = FIRST_MEMBER; i < arguments.length; i += 2) {
            members.add(
                    Maps.node(
                            1 + (i - FIRST_MEMBER) / 2,
                            PublicKey.parse(arguments[i]),
                            endpoints(arguments[i + 1])));
        }
        try (VirtualEthernet ethernet = VirtualEthernet.open(VirtualEthernet.Config.defaults());
                Attachment attachment =
                        ethernet.attach(
                                AttachmentSpec.of(keys, AttachmentSpec.Role.HOST),
                                new TapPort("sgtap", true, LinkSetup.ofHost()));
                ServerSocket server = new ServerSocket()) {
            List<RelaySpec> relays = relays(ethernet, arguments[2], arguments[3], arguments[4]);
            attachment.update(Maps.map(1, relays, members.toArray(Member[]::new)));
            server.bind(new InetSocketAddress(Inet4Address.ofLiteral("10.77.0." + number), PORT));
            Thread.ofVirtual().start(() -> serve(server));
            System.out.println("ready");
            var commands = new java.util.Scanner(System.in, "UTF-8");
            while (commands.hasNextInt()) {
                int chunks = commands.nextInt();
                if (chunks > 0) {
                    System.out.println("sent " + send(chunks));
                }
                PeerStatus peer = attachment.peers().getFirst();
                System.out.println("relayed " + (peer.relayed() ? 1 : 0));
                System.out.println("mtu " + peer.mtu().orElse(-1));
            }
        }
    }

    private static InetSocketAddress[] endpoints(String address) {
        return address.equals(NONE)
                ? new InetSocketAddress[0]
                : new InetSocketAddress[] {
                    new InetSocketAddress(
                            InetAddress.ofLiteral(address), VirtualEthernet.Config.DEFAULT_PORT)
                };
    }

    private static List<RelaySpec> relays(
            VirtualEthernet ethernet, String key, String streams, String certificate)
            throws Exception {
        if (key.equals(NONE)) {
            return List.of();
        }
        ethernet.relayOverTls(URI.create(streams), NatLabStreams.tls(Path.of(certificate)));
        return List.of(
                new RelaySpec(
                        new InetSocketAddress(
                                InetAddress.ofLiteral(NatLab.RELAY), NatLabNode.RELAY_PORT),
                        PublicKey.parse(key),
                        Optional.of(URI.create("/relay"))));
    }

    private static long send(int chunks) throws Exception {
        try (Socket socket = new Socket("10.77.0.2", PORT)) {
            OutputStream out = socket.getOutputStream();
            for (int i = 0; i < chunks; i++) {
                out.write(CHUNK);
            }
            socket.shutdownOutput();
            return Long.parseLong(new String(socket.getInputStream().readAllBytes(), "UTF-8"));
        }
    }

    private static void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                long bytes = 0;
                byte[] buffer = new byte[CHUNK.length];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    bytes += read;
                }
                socket.getOutputStream().write(Long.toString(bytes).getBytes("UTF-8"));
            } catch (java.io.IOException ended) {
                System.out.println("ended");
            }
        }
    }
}
