// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.wire.WireFormatException;

class StreamMessageTest {
    @Test
    void putsTheLengthBeforeEachDatagram() {
        Deque<byte[]> two = new ArrayDeque<>(List.of(new byte[] {1, 2}, new byte[] {3}));
        assertThat(HexFormat.of().formatHex(StreamMessage.join(two))).isEqualTo("00020102000103");
        assertThat(two).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"00, 'got one of 0'", "0000, 'got one of 0'", "000201, 'got one of 2'"})
    void rejectsAndSaysWhy(String hex, String why) {
        assertThatThrownBy(() -> StreamMessage.divide(HexFormat.of().parseHex(hex)))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void readsWhatItWroteInMessagesOfLimitedLength() {
        Property.holds(
                200,
                random -> {
                    List<byte[]> datagrams = new ArrayList<>();
                    for (int i = 0; i < 1 + random.nextInt(64); i++) {
                        byte[] datagram = new byte[1 + random.nextInt(9_216)];
                        random.nextBytes(datagram);
                        datagrams.add(datagram);
                    }
                    Deque<byte[]> waiting = new ArrayDeque<>(datagrams);
                    List<byte[]> read = new ArrayList<>();
                    while (!waiting.isEmpty()) {
                        byte[] message = StreamMessage.join(waiting);
                        assertThat(message.length).isBetween(3, StreamMessage.LENGTH_MAX);
                        read.addAll(StreamMessage.divide(message));
                    }
                    assertThat(read)
                            .usingElementComparator(java.util.Arrays::compare)
                            .isEqualTo(datagrams);
                });
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        Property.holds(
                10_000,
                random -> {
                    byte[] any = new byte[random.nextInt(60)];
                    random.nextBytes(any);
                    for (int i = 0; i < any.length; i += 3) {
                        any[i] = 0;
                    }
                    try {
                        assertThat(StreamMessage.join(new ArrayDeque<>(StreamMessage.divide(any))))
                                .isEqualTo(any);
                    } catch (WireFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("stream: ");
                    }
                });
    }
}
