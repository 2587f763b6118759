// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.virtualethernet.probe.Probe;
import org.sparegrid.virtualethernet.stun.StunMessage;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// The messages by which paths are found.
class PathFuzzTest {
    @FuzzTest
    void relayMessagesAreReadOrRefused(byte[] bytes) {
        try {
            assertThat(RelayMessage.parse(bytes).toBytes()).isEqualTo(bytes);
        } catch (WireFormatException expected) {
            assertThat(expected).hasMessageStartingWith("relay: ");
        }
    }

    @FuzzTest
    void probesAreReadOrRefused(byte[] bytes) {
        try {
            assertThat(Probe.parse(bytes).toBytes()).isEqualTo(bytes);
        } catch (WireFormatException expected) {
            assertThat(expected).hasMessageStartingWith("probe: ");
        }
    }

    @FuzzTest
    void stunIsReadOrRefused(byte[] bytes) {
        try {
            assertThat(StunMessage.parse(bytes).toBytes().length).isGreaterThanOrEqualTo(20);
        } catch (WireFormatException expected) {
            assertThat(expected).hasMessageStartingWith("stun: ");
        }
    }
}
