// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNamesTest {
    @Test
    void numbersLayersFromTheLowest() throws BuildException {
        assertThat(LayerNames.after(List.of("filesystem.squashfs"), List.of("b", "a"), ".sb"))
                .containsExactly("zz-01-b.sb", "zz-02-a.sb");
    }

    @ParameterizedTest
    @CsvSource({
        "50-x.squashfs, zz-01-n.squashfs",
        "zz-01-other.squashfs, zzz-01-n.squashfs",
        "zzz-99-other.squashfs, zzzz-01-n.squashfs",
    })
    void sortsBehindWhatTheBaseHas(String existing, String name) throws BuildException {
        assertThat(
                        LayerNames.after(
                                List.of(existing, "filesystem.squashfs"),
                                List.of("n"),
                                ".squashfs"))
                .containsExactly(name)
                .allMatch(made -> made.compareTo(existing) > 0);
    }

    @Test
    void saysThatNothingSortsBehindAnUnusualName() {
        assertThatThrownBy(() -> LayerNames.after(List.of("~last.sb"), List.of("n"), ".sb"))
                .isInstanceOf(BuildException.class)
                .hasMessageContaining("~last.sb")
                .hasMessageContaining("mode: rebuild");
    }
}
