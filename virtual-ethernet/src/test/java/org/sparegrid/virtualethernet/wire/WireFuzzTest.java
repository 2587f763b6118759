// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class WireFuzzTest {
    @FuzzTest
    void wireGuardIsReadOrRefused(byte[] bytes) {
        try {
            assertThat(WireGuardMessage.parse(bytes).bytes()).isSameAs(bytes);
        } catch (WireFormatException expected) {
            assertThat(expected.getMessage()).contains(": expected ");
        }
    }

    @FuzzTest
    void vxlanIsReadOrRefused(byte[] bytes) {
        try {
            assertThat(Vxlan.parse(bytes, 0, bytes.length).frameLength())
                    .isLessThanOrEqualTo(bytes.length - 36);
        } catch (WireFormatException expected) {
            assertThat(expected).hasMessageStartingWith("vxlan: ");
        }
    }

    @FuzzTest
    void dhcpIsReadOrRefused(byte[] bytes) {
        try {
            assertThat(DhcpRequest.parse(bytes).type()).isBetween(0, 255);
        } catch (WireFormatException expected) {
            assertThat(expected).hasMessageStartingWith("dhcp: ");
        }
    }

    @FuzzTest
    void dnsIsReadAndAnsweredOrRefused(byte[] bytes) {
        try {
            DnsQuery query = DnsQuery.parse(bytes);
            byte[] answer = new DnsAnswer(query, DnsAnswer.REFUSED).toBytes();
            assertThat(answer.length).isGreaterThanOrEqualTo(12 + query.question().length);
        } catch (WireFormatException expected) {
            assertThat(expected).hasMessageStartingWith("dns: ");
        }
    }
}
