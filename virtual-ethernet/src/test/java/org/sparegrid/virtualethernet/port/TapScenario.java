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
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.userspace.TcpConnection;
import org.sparegrid.virtualethernet.userspace.UserSpaceHost;

/// What [TapPortIT] runs in a namespace: a user-space host wired to a TAP device, and a server of
/// the kernel behind it. Prints what it saw, one `key=value` a line.
final class TapScenario {
    private static final int BYTES = 20_000_000;
    private static final int MTU = 1280;
    private static final Ipv4Subnet SUBNET = Ipv4Subnet.parse("10.99.0.0/24");
    private static final Inet4Address KERNEL = Inet4Address.ofLiteral("10.99.0.1");
    private static final Inet4Address HOST = Inet4Address.ofLiteral("10.99.0.2");

    private TapScenario() {}

    /// Takes the name of the device, and whether it uses offloads.
    public static void main(String[] arguments) throws Exception {
        TapPort tap = new TapPort(arguments[0], Boolean.parseBoolean(arguments[1]));
        UserSpaceHost host = new UserSpaceHost();
        try (tap;
                host;
                ServerSocket server = new ServerSocket()) {
            host.start(tap::send);
            tap.start(host::send);
            tap.configure(
                    new PortAddress(MacAddress.parse("02:00:00:00:00:01"), KERNEL, SUBNET, MTU));
            host.configure(
                    new PortAddress(MacAddress.parse("02:00:00:00:00:02"), HOST, SUBNET, MTU));
            server.bind(new InetSocketAddress(KERNEL, 7000));
            System.out.println("ping=" + host.ping(KERNEL, Duration.ofSeconds(5)).isPresent());
            System.out.println("kernelPing=" + kernelPing());
            System.out.println("refused=" + isRefused(host));
            System.out.println("silent=" + isSilent(host));
            transfer(host, server);
            bothAtOnce(host, server);
        }
    }

    private static boolean kernelPing() throws IOException {
        return HOST.isReachable(5000);
    }

    private static boolean isRefused(UserSpaceHost host) throws IOException {
        try {
            host.connect(new InetSocketAddress(KERNEL, 7001), Duration.ofSeconds(10)).close();
            return false;
        } catch (ConnectException refused) {
            return true;
        }
    }

    private static boolean isSilent(UserSpaceHost host) throws IOException {
        InetSocketAddress nobody = new InetSocketAddress(Inet4Address.ofLiteral("10.99.0.9"), 1);
        try {
            host.connect(nobody, Duration.ofMillis(300)).close();
            return false;
        } catch (java.net.SocketTimeoutException noAnswer) {
            return true;
        }
    }

    /// The server answers only after it has seen the end of what the client sends: half-close.
    private static void transfer(UserSpaceHost host, ServerSocket server) throws Exception {
        byte[] up = random(1);
        byte[] down = random(2);
        FutureTask<String> served =
                new FutureTask<>(() -> {
                    try (Socket socket = server.accept()) {
                        String digest = digest(socket.getInputStream());
                        socket.getOutputStream().write(down);
                        socket.shutdownOutput();
                        return digest;
                    }
                });
        Thread.ofVirtual().start(served);
        long start = System.nanoTime();
        InetSocketAddress peer = new InetSocketAddress(KERNEL, server.getLocalPort());
        try (TcpConnection connection = host.connect(peer, Duration.ofSeconds(20))) {
            OutputStream out = connection.outputStream();
            out.write(up);
            out.close();
            String received = digest(connection.inputStream());
            System.out.println("halfCloseDown=" + received.equals(digest(down)));
        }
        System.out.println("halfCloseUp=" + served.get().equals(digest(up)));
        System.out.println("halfCloseMillis=" + (System.nanoTime() - start) / 1_000_000);
    }

    /// The server sends back what it gets, while the client still sends.
    private static void bothAtOnce(UserSpaceHost host, ServerSocket server) throws Exception {
        Thread.ofVirtual()
                .start(() -> {
                    try (Socket socket = server.accept()) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                        socket.shutdownOutput();
                        socket.getInputStream().read();
                    } catch (IOException broken) {
                        System.out.println("echoBroken=" + broken);
                    }
                });
        byte[] data = random(3);
        InetSocketAddress peer = new InetSocketAddress(KERNEL, server.getLocalPort());
        try (TcpConnection connection = host.connect(peer, Duration.ofSeconds(20))) {
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (OutputStream out = connection.outputStream()) {
                                    out.write(data);
                                } catch (IOException broken) {
                                    System.out.println("writeBroken=" + broken);
                                }
                            });
            System.out.println("echo=" + digest(connection.inputStream()).equals(digest(data)));
            writer.join();
        }
    }

    private static byte[] random(int seed) {
        byte[] bytes = new byte[BYTES];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static String digest(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static String digest(InputStream in) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (OutputStream nowhere = OutputStream.nullOutputStream()) {
            new DigestInputStream(in, digest).transferTo(nowhere);
        }
        return new String(
                HexFormat.of().formatHex(digest.digest()).getBytes(StandardCharsets.US_ASCII),
                StandardCharsets.US_ASCII);
    }
}
