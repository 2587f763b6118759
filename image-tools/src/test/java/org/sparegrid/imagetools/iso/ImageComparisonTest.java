// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.imagetools.iso.ImageComparison.Change;
import org.sparegrid.imagetools.iso.ImageComparison.Kind;

class ImageComparisonTest {
    @TempDir Path folder;

    private static byte[] content(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Path image(String name, TinyIso iso) throws IOException {
        return Files.write(folder.resolve(name), iso.toBytes());
    }

    private static TinyIso iso(int kernel, int root, String extra) {
        return new TinyIso(1024)
                .file("vmlinuz", content(kernel, 4000))
                .file("filesystem.squashfs", content(root, 1_000_000))
                .file(extra, content(9, 100));
    }

    @Test
    void namesWhatChangedAndCountsWhatIsNew() throws Exception {
        Path before = image("a.iso", iso(1, 2, "old"));
        Path after = image("b.iso", iso(3, 2, "new"));

        ImageComparison comparison = ImageComparison.of(before, after);

        assertThat(comparison.changes())
                .containsExactly(
                        new Change(Kind.ADDED, "live/new", 100),
                        new Change(Kind.REMOVED, "live/old", 100),
                        new Change(Kind.CHANGED, "live/vmlinuz", 4000));
        assertThat(comparison.sizeBytes()).isEqualTo(1024 * 2048);
        assertThat(comparison.newChunks()).isPositive();
        assertThat(comparison.newBytes()).isBetween(4000L, 500_000L);
    }

    @Test
    void findsNothingInTwoEqualImages() throws Exception {
        Path before = image("a.iso", iso(1, 2, "x"));
        Path after = image("b.iso", iso(1, 2, "x"));

        assertThat(ImageComparison.of(before, after))
                .isEqualTo(new ImageComparison(0, 0, 1024 * 2048, List.of()));
    }
}
