// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkOptionsTest {
    @Test
    void readsTimesAndParts() throws Failure {
        assertThat(LinkOptions.roundTrip("80ms")).isEqualTo(Duration.ofMillis(80));
        assertThat(LinkOptions.loss("1%")).isEqualTo(0.01);
        assertThat(LinkOptions.loss("0.5")).isEqualTo(0.005);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "80", "2001ms", "-1ms", "1s"})
    void refusesOtherTimes(String text) {
        assertThatThrownBy(() -> LinkOptions.roundTrip(text))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("expected 0ms to 2000ms");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "100%", "-1%", "1 %", "half"})
    void refusesOtherParts(String text) {
        assertThatThrownBy(() -> LinkOptions.loss(text))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("expected less than 100 percent");
    }
}
