// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GzipTest {
    private static final int LENGTH_MAX = 1 << 20;

    /// Bytes of which the first part cannot be compressed and the others are zero.
    private static byte[] body(int length, int random) {
        byte[] body = new byte[length];
        byte[] first = new byte[random];
        new Random(length).nextBytes(first);
        System.arraycopy(first, 0, body, 0, random);
        return body;
    }

    @ParameterizedTest
    @CsvSource({"1000,0", "1000,800", "16385,0", "262144,200000", "1048576,0"})
    void codesWhatBecomesShorter(int length, int random) throws IOException {
        byte[] body = body(length, random);
        byte[] coded = Gzip.code(body).orElseThrow();
        assertThat(coded.length).isLessThanOrEqualTo(length * 9 / 10);
        assertThat(Gzip.decode(coded, length)).isEqualTo(body);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,0", "1000,1000", "262144,262144", "262144,250000"})
    void leavesWhatDoesNot(int length, int random) {
        assertThat(Gzip.code(body(length, random))).isEmpty();
    }

    @Test
    void takesNoMoreThanWasAgreed() {
        byte[] coded = Gzip.code(new byte[LENGTH_MAX + 1]).orElseThrow();
        assertThatThrownBy(() -> Gzip.decode(coded, LENGTH_MAX))
                .isInstanceOf(IOException.class)
                .hasMessage("gzip: more than 1048576 bytes");
    }

    @Test
    void refusesWhatIsNotGzip() {
        byte[] coded = Gzip.code(new byte[5000]).orElseThrow();
        assertThatThrownBy(() -> Gzip.decode(new byte[0], 9)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Gzip.decode(body(100, 100), LENGTH_MAX))
                .isInstanceOf(IOException.class);
        for (int length = 0; length < coded.length; length++) {
            byte[] cut = Arrays.copyOf(coded, length);
            assertThatThrownBy(() -> Gzip.decode(cut, LENGTH_MAX)).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br, GZIP", "deflate,gzip;q=0.5", "gzip ; q=1"})
    void isAcceptedByWhoSaysSo(String header) {
        assertThat(Gzip.isAccepted(header)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "br", "gzip;q=0", "x-gzipped", "gzip; q=0.000", ",;"})
    void isAcceptedByNobodyElse(String header) {
        assertThat(Gzip.isAccepted(header)).isFalse();
    }
}
