// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Command;

/// A machine asks a real home router (miniupnpd with nftables) for a port, and a stranger on the
/// Internet reaches the machine there.
@Tag("root")
class RouterPortIT {
    private static final int PORT = 41_777;
    private static final String OUTSIDE = "11.0.0.2";

    private final String prefix = "sgp" + ProcessHandle.current().pid();

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({"PCP, yes, no", "UPnP, no, yes"})
    void strangersReachTheMappedPort(String protocol, String pmp, String upnp) throws Exception {
        try {
            build();
            try (Ended router = router(pmp, upnp);
                    Ended machine = inside("in", java())) {
                assertThat(router.process.isAlive()).isTrue();
                BufferedReader said = reader(machine.process);
                assertThat(said.readLine()).isEqualTo(protocol + " /" + OUTSIDE + ":" + PORT + " ");
                assertThat(heardInside()).isEqualTo("hello");
                machine.process.getOutputStream().close();
                assertThat(said.readLine()).isEqualTo("given back");
                assertThat(
                                Command.run(
                                        "ip",
                                        "netns",
                                        "exec",
                                        prefix + "rt",
                                        "nft",
                                        "list",
                                        "ruleset"))
                        .doesNotContain("dport " + PORT);
            }
        } finally {
            for (String name : List.of("in", "rt", "out")) {
                new ProcessBuilder("ip", "netns", "del", prefix + name).start().waitFor();
            }
        }
    }

    private void build() throws IOException, InterruptedException {
        for (String name : List.of("in", "rt", "out")) {
            Command.run("ip", "netns", "add", prefix + name);
            run(name, "ip", "link", "set", "lo", "up");
        }
        link("in", "192.168.7.2/24", "rt", "lan", "192.168.7.1/24");
        link("out", "11.0.0.1/24", "rt", "wan", OUTSIDE + "/24");
        run("in", "ip", "route", "add", "default", "via", "192.168.7.1");
        run("rt", "ip", "route", "add", "default", "via", "11.0.0.1");
        run("rt", "sysctl", "-qw", "net.ipv4.ip_forward=1");
        // The chains that miniupnpd fills, called from a firewall that lets nobody in.
        Path rules = folder.resolve("rules");
        Files.writeString(
                rules,
                """
                table inet filter {
                  chain miniupnpd { }
                  chain prerouting_miniupnpd { }
                  chain postrouting_miniupnpd { }
                  chain forward {
                    type filter hook forward priority 0; policy drop;
                    ct state established,related accept
                    iifname "lan" accept
                    iifname "wan" jump miniupnpd
                  }
                  chain prerouting {
                    type nat hook prerouting priority -100;
                    iifname "wan" jump prerouting_miniupnpd
                  }
                  chain postrouting {
                    type nat hook postrouting priority 100;
                    oifname "wan" jump postrouting_miniupnpd
                    oifname "wan" masquerade
                  }
                }
                """);
        run("rt", "nft", "-f", rules.toString());
    }

    private Ended router(String pmp, String upnp) throws IOException {
        Path settings = folder.resolve("miniupnpd.conf");
        Files.writeString(
                settings,
                """
                ext_ifname=wan
                listening_ip=lan
                enable_natpmp=%s
                enable_upnp=%s
                secure_mode=yes
                lease_file=%s
                uuid=00000000-0000-0000-0000-000000000000
                allow 1024-65535 192.168.7.0/24 1024-65535
                """
                        .formatted(pmp, upnp, folder.resolve("leases")));
        return inside(
                "rt",
                List.of(
                        "miniupnpd",
                        "-d",
                        "-f",
                        settings.toString(),
                        "-P",
                        folder.resolve("pid").toString()));
    }

    /// What a process behind the router hears when a stranger speaks to the router's port.
    private String heardInside() throws IOException, InterruptedException {
        try (Ended listener = inside("in", List.of("socat", "-u", "UDP-RECV:" + PORT, "STDOUT"));
                Ended stranger =
                        inside(
                                "out",
                                List.of(
                                        "sh",
                                        "-c",
                                        "for i in 1 2 3 4 5 6 7 8 9; do echo hello | socat - UDP-SENDTO:"
                                                + OUTSIDE
                                                + ":"
                                                + PORT
                                                + "; sleep 0.3; done"))) {
            String heard = String.valueOf(reader(listener.process).readLine());
            assertThat(stranger.process.isAlive()).isTrue();
            return heard;
        }
    }

    private static List<String> java() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                RouterPortNode.class.getName(),
                Integer.toString(PORT));
    }

    private void link(String host, String address, String router, String card, String cardAddress)
            throws IOException, InterruptedException {
        run(
                router,
                "ip",
                "link",
                "add",
                card,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                prefix + host);
        run(router, "ip", "address", "add", cardAddress, "dev", card);
        run(router, "ip", "link", "set", card, "up");
        run(host, "ip", "address", "add", address, "dev", "eth0");
        run(host, "ip", "link", "set", "eth0", "up");
    }

    private void run(String name, String... program) throws IOException, InterruptedException {
        Command.run(words(name, List.of(program)).toArray(String[]::new));
    }

    private Ended inside(String name, List<String> program) throws IOException {
        return new Ended(
                new ProcessBuilder(words(name, program))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start());
    }

    private List<String> words(String name, List<String> program) {
        List<String> words =
                new java.util.ArrayList<>(List.of("ip", "netns", "exec", prefix + name));
        words.addAll(program);
        return words;
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /// A process that is ended at the end.
    private record Ended(Process process) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while a process was stopped", interrupted);
            }
        }
    }
}
