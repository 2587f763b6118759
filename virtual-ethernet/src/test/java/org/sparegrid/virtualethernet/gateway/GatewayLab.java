// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.sparegrid.testsupport.Command;
import org.sparegrid.testsupport.NetworkLab;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;

/// A buyer's LAN of two hosts behind a gateway, a seller elsewhere, and a way between the two.
///
/// Host `lan1` is 192.168.50.1 and serves names and addresses by dnsmasq, `lan2` is a plain host;
/// both also have an address of the network. `gw` is 203.0.113.1 and `seller` 203.0.113.2, where a
/// namespace stands for the guest.
final class GatewayLab {
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    static final String INTERNET = "198.51.100.7";

    final NetworkLab net = new NetworkLab();
    final List<KeyPair> keys =
            Stream.generate(KeyPair::generate)
                    .limit(3)
                    .sorted((a, b) ->
                            Arrays.compareUnsigned(a.publicKey().bytes(), b.publicKey().bytes()))
                    .toList();
    private final Path folder = Files.createTempDirectory("sparegrid-gateway");
    private final List<String> plain = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private PresharedKey secret = PresharedKey.NONE;

    GatewayLab() throws Exception {
        net.addHost("gw");
        net.addHost("seller");
        inside("gw", "ip", "link", "add", "lan", "type", "bridge", "forward_delay", "0");
        inside("gw", "ip", "addr", "add", "192.168.50.254/24", "dev", "lan");
        inside("gw", "ip", "link", "set", "lan", "up");
        addLanHost("lan1", "192.168.50.1/24", "10.77.0.201/24");
        addLanHost("lan2", "192.168.50.2/24", "10.77.0.202/24");
        resolver("gw", "192.168.50.1");
        resolver("lan1", "127.0.0.1");
        resolver("lan2", "192.168.50.1");
        resolver("seller", "10.77.0.254");
        start(
                "lan1",
                List.of(
                        "dnsmasq",
                        "--keep-in-foreground",
                        "--conf-file=/dev/null",
                        "--user=root",
                        "--no-resolv",
                        "--no-hosts",
                        "--no-ping",
                        "--dhcp-authoritative",
                        "--dhcp-leasefile=" + folder.resolve("leases"),
                        "--pid-file=",
                        "--interface=eth0",
                        "--domain=lan",
                        "--dhcp-range=192.168.50.100,192.168.50.200,255.255.255.0,10m",
                        "--host-record=files.lan,10.77.0.202",
                        "--server=/blue.grid.internal/10.77.0.254"));
    }

    private void addLanHost(String name, String... addresses) throws Exception {
        plain.add(name);
        Command.run("ip", "netns", "add", net.namespace(name));
        inside(name, "ip", "link", "set", "lo", "up");
        inside(
                "gw",
                "ip",
                "link",
                "add",
                name,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                net.namespace(name));
        inside("gw", "ip", "link", "set", name, "master", "lan", "up");
        for (String address : addresses) {
            inside(name, "ip", "addr", "add", address, "dev", "eth0");
        }
        inside(name, "ip", "link", "set", "eth0", "up");
    }

    /// Adds what is beyond the gateway's router.
    void addInternet() throws Exception {
        net.addHost("world");
        inside("world", "ip", "addr", "add", INTERNET + "/32", "dev", "lo");
        inside("gw", "ip", "route", "add", "default", "via", "203.0.113.3");
    }

    private Path settings(String host) {
        return Path.of("/etc/netns", net.namespace(host));
    }

    private void resolver(String host, String address) throws IOException {
        Files.createDirectories(settings(host));
        Files.writeString(settings(host).resolve("resolv.conf"), "nameserver " + address + "\n");
    }

    String inside(String host, String... program) throws Exception {
        return Command.run(net.on(host, List.of(program)).toArray(String[]::new));
    }

