// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class OwnAddressesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress SEEN = at("203.0.113.9", 41_777);

    private final OwnAddresses own = new OwnAddresses();

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private void relaySees(int port, InetSocketAddress seen) {
        own.seenBy(at("192.0.2.1", port), seen, 0);
    }

    @Test
    void tellsANatThatMapsEachTargetAnewByTwoServers() {
        relaySees(7443, SEEN);
        assertThat(own.mappingVaries(0)).isFalse();
        relaySees(7444, at("203.0.113.9", 50_001));
        assertThat(own.mappingVaries(0)).isTrue();
        assertThat(own.mappingVaries(OwnAddresses.FRESH_NANOS)).isFalse();
        own.reportedBy(at("198.51.100.1", 1), at("203.0.113.9", 50_002), 0);
        own.reportedBy(at("198.51.100.2", 1), at("203.0.113.9", 50_003), 0);
        assertThat(own.mappingVaries(0)).isTrue();
    }

    @Test
    void believesTwoPeersThatOnlyOneServerIsMappedAnew() {
        relaySees(7443, SEEN);
        relaySees(7444, at("203.0.113.9", 50_001));
        own.reportedBy(at("198.51.100.1", 1), SEEN, 0);
        assertThat(own.mappingVaries(0)).as("one may lie").isTrue();
        own.reportedBy(at("198.51.100.1", 2), SEEN, 0);
        assertThat(own.mappingVaries(0)).as("from two ports").isTrue();
        own.reportedBy(at("198.51.100.2", 1), at("203.0.113.9", 50_001), 0);
        assertThat(own.mappingVaries(0)).as("they do not agree").isTrue();
        own.reportedBy(at("198.51.100.3", 1), SEEN, 5 * SECOND);
        assertThat(own.mappingVaries(5 * SECOND)).isFalse();
        relaySees(7444, at("203.0.113.9", 50_001));
        own.seenBy(at("192.0.2.1", 7443), SEEN, 58 * SECOND);
        own.seenBy(at("192.0.2.1", 7444), at("203.0.113.9", 50_001), 58 * SECOND);
        assertThat(own.mappingVaries(61 * SECOND)).as("one has become old").isTrue();
    }
}
