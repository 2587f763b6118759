// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.testsupport.Property;

/// Damaged and hostile images: a clear error or a reading that stays inside the file, in the 256
/// MiB that the build gives to tests. `-Dsparegrid.full=true` tries 100,000.
class MutantIsoTest {
    private static final int MUTANTS = Boolean.getBoolean("sparegrid.full") ? 100_000 : 2_000;

    /// Where structures begin that lead to others.
    private static final List<Integer> PLACES =
            List.of(
                    TinyIso.PRIMARY,
                    17 * 2048,
                    TinyIso.CATALOG,
                    TinyIso.ROOT,
                    TinyIso.LIVE,
                    23 * 2048);

    /// Numbers at the borders of what fields hold.
    private static final int[] BORDERS = {
        0,
        1,
        -1,
        2,
        16,
        21,
        22,
        63,
        64,
        255,
        2047,
        2048,
        0x7fff,
        0x8000,
        0xffff,
        0x7fffffff,
        1 << 31
    };

    @TempDir Path folder;

    private static byte[] mutant(byte[] seed, RandomGenerator random) {
        byte[] mutant = seed.clone();
        ByteBuffer bytes = ByteBuffer.wrap(mutant);
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            int at = PLACES.get(random.nextInt(PLACES.size())) + random.nextInt(400);
            switch (random.nextInt(5)) {
                case 0 -> mutant[at] = (byte) random.nextInt();
                case 1 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes.putInt(at, BORDERS[random.nextInt(BORDERS.length)]);
                case 3 ->
                        bytes.putInt(
                                at, Integer.reverseBytes(BORDERS[random.nextInt(BORDERS.length)]));
                default -> {
                    int from = PLACES.get(random.nextInt(PLACES.size())) + random.nextInt(400);
                    System.arraycopy(seed, from, mutant, at, random.nextInt(1, 64));
                }
            }
        }
        return random.nextInt(20) == 0
                ? Arrays.copyOf(mutant, random.nextInt(seed.length))
                : mutant;
    }

    private static void inspect(Path file, int lengthBytes) throws IOException {
        try {
            ImageReport report = ImageReport.inspect(file);
            assertThat(report.partBytes().values()).allMatch(bytes -> bytes >= 0);
            for (IsoEntry entry : IsoImage.read(file).entries()) {
                if (entry.sizeBytes() > 0) {
                    assertThat(entry.offsetBytes() + entry.sizeBytes())
                            .isLessThanOrEqualTo(lengthBytes);
                }
            }
        } catch (IsoFormatException expected) {
            assertThat(expected.getMessage()).isNotBlank().doesNotContain("\n");
        }
    }

    @Test
    void readsOrRefusesEveryMutant() {
        byte[] seed =
                TinyIso.live()
                        .raw(TinyIso.record("C.;1", 24, 10, false, TinyIso.continuation(23, 0, 64)))
                        .toBytes();
        Path file = folder.resolve("mutant.iso");
        Property.holds(
                MUTANTS,
                random -> {
                    byte[] mutant = mutant(seed, random);
                    Files.write(file, mutant);
                    inspect(file, mutant.length);
                });
    }
}
