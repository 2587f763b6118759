// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.PresharedKey;

class WgQuickConfigTest {
    private static final KeyPair KEYS = KeyPair.generate();
    private static final Member SELF = Maps.bridge(Maps.node(1, KEYS.publicKey()));
    private static final Member PEER =
            Maps.node(
                    2,
                    KeyPair.generate().publicKey(),
                    new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 4500));
    private static final String SECRET =
            Base64.getEncoder().encodeToString(KEYS.privateKey().bytes());

    private static WgQuickConfig config(String bridge) {
        return new WgQuickConfig(KEYS, Maps.map(1, SELF, PEER), 51820, bridge, "for a test");
    }

    @Test
    void writesAFileThatNeedsNoEditing() {
        assertThat(config("br0").toText())
                .isEqualTo(
                        """
                        # for a test
                        [Interface]
                        PrivateKey = %s
                        Address = 198.19.0.1/16
                        ListenPort = 51820
                        MTU = 1420
                        PostUp = ip link add vx-%%i type vxlan id 4242 local 198.19.0.1 dev %%i dstport 4789 nolearning ttl 64
                        PostUp = ip link set vx-%%i address 02:53:47:00:00:01 mtu 1370
                        PostUp = bridge fdb append 00:00:00:00:00:00 dev vx-%%i dst 198.19.0.2
                        PostUp = bridge fdb replace 02:53:47:00:00:02 dev vx-%%i dst 198.19.0.2
                        PostUp = ip link set vx-%%i master br0
                        PostUp = ip link set vx-%%i up
                        PostUp = ip addr replace 10.77.0.1/24 dev br0
                        PreDown = ip addr del 10.77.0.1/24 dev br0
                        PreDown = ip link del vx-%%i

                        # node2
                        [Peer]
                        PublicKey = %s
                        AllowedIPs = 198.19.0.2/32
                        Endpoint = [2001:db8:0:0:0:0:0:1]:4500
                        PersistentKeepalive = 25
                        """
                                .formatted(SECRET, PEER.publicKey()));
    }

    @Test
    void writesPresharedKeys() {
        PresharedKey secret = PresharedKey.of(KeyPair.generate().privateKey().bytes());
        WgQuickConfig sharing =
                new WgQuickConfig(
                        KEYS,
                        Maps.map(1, SELF, PEER),
                        51820,
                        "",
                        "",
                        Map.of(PEER.publicKey(), secret));
        String text = Base64.getEncoder().encodeToString(secret.bytes());
        assertThat(sharing.toText())
                .contains(
                        "[Peer]\nPublicKey = "
                                + PEER.publicKey()
                                + "\nPresharedKey = "
                                + text
                                + "\n");
        assertThat(sharing.toSyncScript("sgjob"))
                .contains(" preshared-key /dev/stdin <<.\n" + text + "\n.\n");
        assertThat(config("").toSyncScript("sgjob")).contains(" preshared-key /dev/null\n");
        assertThat(sharing.toString()).doesNotContain(text);
    }

    @Test
    void keepsThePrivateKeyOutOfTheScriptAndOfLogs() {
        assertThat(config("").toSyncScript("sgjob")).doesNotContain(SECRET).contains("vx-sgjob");
        assertThat(config("").toString()).doesNotContain(SECRET);
    }

    @Test
    void refusesWhatAShellOrTheKernelWouldTakeAmiss() {
        assertThatThrownBy(() -> config("br0; reboot"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a bridge's name");
        assertThatThrownBy(() -> config("").toSyncScript("$(reboot)"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> config("").toSyncScript("a-name-too-long"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        new WgQuickConfig(
                                KeyPair.generate(), Maps.map(1, SELF, PEER), 51820, "", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("of no member");
    }
}
