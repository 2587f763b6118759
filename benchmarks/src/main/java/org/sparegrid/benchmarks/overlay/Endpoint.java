// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.overlay;

import java.lang.management.ManagementFactory;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.sparegrid.virtualethernet.Acceleration;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.AttachmentSpec;
import org.sparegrid.virtualethernet.VirtualEthernet;
import org.sparegrid.virtualethernet.meter.TrafficCounters;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.port.TapPort;

/// One of the two ends of a measured network, with a TAP device; runs until it is killed.
///
/// The keys are made from the numbers of the ends, so that the ends need not meet first. They
/// protect nothing.
public final class Endpoint {
    private Endpoint() {}

    /// Arguments: number of this end (1 or 2), address of the other, UDP port of both, name of the
    /// TAP device, third octet of the network 10.99.X.0/24, MTU, and `counts` to print, twice a
    /// second, how many bytes the threads that carry packets have allocated, and how many packets
    /// they have carried.
    public static void main(String[] arguments) throws Exception {
        int self = Integer.parseInt(arguments[0]);
        InetSocketAddress other =
                new InetSocketAddress(
                        Inet4Address.ofLiteral(arguments[1]), Integer.parseInt(arguments[2]));
        TapPort tap = new TapPort(arguments[3], Acceleration.ofEnvironment().tapOffloads());
        NetworkMap map = map(3 - self, other, arguments[4], Integer.parseInt(arguments[5]));
        AttachmentSpec spec =
                new AttachmentSpec(
                        keys(self),
                        AttachmentSpec.Role.HOST,
                        PresharedKey.NONE,
                        Duration.ofSeconds(25));
        try (VirtualEthernet ethernet =
                        VirtualEthernet.open(new VirtualEthernet.Config(other.getPort()));
                Attachment attachment = ethernet.attach(spec, tap)) {
            attachment.update(map);
            while (arguments.length > 6) {
                Thread.sleep(500);
                TrafficCounters counters = attachment.counters();
                long packets = counters.framesIn() + counters.framesOut();
                System.out.println("allocated " + allocatedByCarriers() + " packets " + packets);
            }
            new CountDownLatch(1).await();
        }
    }

    private static long allocatedByCarriers() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String name = thread.getName();
            if (name.startsWith("sparegrid-tap-") || name.startsWith("sparegrid-udp-")) {
                sum += threads.getThreadAllocatedBytes(thread.threadId());
            }
        }
        return sum;
    }

    private static NetworkMap map(int reachable, InetSocketAddress at, String octet, int mtu) {
        String network = "10.99." + octet + ".";
        return new NetworkMap(
                1,
                "bench",
                Integer.parseInt(octet) + 1,
                Ipv4Subnet.parse(network + "0/24"),
                Inet4Address.ofLiteral(network + "254"),
                "bench.grid.internal",
                mtu,
                List.of(
                        member(1, network, reachable == 1 ? List.of(at) : List.of()),
                        member(2, network, reachable == 2 ? List.of(at) : List.of())));
    }

    private static Member member(int number, String network, List<InetSocketAddress> endpoints) {
        return new Member(
                "end" + number,
                keys(number).publicKey(),
                Inet4Address.ofLiteral("198.19.0." + number),
                new MacAddress(0x0253_4700_0000L + number),
                Inet4Address.ofLiteral(network + number),
                endpoints,
                false);
    }

    private static KeyPair keys(int number) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) number);
        return KeyPair.of(PrivateKey.of(secret));
    }
}
