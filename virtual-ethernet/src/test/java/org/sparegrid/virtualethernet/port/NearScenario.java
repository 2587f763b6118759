// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.userspace.NearPort;
import org.sparegrid.virtualethernet.userspace.TcpConnection;

/// What [TapPortIT] runs in a namespace: connections of this process to a server of the kernel,
/// past the switch. Prints what it saw, one `key=value` a line.
final class NearScenario {
    private static final int BYTES = 5_000_000;
    private static final Ipv4Subnet SUBNET = Ipv4Subnet.parse("10.99.0.0/24");
    private static final Inet4Address KERNEL = Inet4Address.ofLiteral("10.99.0.1");
    private static final Inet4Address SERVICE = Inet4Address.ofLiteral("10.99.0.254");

    private NearScenario() {}

    /// Takes the name of the device, and whether it uses offloads.
    public static void main(String[] arguments) throws Exception {
        TapPort tap = new TapPort(arguments[0], Boolean.parseBoolean(arguments[1]));
        AtomicInteger passed = new AtomicInteger();
        NearPort near = new NearPort(tap, SERVICE);
        try (near;
                ServerSocket server = new ServerSocket()) {
            System.out.println("early=" + fails(near, 7000, SocketException.class));
            near.start(frame -> passed.addAndGet(isToService(frame) ? 1 : 0));
            near.configure(
                    new PortAddress(MacAddress.parse("02:00:00:00:00:01"), KERNEL, SUBNET, 1280));
            server.bind(new InetSocketAddress(KERNEL, 7000));
            System.out.println("refused=" + fails(near, 7001, ConnectException.class));
            System.out.println("echo=" + echo(near, server));
            System.out.println("peer=" + passed.get());
        }
        System.out.println("late=" + fails(near, 7000, SocketException.class));
    }

    /// A TCP packet to the service address, which nobody else is to see.
    private static boolean isToService(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(frame.position(), bytes);
        try {
            EthernetFrame parsed = EthernetFrame.parse(bytes);
            return parsed.type() == EthernetFrame.IPV4
                    && parsed.destination() == NetworkMap.SERVICE_MAC.bits();
        } catch (FrameFormatException malformed) {
            return true;
        }
    }

    private static boolean fails(NearPort near, int port, Class<? extends IOException> how) {
        try {
            near.connect(port, Duration.ofSeconds(10)).close();
            return false;
        } catch (IOException failed) {
            return how.isInstance(failed);
        }
    }

    private static boolean echo(NearPort near, ServerSocket server) throws Exception {
        byte[] data = new byte[BYTES];
        new Random(4).nextBytes(data);
        FutureTask<Boolean> served =
                new FutureTask<>(() -> {
                    try (Socket socket = server.accept()) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                        return socket.getInetAddress().equals(SERVICE);
                    }
                });
        Thread.ofVirtual().start(served);
        try (TcpConnection connection = near.connect(7000, Duration.ofSeconds(20))) {
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (OutputStream out = connection.outputStream()) {
                                    out.write(data);
                                } catch (IOException broken) {
                                    System.out.println("writeBroken=" + broken);
                                }
                            });
            boolean same = digest(connection.inputStream()).equals(digest(data));
            writer.join();
            return same && served.get();
        }
    }

    private static String digest(InputStream in) throws Exception {
        return digest(in.readAllBytes());
    }

    private static String digest(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
