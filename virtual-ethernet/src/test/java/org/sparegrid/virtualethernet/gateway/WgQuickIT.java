// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;

/// A gateway of wg-quick, wireguard-go, the kernel's VXLAN and a Linux bridge, from the file as it
/// was written, with a host of the LAN behind it and a machine at our own endpoint.
@Tag("root")
class WgQuickIT {
    private static final int MEGABYTES = Boolean.getBoolean("sparegrid.full") ? 1000 : 4;

    private final String device = "sgq" + ProcessHandle.current().pid();
    private GatewayLab lab;
    private Path folder;
    private Path file;

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
        return new WgQuickConfig(lab.keys.getFirst(), map, 41_001, "lan", "a test");
    }

    @Test
    void joinsWithoutOurSoftwareAndFollowsTheNetwork() throws Exception {
        Member self = member(1, "203.0.113.1");
        Member machine = member(2, "203.0.113.2");
        WgQuickConfig both = config(self, machine);
        Files.writeString(file, both.toText());
        lab.inside("gw", "wg-quick", "up", file.toString());
        try {
            Process guest = lab.member(2, "seller", "machine", "-");
            assertThat(lab.dhcp("seller", "sgtap2", "vm")).startsWith("got 10.77.0.2 ");
            assertThat(lab.pings("lan2", "10.77.0.2")).as("LAN to machine").isTrue();
            assertThat(lab.pings("seller", "10.77.0.202")).as("machine to LAN").isTrue();
            copy("lan2", "10.77.0.202", "seller");
            copy("seller", "10.77.0.2", "lan2");

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

    private void sync(WgQuickConfig config) throws Exception {
        Path script = folder.resolve("sync");
        Files.writeString(script, config.toSyncScript(device));
        lab.inside("gw", "sh", script.toString());
    }

    /// Copies random bytes to a host and compares what arrives.
    private void copy(String to, String address, String from) throws Exception {
        Path sent = folder.resolve("sent");
        Path got = folder.resolve("got");
        lab.inside(from, "sh", "-c", "head -c " + MEGABYTES + "000000 /dev/urandom > " + sent);
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
