// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EncapsulationTest {
    @Test
    void fitsTheUsualNetworkIntoAnyPathOf1500Bytes() {
        assertThat(Encapsulation.datagramBytes(1370)).isEqualTo(1500 - 48);
        assertThat(Encapsulation.mtu(1500 - 48, false)).isEqualTo(1370);
        assertThat(Encapsulation.mtu(1500 - 28, false)).isEqualTo(1390);
        assertThat(Encapsulation.mtu(1500 - 28, true)).isEqualTo(1422);
    }

    @Test
    void neverPromisesMoreThanADatagramCarries() {
        for (int datagram = 700; datagram < 9000; datagram++) {
            int mtu = Encapsulation.mtu(datagram, false);
            assertThat(Encapsulation.datagramBytes(mtu)).isLessThanOrEqualTo(datagram);
            assertThat(Encapsulation.datagramBytes(mtu + 1)).isGreaterThan(datagram);
        }
    }
}
