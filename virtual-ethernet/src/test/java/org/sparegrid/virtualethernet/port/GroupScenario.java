// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.sparegrid.testsupport.Command;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.GroupMessages;
import org.sparegrid.virtualethernet.frame.Icmpv6Frames;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.NetworkMap;

/// What [TapPortIT] runs in a namespace: the kernel finds a neighbour and the size of packets,
/// joins two groups, is asked for them, and leaves. Prints what it said, one `key=value` a line.
final class GroupScenario {
    private static final long IPV4 = 0x0100_5e01_0203L;
    private static final MacAddress MEMBER = MacAddress.parse("02:53:47:00:00:02");
    private static final long IPV6 = 0x3333_0000_1234L;

    private static final Set<GroupMessages.Change> SAID = ConcurrentHashMap.newKeySet();

    private GroupScenario() {}

    /// Takes the name of the device.
    public static void main(String[] arguments) throws Exception {
        try (TapPort tap = new TapPort(arguments[0], false);
                MulticastSocket socket = new MulticastSocket(7001)) {
            tap.start(frame -> note(frame, tap));
            tap.configure(
                    new PortAddress(
                            MacAddress.parse("02:00:00:00:00:01"),
                            Inet4Address.ofLiteral("10.99.0.1"),
                            Ipv4Subnet.parse("10.99.0.0/24"),
                            1400));
            System.out.println("mtu=" + mtu(arguments[0]));
            System.out.println("neighbour=" + neighbour(arguments[0]));
            NetworkInterface card = NetworkInterface.getByName(arguments[0]);
            InetSocketAddress four = new InetSocketAddress(InetAddress.ofLiteral("225.1.2.3"), 0);
            InetSocketAddress six = new InetSocketAddress(InetAddress.ofLiteral("ff02::1234"), 0);
            socket.joinGroup(four, card);
            socket.joinGroup(six, card);
            System.out.println("joined=" + (hears(IPV4, true) && hears(IPV6, true)));
            // What it says by itself it says twice, within a second of the first (RFC 3376, 8.11).
            Thread.sleep(3_000);
            SAID.clear();
            MacAddress from = NetworkMap.SERVICE_MAC;
            int service = Ipv4.bits(Inet4Address.ofLiteral("10.99.0.254"));
            tap.send(ByteBuffer.wrap(GroupMessages.igmpQuery(from, service).bytes()));
            tap.send(ByteBuffer.wrap(GroupMessages.mldQuery(from).bytes()));
            tap.flush();
            System.out.println("answered=" + (hears(IPV4, true) && hears(IPV6, true)));
            socket.leaveGroup(four, card);
            socket.leaveGroup(six, card);
            System.out.println("left=" + (hears(IPV4, false) && hears(IPV6, false)));
        }
    }

    /// What the kernel takes from our answer to its question for routers.
    private static String mtu(String device) throws Exception {
        String key = "net.ipv6.conf." + device + ".mtu";
        for (int i = 0; i < 100 && Command.run("sysctl", "-n", key).strip().equals("1400"); i++) {
            Thread.sleep(100);
        }
        return Command.run("sysctl", "-n", key).strip();
    }

    private static boolean neighbour(String device) throws Exception {
        try (DatagramSocket socket = new DatagramSocket()) {
            int index = NetworkInterface.getByName(device).getIndex();
            InetAddress peer = InetAddress.getByName("fe80::53:47ff:fe00:2%" + index);
            for (int i = 0; i < 50; i++) {
                socket.send(new DatagramPacket(new byte[1], 1, peer, 9));
                String known = Command.run("ip", "-6", "neighbour", "show", "dev", device);
                if (known.contains("fe80::53:47ff:fe00:2 lladdr 02:53:47:00:00:02")) {
                    return true;
                }
                Thread.sleep(100);
            }
        }
        return false;
    }

    private static void note(ByteBuffer frame, TapPort tap) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        try {
            EthernetFrame said = EthernetFrame.parse(bytes);
            GroupMessages.changes(said).ifPresent(SAID::addAll);
            if (Icmpv6Frames.isRouterSolicitation(said)) {
                answer(tap, Icmpv6Frames.routerAdvertisement(said, NetworkMap.SERVICE_MAC, 1300));
            }
            if (Icmpv6Frames.solicitedNeighbour(said).orElse(0) == MEMBER.bits()) {
                answer(tap, Icmpv6Frames.neighbourAdvertisement(said, MEMBER));
            }
        } catch (FrameFormatException malformed) {
            throw new AssertionError("the kernel sent what we cannot read", malformed);
        }
    }

    private static void answer(TapPort tap, EthernetFrame frame) {
        tap.send(ByteBuffer.wrap(frame.bytes()));
        tap.flush();
    }

    private static boolean hears(long group, boolean listens) throws InterruptedException {
        for (int i = 0; i < 150; i++) {
            if (SAID.contains(new GroupMessages.Change(group, listens))) {
                return true;
            }
            Thread.sleep(100);
        }
        return false;
    }
}
