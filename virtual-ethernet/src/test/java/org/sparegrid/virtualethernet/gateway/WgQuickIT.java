// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;

/// A gateway of wg-quick, wireguard-go, the kernel's VXLAN and a Linux bridge, from the file as it
/// was written, with a host of the LAN behind it and a machine at our own endpoint.
@Tag("root")
class WgQuickIT {
    private static final int MEGABYTES = Boolean.getBoolean("sparegrid.full") ? 1000 : 4;

    private static final Pattern COUNTS =
            Pattern.compile("([0-9]+) packets transmitted, ([0-9]+) received");

    private final String device = "sgq" + ProcessHandle.current().pid();
    private GatewayLab lab;
    private Path folder;
    private Path file;
    private Map<PublicKey, PresharedKey> secrets = Map.of();

    @BeforeEach
    void open() throws Exception {
        lab = new GatewayLab();
        folder = Files.createTempDirectory("sparegrid-wgquick");
        file = folder.resolve(device + ".conf");
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
        try (var files = Files.list(folder)) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
        Files.delete(folder);
    }

    private Member member(int number, String address) throws Exception {
        Member member =
                Maps.node(
                        number,
                        lab.keys.get(number - 1).publicKey(),
                        new InetSocketAddress(InetAddress.ofLiteral(address), 41_000 + number));
        return number == 2 ? member : Maps.bridge(member);
    }

    private WgQuickConfig config(Member... members) {
        NetworkMap map = Maps.map(1, members);
        return new WgQuickConfig(lab.keys.getFirst(), map, 41_001, "lan", "a test", secrets);
    }

    /// Brings the gateway and the machine up, and lets each reach the other.
    private Process join(WgQuickConfig both) throws Exception {
        Files.writeString(file, both.toText());
        lab.inside("gw", "wg-quick", "up", file.toString());
        Process guest = lab.member(2, "seller", "machine", "-");
        assertThat(lab.dhcp("seller", "sgtap2", "vm")).startsWith("got 10.77.0.2 ");
        assertThat(lab.pings("lan2", "10.77.0.2")).as("LAN to machine").isTrue();
        assertThat(lab.pings("seller", "10.77.0.202")).as("machine to LAN").isTrue();
        return guest;
    }

    private void shareASecret(Member machine) {
        PresharedKey secret = PresharedKey.of(KeyPair.generate().privateKey().bytes());
        lab.share(secret);
        secrets = Map.of(machine.publicKey(), secret);
    }

    @Test
    void joinsWithoutOurSoftwareAndFollowsTheNetwork() throws Exception {
        Member self = member(1, "203.0.113.1");
        Member machine = member(2, "203.0.113.2");
        WgQuickConfig both = config(self, machine);
        try {
            Process guest = join(both);
            copy("lan2", "10.77.0.202", "seller", MEGABYTES);
            copy("seller", "10.77.0.2", "lan2", MEGABYTES);

            sync(config(self));
            assertThat(lab.reaches("lan2", "eth0", "10.77.0.2")).as("without it").isFalse();
            sync(both);
            sync(both);
            assertThat(lab.pings("lan2", "10.77.0.2")).as("with it again").isTrue();
            assertThat(guest.isAlive()).isTrue();
        } finally {
            lab.inside("gw", "wg-quick", "down", file.toString());
        }
        assertThat(lab.inside("gw", "ip", "-o", "addr")).doesNotContain("10.77.0.1/", device);
    }

    @Test
    void sharesASecretThatComesAndGoesWithTheFile() throws Exception {
        Member self = member(1, "203.0.113.1");
        Member machine = member(2, "203.0.113.2");
        WgQuickConfig open = config(self, machine);
        shareASecret(machine);
        WgQuickConfig closed = config(self, machine);
        try {
            Process guest = join(closed);
            sync(config(self));
            sync(open);
            assertThat(lab.reaches("lan2", "eth0", "10.77.0.2")).as("without it").isFalse();
            sync(closed);
            assertThat(lab.pings("lan2", "10.77.0.2")).as("with it again").isTrue();
            assertThat(guest.isAlive()).isTrue();
        } finally {
            lab.inside("gw", "wg-quick", "down", file.toString());
        }
    }

