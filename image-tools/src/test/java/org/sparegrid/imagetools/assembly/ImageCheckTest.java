// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.imagetools.assembly.ImageCheck.Damage;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.iso.TinyIso;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.Origin;

class ImageCheckTest {
    /// A chunk is at least 16 KiB, so each file here has some to itself.
    private static final int FILE_BYTES = 800_000;

    @TempDir Path folder;
    private byte[] iso = {};
    private Path file;
    private Manifest manifest;

    @BeforeEach
    void makesAnImageAndItsManifest() throws IOException {
        TinyIso tiny = new TinyIso(1600);
        for (String name : List.of("vmlinuz", "initrd.img", "filesystem.squashfs")) {
            byte[] content = new byte[FILE_BYTES];
            new Random(name.hashCode()).nextBytes(content);
            tiny.file(name, content);
        }
        iso = tiny.toBytes();
        file = Files.write(folder.resolve("x.iso"), iso);
        manifest =
                new Manifest(
                        "x",
                        Chunker.index(file),
                        EnumSet.of(BootMode.BIOS),
                        256,
                        new Origin.Foreign(),
                        ImageKeys.generate().creator());
    }

    @Test
    void findsNothingWrongWithTheImageItself() throws IOException {
        assertThat(ImageCheck.damages(file, manifest)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "446, the boot code and partition table",
        "400000, live/vmlinuz",
        "1200000, live/initrd.img",
        "2000000, live/filesystem.squashfs",
        "3200000, the image's own tables or padding",
    })
    void namesThePartInWhichABitWasFlipped(int offset, String part) throws IOException {
        iso[offset] ^= 4;
        Files.write(file, iso);

        List<Damage> damages = ImageCheck.damages(file, manifest);

        assertThat(damages).hasSize(1);
        assertThat(damages.getFirst().startBytes()).isLessThanOrEqualTo(offset);
        assertThat(damages.getFirst().endBytes()).isGreaterThan(offset);
        assertThat(damages.getFirst().part()).contains(part);
    }

    @Test
    void saysThatTheImageCannotBeReadIfItsDescriptorIsDamaged() throws IOException {
        iso[16 * 2048 + 1] ^= 1;
        Files.write(file, iso);

        assertThat(ImageCheck.damages(file, manifest))
                .singleElement()
                .extracting(Damage::part)
                .asString()
                .contains("of an image that cannot be read: ");
    }

    @Test
    void saysHowMuchIsMissingAtTheEnd() throws IOException {
        Files.write(file, Arrays.copyOf(iso, iso.length - 5));

        assertThat(ImageCheck.damages(file, manifest))
                .startsWith(
                        new Damage(
                                iso.length - 5,
                                iso.length,
                                "the file's length: 5 bytes missing at its end"));
    }
}
