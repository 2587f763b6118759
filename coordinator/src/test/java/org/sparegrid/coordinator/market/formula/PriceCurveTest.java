// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PriceCurveTest {
    @Test
    void readsThePatentsOwn() {
        assertThat(PriceCurve.parse("4.5 + 0.296 P^1.155")).isEqualTo(PriceCurve.PATENT);
        assertThat(PriceCurve.parse("")).isEqualTo(PriceCurve.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.5", "0.296 P^1.155", "4.5 + 0.296 P^3", "-1 + 2 P^1", "a + b P^1"})
    void refusesWhatIsNoFormula(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceCurve.parse(text))
                .withMessage(
                        "expected a price such as \"4.5 + 0.296 P^1.155\", got '" + text + "'");
    }
}