    /// With `-Dwireguard.minutes=60` for an hour: pings each second both ways, a move of either end
    /// every 150 s, a file each way and a renewal of the device every 600 s.
    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void lastsWithRekeysRoamingAndAPresharedKey() throws Exception {
        int seconds = 60 * Integer.getInteger("wireguard.minutes", 7);
        Member self = member(1, "203.0.113.1");
        Member machine = member(2, "203.0.113.2");
        shareASecret(machine);
        WgQuickConfig both = config(self, machine);
        try {
            Process guest = join(both);
            List<Process> pings =
                    List.of(
                            ping("lan2", "10.77.0.2", seconds),
                            ping("seller", "10.77.0.202", seconds));
            Set<String> sessions = new HashSet<>();
            int moves = 0;
            long began = System.nanoTime();
            for (int second = 1; second <= seconds; second++) {
                TimeUnit.NANOSECONDS.sleep(began + second * 1_000_000_000L - System.nanoTime());
                sessions.add(lab.inside("gw", "wg", "show", device, "latest-handshakes"));
                if (second % 150 == 0 && second + 10 < seconds) {
                    move(++moves);
                }
                if (second % 600 == 75) {
                    copy("lan2", "10.77.0.202", "seller", 4);
                    copy("seller", "10.77.0.2", "lan2", 4);
                    sync(both);
                }
            }
            for (Process ping : pings) {
                ping.waitFor();
            }
            int lost = lost("lan2") + lost("seller");
            System.out.printf(
                    "wg-quick: %d minutes, %d sessions, %d moves, %d of %d pings lost, bytes %s%n",
                    seconds / 60,
                    sessions.size(),
                    moves,
                    lost,
                    2 * seconds,
                    lab.inside("gw", "wg", "show", device, "transfer"));
            assertThat(sessions.size()).isGreaterThan(seconds / 180);
            // Until the end that moved says something, the other one sends to where it was.
            assertThat(lost).isLessThanOrEqualTo(2 * moves);
            assertThat(guest.isAlive()).isTrue();
        } finally {
            lab.inside("gw", "wg-quick", "down", file.toString());
        }
    }

    /// Gives the gateway another port, or the machine another address.
    private void move(int number) throws Exception {
        if (number % 2 == 1) {
            lab.inside("gw", "wg", "set", device, "listen-port", "" + (41_100 + number));
        } else {
            int old = number == 2 ? 2 : 8 + number;
            lab.inside("seller", "sysctl", "-qw", "net.ipv4.conf.all.promote_secondaries=1");
            lab.inside(
                    "seller",
                    "ip",
                    "addr",
                    "add",
                    "203.0.113." + (10 + number) + "/24",
                    "dev",
                    "eth0");
            lab.inside("seller", "ip", "addr", "del", "203.0.113." + old + "/24", "dev", "eth0");
        }
    }

    /// Starts a ping each second, whose words go to a file.
    private Process ping(String from, String address, int times) throws Exception {
        return lab.start(
                from,
                List.of(
                        "sh",
                        "-c",
                        "exec ping -q -i 1 -W 10 -c $1 $2 > $3",
                        "ping",
                        "" + times,
                        address,
                        folder.resolve("ping-" + from).toString()));
    }

    /// How many questions of a ping that has ended were never answered; a busy computer is late.
    private int lost(String from) throws Exception {
        String said = Files.readString(folder.resolve("ping-" + from));
        Matcher counts = COUNTS.matcher(said);
        assertThat(counts.find()).as(said).isTrue();
        return Integer.parseInt(counts.group(1)) - Integer.parseInt(counts.group(2));
    }

    private void sync(WgQuickConfig config) throws Exception {
        Path script = folder.resolve("sync");
        Files.writeString(script, config.toSyncScript(device));
        lab.inside("gw", "sh", script.toString());
    }

    /// Copies random bytes to a host and compares what arrives.
    private void copy(String to, String address, String from, int megabytes) throws Exception {
        Path sent = folder.resolve("sent");
        Path got = folder.resolve("got");
        lab.inside(from, "sh", "-c", "head -c " + megabytes + "000000 /dev/urandom > " + sent);
        Process receiver =
                lab.start(to, List.of("socat", "-u", "TCP-LISTEN:7000,reuseaddr", "CREATE:" + got));
        boolean copied = false;
        for (int i = 0; i < 50 && !copied; i++) {
            Thread.sleep(100);
            copied = lab.succeeds(from, "socat", "-u", "FILE:" + sent, "TCP:" + address + ":7000");
        }
        assertThat(copied).as("copied to " + to).isTrue();
        receiver.waitFor();
        assertThat(Files.mismatch(sent, got)).isEqualTo(-1);
    }
}