    /// Whether `host` gets the answers to three pings. It tries again for half a minute: until its
    /// gateway has said what it does, a ping is refused at once.
    boolean pings(String host, String name) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!succeeds(host, "ping", "-q", "-c", "3", "-i", "0.2", "-w", "10", name)) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(200);
        }
        return true;
    }

    /// Whether `host` gets an answer to one ping by way of a device.
    boolean reaches(String host, String device, String address) throws Exception {
        return succeeds(host, "ping", "-q", "-c", "1", "-W", "1", "-I", device, address);
    }

    boolean succeeds(String host, String... program) throws Exception {
        return new ProcessBuilder(net.on(host, List.of(program)))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("out").toFile())
                        .start()
                        .waitFor()
                == 0;
    }

    /// Asks for an address as a guest does.
    ///
    /// @return the address, or nothing
    String dhcp(String host, String device, String name) throws Exception {
        Path script = folder.resolve("dhcp");
        Files.writeString(
                script,
                """
                #!/bin/sh
                if [ "$1" = bound ]; then
                    ip addr flush dev $interface
                    ip addr add $ip/$mask dev $interface
                    [ -z "$router" ] || ip route replace default via ${router%% *} dev $interface
                    echo got $ip of $serverid
                fi
                """);
        Files.setPosixFilePermissions(
                script, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        String said =
                inside(
                        host,
                        "busybox",
                        "udhcpc",
                        "-i",
                        device,
                        "-n",
                        "-q",
                        "-f",
                        "-t",
                        "8",
                        "-T",
                        "1",
                        "-x",
                        "hostname:" + name,
                        "-s",
                        script.toString());
        return said.lines().filter(line -> line.startsWith("got ")).findFirst().orElse(said);
    }

    /// Gives all members that start from now on a secret.
    void share(PresharedKey ofAll) {
        secret = ofAll;
    }

    /// Starts a member; `gateway` is as [GatewayNode] takes it.
    Process member(int number, String host, String gateway, String leases) throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-Xmx128m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                GatewayNode.class.getName(),
                                "" + number,
                                Base64.getEncoder()
                                        .encodeToString(keys.get(number - 1).privateKey().bytes()),
                                "" + (41_000 + number),
                                gateway,
                                leases,
                                folder.resolve("undo" + number).toString(),
                                Base64.getEncoder().encodeToString(secret.bytes())));
        for (int i = 0; i < 3; i++) {
            words.add(keys.get(i).publicKey().toString());
            words.add("203.0.113." + (i == 1 ? 2 : 1));
        }
        Process process = start(host, words);
        String line = process.inputReader().readLine();
        if (!"ready".equals(line)) {
            throw new IOException(
                    "member " + number + ": " + line + Files.readString(folder.resolve("err")));
        }
        return process;
    }

    /// What a member says of its bridge now.
    static String state(Process member) throws IOException {
        member.getOutputStream().write('\n');
        member.getOutputStream().flush();
        BufferedReader reader = member.inputReader();
        return String.valueOf(reader.readLine());
    }

    /// Waits until a gateway's bridge is in a state.
    static boolean comesTo(Process member, String state) throws Exception {
        for (int i = 0; i < 100; i++) {
            if (state(member).equals(state)) {
                return true;
            }
            Thread.sleep(100);
        }
        return false;
    }

    Process start(String host, List<String> program) throws IOException {
        Process process =
                new ProcessBuilder(net.on(host, program))
                        .redirectError(folder.resolve("err").toFile())
                        .start();
        processes.add(process);
        return process;
    }

    static void stop(Process process) throws Exception {
        process.getOutputStream().close();
        process.waitFor();
    }

    void close() throws Exception {
        for (Process process : processes.reversed()) {
            process.destroy();
            process.waitFor();
        }
        for (String host : List.of("gw", "lan1", "lan2", "seller")) {
            Files.deleteIfExists(settings(host).resolve("resolv.conf"));
            Files.deleteIfExists(settings(host));
        }
        for (String host : plain) {
            Command.run("ip", "netns", "delete", net.namespace(host));
        }
        net.close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
