// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class BurstTest {
    private static final List<InetSocketAddress> TARGETS =
            List.of(
                    InetSocketAddress.createUnresolved("a", 1),
                    InetSocketAddress.createUnresolved("b", 2));

    private record Sent(byte[] datagram, InetSocketAddress to) {}

    @Test
    void sendsEveryDatagramOnceInItsOrderAndNoCallTooLarge() {
        Property.holds(
                100,
                random -> {
                    List<Sent> expected = new ArrayList<>();
                    List<Sent> actual = new ArrayList<>();
                    Burst burst =
                            new Burst(
                                    (bytes, offset, length, segment, to) -> {
                                        int count = 0;
                                        for (int at = 0; at < length; at += segment) {
                                            int start = offset + at;
                                            int size = Math.min(segment, length - at);
                                            actual.add(
                                                    new Sent(
                                                            Arrays.copyOfRange(
                                                                    bytes, start, start + size),
                                                            to));
                                            count++;
                                        }
                                        assertThat(count).isLessThanOrEqualTo(64);
                                        assertThat(length).isLessThanOrEqualTo(65_535);
                                        return count;
                                    },
                                    () -> {});
                    int length = 1 + random.nextInt(1500);
                    for (int i = random.nextInt(600); i > 0; i--) {
                        if (random.nextInt(20) == 0) {
                            length = 1 + random.nextInt(1500);
                        }
                        InetSocketAddress to = TARGETS.get(random.nextInt(20) == 0 ? 1 : 0);
                        byte[] datagram = new byte[length];
                        random.nextBytes(datagram);
                        int at = burst.open(length + random.nextInt(30), to);
                        System.arraycopy(datagram, 0, burst.buffer(), at, length);
                        burst.close(length);
                        expected.add(new Sent(datagram, to));
                    }
                    burst.flush();
                    assertThat(actual).hasSameSizeAs(expected);
                    for (int i = 0; i < actual.size(); i++) {
                        assertThat(actual.get(i).datagram()).isEqualTo(expected.get(i).datagram());
                        assertThat(actual.get(i).to()).isEqualTo(expected.get(i).to());
                    }
                });
    }

    @Test
    void tellsOfEachDatagramThatWasNotTaken() {
        List<Integer> lost = new ArrayList<>();
        Burst burst = new Burst((bytes, offset, length, segment, to) -> 1, () -> lost.add(1));
        for (int i = 0; i < 5; i++) {
            burst.open(100, TARGETS.getFirst());
            burst.close(100);
        }
        burst.flush();
        burst.flush();
        assertThat(lost).hasSize(4);
    }
}
