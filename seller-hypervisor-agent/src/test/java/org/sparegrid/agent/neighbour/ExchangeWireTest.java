// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.testsupport.Property;

class ExchangeWireTest {
    private static final String IMAGE = "11".repeat(32);
    private static final String CHUNK = "22".repeat(32);
    private static final String VECTOR = "010003e8" + IMAGE + CHUNK;

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @Test
    void writesAndReadsTheVectors() throws Exception {
        ChunkRequest request =
                new ChunkRequest(1000, new ImageId(IMAGE), Sha256Digest.parse(CHUNK));
        assertThat(request.toBytes()).isEqualTo(bytes(VECTOR));
        assertThat(ChunkRequest.parse(bytes(VECTOR))).isEqualTo(request);
        assertThat(AnswerHead.parse(bytes("0000010000")))
                .isEqualTo(new AnswerHead(AnswerHead.Kind.HERE, 65_536));
        assertThat(AnswerHead.parse(bytes("0100000000"))).isEqualTo(AnswerHead.NOT_HERE);
        assertThat(AnswerHead.parse(bytes("0200000000"))).isEqualTo(AnswerHead.NOT_NOW);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'expected 68 bytes, got 0'",
        "0100, 'expected 68 bytes, got 2'",
        "020003e8, 'expected version 1 at offset 0, got 2'",
        "010103e8, 'expected 0 at offset 1, got 1'",
        "01002711, 'expected at most 10000 ms at offset 2, got 10001'",
        "0100ffff, 'expected at most 10000 ms at offset 2, got 65535'",
    })
    void rejectsARequestAndSaysWhy(String head, String why) {
        byte[] bad = bytes(head.length() == 8 ? head + IMAGE + CHUNK : head);
        assertThatThrownBy(() -> ChunkRequest.parse(bad))
                .isInstanceOf(ExchangeFormatException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "00000000, 'expected 5 bytes, got 4'",
        "0300000000, 'expected 0, 1 or 2 at offset 0, got 3'",
        "0000000000, 'expected 1 to 262144 at offset 1, or 0 without a chunk, got 0'",
        "0000040001, 'got 262145'",
        "00ffffffff, 'got -1'",
        "0100000001, 'got 1'",
    })
    void rejectsAnAnswerAndSaysWhy(String hex, String why) {
        assertThatThrownBy(() -> AnswerHead.parse(bytes(hex)))
                .isInstanceOf(ExchangeFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void readsWhatItWroteAndOfAnyOtherBytesNothingElse() {
        Property.holds(
                20_000,
                random -> {
                    byte[] any = bytes(VECTOR);
                    for (int i = random.nextInt(4); i > 0; i--) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt(256);
                    }
                    byte[] cut =
                            random.nextInt(4) == 0
                                    ? java.util.Arrays.copyOf(any, random.nextInt(140))
                                    : any;
                    byte[] head = new byte[random.nextInt(8)];
                    random.nextBytes(head);
                    if (head.length > 1) {
                        head[0] = (byte) random.nextInt(4);
                        head[1] = 0;
                    }
                    try {
                        assertThat(ChunkRequest.parse(cut).toBytes()).isEqualTo(cut);
                    } catch (ExchangeFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("chunk request: ");
                    }
                    try {
                        assertThat(AnswerHead.parse(head).toBytes()).isEqualTo(head);
                    } catch (ExchangeFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("chunk answer: ");
                    }
                });
    }
}
