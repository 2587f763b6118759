// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.sparegrid.testsupport.Command;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;

/// A host in its own network namespace that runs wireguard-go and, over it, a kernel VXLAN device:
/// a member of a network without any software of ours.
final class WireGuardGoHost {
    static final int PORT = 51820;

    final KeyPair keys = KeyPair.generate();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String id = ProcessHandle.current().pid() + "x" + COUNT.incrementAndGet();
    private final String namespace = "sgwg" + id;
    private final String device = "sgwg" + id;
    private final String veth = "sgve" + id;
    private final int third = (int) (ProcessHandle.current().pid() % 250);
    private final Path folder;
    private final Process daemon;

    WireGuardGoHost() throws Exception {
        folder = Files.createTempDirectory("sparegrid-wg");
        Command.run("ip", "netns", "add", namespace);
        Command.run(
                "ip", "link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns",
                namespace);
        Command.run("ip", "addr", "add", ours() + "/30", "dev", veth);
        Command.run("ip", "link", "set", veth, "up");
        inside("ip", "link", "set", "lo", "up");
        inside("ip", "addr", "add", theirs() + "/30", "dev", "eth0");
        inside("ip", "link", "set", "eth0", "up");
        daemon =
                new ProcessBuilder(on("wireguard-go", "-f", device))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile())
                        .start();
        Path control = Path.of("/var/run/wireguard", device + ".sock");
        for (int i = 0; i < 100 && !Files.exists(control); i++) {
            Thread.sleep(50);
        }
        Path secret = Files.write(folder.resolve("key"), base64(keys.privateKey().bytes()));
        inside("wg", "set", device, "private-key", secret.toString(), "listen-port", "" + PORT);
    }

    private static byte[] base64(byte[] bytes) {
        return Base64.getEncoder().encode(bytes);
    }

    /// The address of this side of the wire.
    String ours() {
        return "198.18." + third + ".1";
    }

    private String theirs() {
        return "198.18." + third + ".2";
    }

    InetSocketAddress endpoint() {
        return new InetSocketAddress(Inet4Address.ofLiteral(theirs()), PORT);
    }

    String inner(int n) {
        return "10." + (third % 100 + 100) + ".0." + n;
    }

    Member member(int n, KeyPair pair, InetSocketAddress... endpoints) {
        Member node = Maps.node(n, pair.publicKey(), endpoints);
        return new Member(
                node.name(),
                node.publicKey(),
                node.vtep(),
                node.mac(),
                Inet4Address.ofLiteral(inner(n)),
                node.endpoints(),
                false);
    }

    NetworkMap map(long version, Member... members) {
        return new NetworkMap(
                version,
                "blue",
                Maps.VNI,
                Ipv4Subnet.parse(inner(0) + "/24"),
                Inet4Address.ofLiteral(inner(254)),
                "blue.grid.internal",
                NetworkMap.DEFAULT_MTU,
                List.of(members));
    }

    /// Makes `peer` a peer of wireguard-go and lays VXLAN over it.
    void join(Member self, Member peer, byte[] presharedKey, String... settings) throws Exception {
        Path secret = Files.write(folder.resolve("psk"), base64(presharedKey));
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "wg",
                                "set",
                                device,
                                "peer",
                                peer.publicKey().toString(),
                                "preshared-key",
                                secret.toString(),
                                "allowed-ips",
                                peer.vtep().getHostAddress() + "/32"));
        words.addAll(Arrays.asList(settings));
        inside(words.toArray(String[]::new));
        String vtep = self.vtep().getHostAddress();
        inside("ip", "addr", "add", vtep + "/16", "dev", device);
        inside("ip", "link", "set", device, "mtu", "1420", "up");
        inside(
                "ip",
                "link",
                "add",
                "vx0",
                "type",
                "vxlan",
                "id",
                "" + Maps.VNI,
                "local",
                vtep,
                "dev",
                device,
                "dstport",
                "4789",
                "nolearning",
                "ttl",
                "64");
        inside("ip", "link", "set", "vx0", "address", self.mac().toString());
        inside("ip", "link", "set", "vx0", "mtu", "1370", "up");
        String remote = peer.vtep().getHostAddress();
        inside("bridge", "fdb", "append", "00:00:00:00:00:00", "dev", "vx0", "dst", remote);
        inside("bridge", "fdb", "replace", peer.mac().toString(), "dev", "vx0", "dst", remote);
        inside("ip", "addr", "add", self.address().getHostAddress() + "/24", "dev", "vx0");
    }

    void listenOn(int port) throws Exception {
        inside("wg", "set", device, "listen-port", "" + port);
    }

    String show(String what) throws Exception {
        return inside("wg", "show", device, what);
    }

    /// Pings `address` from here; true if every answer came.
    boolean pings(String address, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("ping", "-n", "-q"));
        words.addAll(Arrays.asList(options));
        words.add(address);
        Process ping =
                new ProcessBuilder(on(words.toArray(String[]::new)))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("ping").toFile())
                        .start();
        return ping.waitFor() == 0;
    }

    private List<String> on(String... program) {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        words.addAll(Arrays.asList(program));
        return words;
    }

    String inside(String... program) throws Exception {
        return Command.run(on(program).toArray(String[]::new));
    }

    void close() throws Exception {
        daemon.destroy();
        if (!daemon.waitFor(5, TimeUnit.SECONDS)) {
            daemon.destroyForcibly().waitFor();
        }
        Command.run("ip", "link", "del", veth);
        Command.run("ip", "netns", "del", namespace);
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
