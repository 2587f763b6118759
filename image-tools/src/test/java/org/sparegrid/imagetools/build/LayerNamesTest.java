// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNamesTest {
    @Test
    void numbersLayersFromTheLowest() {
        assertThat(LayerNames.after(List.of("filesystem.squashfs"), List.of("b", "a")))
                .containsExactly("zz-01-b.squashfs", "zz-02-a.squashfs");
    }

    @ParameterizedTest
    @CsvSource({
        "50-x.squashfs, zz-01-n.squashfs",
        "zz-01-other.squashfs, zzz-01-n.squashfs",
        "zzz-99-other.squashfs, zzzz-01-n.squashfs",
    })
    void sortsBehindWhatTheBaseHas(String existing, String name) {
        assertThat(LayerNames.after(List.of(existing, "filesystem.squashfs"), List.of("n")))
                .containsExactly(name)
                .allMatch(made -> made.compareTo(existing) > 0);
    }
}
