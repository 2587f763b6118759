// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.testsupport.Property;

class CreditsTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "12.50, 12.5", "0.000000001, 0.000000001", "-3, -3", "100, 100"})
    void readsAndWritesDecimals(String text, String canonical) {
        assertThat(Credits.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1e3", "1,5", "0.0000000001", "99999999999", "9999999999", ".5"})
    void refusesOtherText(String text) {
        assertThatThrownBy(() -> Credits.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("amount: expected");
    }

    @Test
    void billsTheSameInOneStepAndInMany() {
        Property.holds(
                1_000,
                random -> {
                    Credits price = new Credits(random.nextLong(1, 1_000_000_000_000L));
                    long seconds = 0;
                    Credits sum = Credits.ZERO;
                    for (int i = 0; i < 50; i++) {
                        long next = seconds + random.nextLong(0, 500);
                        sum = sum.plus(price.perHourFor(next).minus(price.perHourFor(seconds)));
                        seconds = next;
                    }
                    assertThat(sum).isEqualTo(price.perHourFor(seconds));
                });
    }

    @Test
    void refusesToWrapAround() {
        assertThatThrownBy(() -> Credits.MAX.plus(new Credits(1)))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void readsItsOwnJoinTokens() {
        JoinToken token =
                new JoinToken(
                        URI.create("https://192.0.2.1:7443"), "0a".repeat(32), "s".repeat(32));
        assertThat(JoinToken.parse(token.text())).isEqualTo(token);
        assertThat(token.toString()).doesNotContain("ssss");
        assertThatThrownBy(() -> JoinToken.parse(token.text().substring(0, 60)))
                .hasMessageContaining("copy the whole token");
    }
}
