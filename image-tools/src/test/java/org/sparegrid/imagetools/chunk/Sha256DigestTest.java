// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Sha256DigestTest {
    private static final String ABC =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /// Source: NIST, SHA-256 example of "abc".
    @Test
    void computesThePublishedDigest() {
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);

        assertThat(Sha256Digest.ofContent(abc)).hasToString(ABC);
        assertThat(Sha256Digest.ofContent(ByteBuffer.wrap(abc))).isEqualTo(Sha256Digest.parse(ABC));
    }

    @Test
    void leavesThePositionOfABufferAlone() {
        ByteBuffer content = ByteBuffer.wrap(new byte[10]).position(4);

        Sha256Digest.ofContent(content);

        assertThat(content.position()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ba78",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
            })
    void refusesWhatItWouldNotWrite(String text) {
        assertThatThrownBy(() -> Sha256Digest.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 64 lower-case hexadecimal digits");
    }

    @Test
    void copiesItsBytes() {
        Sha256Digest digest = Sha256Digest.parse(ABC);

        digest.toBytes()[0] = 0;

        assertThat(digest).hasToString(ABC).isEqualTo(Sha256Digest.of(digest.toBytes()));
    }
}
