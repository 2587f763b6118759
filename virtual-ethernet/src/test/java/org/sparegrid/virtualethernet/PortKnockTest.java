// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PortKnockTest {
    private static final long LABEL = 0x8000_0000_1234_5678L;

    private static CompletableFuture<OptionalInt> await(
            VirtualEthernet at, long label, Duration wait) {
        CompletableFuture<OptionalInt> heard = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        heard.complete(at.awaitKnock(label, wait));
                    } catch (InterruptedException interrupted) {
                        heard.completeExceptionally(interrupted);
                    }
                });
        return heard;
    }

    @Test
    void isHeardByWhoeverWasToldOfIt() throws Exception {
        try (VirtualEthernet open = VirtualEthernet.open(new VirtualEthernet.Config(0))) {
            CompletableFuture<OptionalInt> told = await(open, LABEL, Duration.ofSeconds(20));
            CompletableFuture<OptionalInt> other = await(open, 7, Duration.ofSeconds(4));
            InetSocketAddress port =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), open.port());
            // One of its addresses leads nowhere.
            PortKnock.send(List.of(new InetSocketAddress("127.0.0.1", 9), port), LABEL, -42);
            assertThat(told.get()).isEqualTo(OptionalInt.of(-42));
            assertThat(other.get()).isEqualTo(OptionalInt.empty());
        }
    }
}
