// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A gateway between a LAN and the overlay, in namespaces.
@Tag("root")
class GatewayIT {
    private GatewayLab lab;

    @BeforeEach
    void open() throws Exception {
        lab = new GatewayLab();
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    @Test
    void joinsALanAndKeepsItsDhcpOutUntilItIsWanted() throws Exception {
        Process gateway = lab.member(1, "gw", "lan", "-");
        Process machine = lab.member(2, "seller", "machine", "-");
        assertThat(GatewayLab.comesTo(gateway, "FORWARDING")).isTrue();
        assertThat(lab.dhcp("seller", "sgtap2", "vm")).isEqualTo("got 10.77.0.2 of 10.77.0.254");
        assertThat(lab.pings("lan2", "node2.blue.grid.internal")).as("LAN to machine").isTrue();
        assertThat(lab.pings("seller", "files.lan")).as("machine to LAN").isTrue();
        assertThat(lab.pings("gw", "10.77.0.2")).as("gateway to machine").isTrue();

        Process second = lab.member(3, "gw", "lan", "-");
        assertThat(GatewayLab.comesTo(second, "STANDBY")).isTrue();
        assertThat(lab.pings("lan2", "10.77.0.2")).isTrue();
        GatewayLab.stop(second);

        gateway.destroyForcibly().waitFor();
        assertThat(lab.inside("gw", "ip", "-o", "addr", "show", "dev", "lan")).contains("10.77.");
        gateway = lab.member(1, "gw", "lan", "leases");
        assertThat(GatewayLab.comesTo(gateway, "FORWARDING")).isTrue();
        assertThat(lab.dhcp("seller", "sgtap2", "vm"))
                .startsWith("got 192.168.50.1")
                .endsWith(" of 192.168.50.1");
        assertThat(lab.pings("lan2", "vm.lan")).as("LAN to leased machine").isTrue();
        assertThat(lab.pings("seller", "192.168.50.2")).as("leased machine to LAN").isTrue();

        GatewayLab.stop(gateway);
        assertThat(lab.inside("gw", "ip", "-o", "addr", "show", "dev", "lan"))
                .doesNotContain("10.77.");
        assertThat(lab.inside("gw", "ip", "-o", "link")).doesNotContain("sgtap");
        assertThat(machine.isAlive()).isTrue();
    }

    @Test
    void takesMachinesToTheInternetAndNowhereElse() throws Exception {
        lab.addInternet();
        Process gateway = lab.member(1, "gw", "nat", "-");
        Process machine = lab.member(2, "seller", "machine", "-");
        assertThat(lab.dhcp("seller", "sgtap2", "vm")).isEqualTo("got 10.77.0.2 of 10.77.0.254");
        assertThat(lab.pings("seller", GatewayLab.INTERNET)).as("internet").isTrue();
        assertThat(lab.pings("seller", "10.77.0.1")).as("the gateway itself").isTrue();
        for (String closed :
                new String[] {"192.168.50.254", "192.168.50.1", "203.0.113.1", "203.0.113.3"}) {
            assertThat(lab.reaches("seller", "sgtap2", closed)).as(closed).isFalse();
        }
        assertThat(lab.inside("gw", "nft", "list", "tables")).contains("sgtap1");
        GatewayLab.stop(gateway);
        assertThat(lab.inside("gw", "nft", "list", "tables")).doesNotContain("sgtap1");
        assertThat(lab.inside("gw", "sysctl", "-n", "net.ipv4.conf.eth0.forwarding"))
                .isEqualTo("0");

        gateway = lab.member(1, "gw", "plain", "-");
        assertThat(lab.pings("seller", "10.77.0.1")).isTrue();
        for (String closed : new String[] {"192.168.50.254", GatewayLab.INTERNET}) {
            assertThat(lab.reaches("seller", "sgtap2", closed)).as(closed).isFalse();
        }
        assertThat(machine.isAlive()).isTrue();
        GatewayLab.stop(gateway);
    }
}
