// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

class RecipeFuzzTest {
    @FuzzTest
    void readsOrSaysWhere(byte[] bytes) {
        try {
            String yaml = new String(bytes, StandardCharsets.UTF_8);
            assertThat(Recipe.parse(yaml, Path.of("/"), "image.yaml").name()).isNotEmpty();
        } catch (RecipeFormatException expected) {
            assertThat(expected).hasMessageStartingWith("image.yaml:");
        }
    }
}
