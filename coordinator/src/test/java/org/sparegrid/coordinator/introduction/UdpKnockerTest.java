// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.introduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.VirtualEthernet;

class UdpKnockerTest {
    @Test
    void knocksWhereAnAgentHearsIt() throws Exception {
        try (VirtualEthernet agent = VirtualEthernet.open(new VirtualEthernet.Config(0))) {
            new UdpKnocker().knock(List.of("127.0.0.1:9", "127.0.0.1:" + agent.port()), 77, 42);
            assertThat(agent.awaitKnock(77, Duration.ofSeconds(20))).hasValue(42);
        }
    }

    @Test
    void readsEndpointsAndAsksNoNameServer() throws Exception {
        assertThat(UdpKnocker.endpoint("192.0.2.1:4500"))
                .isEqualTo(new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 4500));
        assertThatThrownBy(() -> UdpKnocker.endpoint("192.0.2.1:99999"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(UdpKnocker.endpoint("[2001:db8::1]:41777"))
                .isEqualTo(new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 41_777));
    }
}
