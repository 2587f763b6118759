// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.sparegrid.virtualethernet.linux.GuestFaultException;

class VhostMessageFuzzTest {
    @FuzzTest
    void isReadOrRefused(byte[] bytes) {
        try {
            VhostMessage.Header header =
                    VhostMessage.Header.parse(Arrays.copyOf(bytes, VhostMessage.HEADER_LENGTH));
            byte[] payload =
                    Arrays.copyOfRange(
                            Arrays.copyOf(bytes, VhostMessage.HEADER_LENGTH + header.size()),
                            VhostMessage.HEADER_LENGTH,
                            VhostMessage.HEADER_LENGTH + header.size());
            assertThat(VhostMessage.parse(header, payload)).isNotNull();
        } catch (GuestFaultException expected) {
            assertThat(expected).hasMessageStartingWith("vhost-user: ");
        }
    }
}
