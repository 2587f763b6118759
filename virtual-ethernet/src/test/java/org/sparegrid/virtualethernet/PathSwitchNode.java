// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Scanner;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;

/// What [PathSwitchIT] runs in each namespace: the first of two machines sends a numbered frame
/// every 10 ms, the second one says which of them are missing.
final class PathSwitchNode {
    private static final int NUMBER_AT = 14;
    private static final long PERIOD_NANOS = 10_000_000L;

    private final Attachment attachment;
    private final MemoryPort port;
    private final List<Member> members;
    private final BitSet heard = new BitSet();
    private volatile int sent;

    private PathSwitchNode(Attachment attachment, MemoryPort port, List<Member> members) {
        this.attachment = attachment;
        this.port = port;
        this.members = members;
    }

    /// Takes its number, its private key, the relay's key, the file of the lab's certificate and
    /// the public keys of both. Answers lines: `path` with `direct` and 0 or 1; `sent` with the
    /// newest number that was sent; `heard` with the highest that was heard; two numbers with how
    /// many from the first one to the second are missing.
    public static void main(String[] arguments) throws Exception {
        int number = Integer.parseInt(arguments[0]);
        KeyPair keys = KeyPair.of(PrivateKey.of(Base64.getDecoder().decode(arguments[1])));
        List<Member> members = new ArrayList<>();
        for (int i = 4; i < arguments.length; i++) {
            members.add(Maps.node(i - 3, PublicKey.parse(arguments[i])));
        }
        RelaySpec relay =
                new RelaySpec(
                        new InetSocketAddress(
                                InetAddress.ofLiteral(NatLab.RELAY), NatLabNode.RELAY_PORT),
                        PublicKey.parse(arguments[2]),
                        Optional.of(URI.create("/relay")));
        NetworkMap map = Maps.map(1, List.of(relay), members.toArray(Member[]::new));
        MemoryPort port = new MemoryPort();
        try (VirtualEthernet ethernet = VirtualEthernet.open(VirtualEthernet.Config.defaults());
                Attachment attachment = ethernet.attach(AttachmentSpec.of(keys, Role.HOST), port)) {
            ethernet.relayOverTls(
                    URI.create("https://" + NatLab.RELAY),
                    NatLabStreams.tls(Path.of(arguments[3])));
            attachment.update(map);
            PathSwitchNode node = new PathSwitchNode(attachment, port, members);
            System.out.println("ready");
            Thread work =
                    Thread.ofPlatform().daemon().start(number == 1 ? node::send : node::receive);
            node.answer();
            work.interrupt();
        }
    }

    private void answer() {
        Scanner lines = new Scanner(System.in, "UTF-8");
        while (lines.hasNext()) {
            String word = lines.next();
            switch (word) {
                case "path" -> {
                    PeerStatus peer = attachment.peers().getFirst();
                    boolean direct = peer.endpoint().isPresent() && !peer.relayed();
                    System.out.println("direct " + (direct ? 1 : 0));
                }
                case "sent" -> System.out.println("sent " + sent);
                case "heard" -> System.out.println("heard " + highest());
                default ->
                        System.out.println(
                                "missing " + missing(Integer.parseInt(word), lines.nextInt()));
            }
        }
    }

    private void send() {
        long due = System.nanoTime();
        while (!Thread.currentThread().isInterrupted()) {
            byte[] frame = new byte[100];
            members.get(1).mac().write(frame, 0);
            members.get(0).mac().write(frame, 6);
            ByteBuffer.wrap(frame).putShort(12, (short) 0x88b5).putInt(NUMBER_AT, sent + 1);
            port.emit(frame);
            sent++;
            due += PERIOD_NANOS;
            java.util.concurrent.locks.LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private void receive() {
        try {
            for (; ; ) {
                int number = ByteBuffer.wrap(port.delivered.take()).getInt(NUMBER_AT);
                synchronized (heard) {
                    heard.set(number);
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private int highest() {
        synchronized (heard) {
            return Math.max(0, heard.length() - 1);
        }
    }

    private int missing(int from, int to) {
        synchronized (heard) {
            return to - from + 1 - heard.get(from, to + 1).cardinality();
        }
    }
}
