// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;

class TableTest {
    @Test
    void alignsColumnsAndCutsTheFlexibleOne() {
        Table table = Table.of("name~", "amount>", "what").row("a rather long name", "1.50", "x");
        assertThat(table.lines(80))
                .containsExactly(
                        "name                amount  what", "a rather long name    1.50  x");
        assertThat(table.lines(22))
                .containsExactly("name      amount  what", "a rathe…    1.50  x");
    }

    @Test
    void refusesARowOfAnotherWidth() {
        assertThatThrownBy(() -> Table.of("a", "b").row("1"))
                .hasMessage("table: expected 2 cells, got 1");
    }

    @Test
    void nothingThatOthersWroteMovesTheCursor() {
        Property.holds(
                2000,
                random -> {
                    StringBuilder text = new StringBuilder();
                    for (int i = random.nextInt(30); i > 0; i--) {
                        text.appendCodePoint(random.nextInt(0x3000));
                    }
                    String line = Table.of("x~").row(text.toString()).lines(20).getLast();
                    assertThat(line.codePoints()).noneMatch(Character::isISOControl);
                    assertThat(line.codePoints())
                            .noneMatch(c -> Character.getType(c) == Character.FORMAT);
                    assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(20);
                });
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 kB", "116400000, 116 MB", "99940, 99.9 kB"})
    void writesBytes(long bytes, String text) {
        assertThat(Plain.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"500, 0.5 s", "59900, 59.9 s", "125000, 2 min 05 s", "12000000, 3 h 20 min"})
    void writesSpans(long millis, String text) {
        assertThat(Plain.span(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
