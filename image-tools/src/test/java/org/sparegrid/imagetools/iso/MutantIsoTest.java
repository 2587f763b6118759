// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.testsupport.Property;

/// Damaged and hostile images: a clear error or a reading that stays inside the file, soon, in the
/// 256 MiB that the build gives to tests. `-Dsparegrid.full=true` tries 100,000 of each kind.
@Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MutantIsoTest {
    private static final boolean FULL = Boolean.getBoolean("sparegrid.full");
    private static final int MUTANTS = FULL ? 100_000 : 2_000;
    private static final int MUTANTS_OF_A_LIVE_CD = FULL ? 100_000 : 500;

    /// The reader gives up after half of that; the rest is for a machine that is busy.
    private static final Duration TIME_MAX = Duration.ofSeconds(10);

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

    private static void inspect(Path file, long lengthBytes) throws IOException {
        long start = System.nanoTime();
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
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIME_MAX);
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

    /// A real live CD, changed in all that says what is where: descriptors, boot catalog, tables of
    /// paths and folders of both trees.
    @Test
    void readsOrRefusesEveryMutantOfALiveCd() throws Exception {
        String base = System.getenv("SPAREGRID_BASE_ISO");
        assumeTrue(base != null, "SPAREGRID_BASE_ISO names no live CD; bin/test does");
        Path file = Files.copy(Path.of(base), folder.resolve("live.iso"));
        long lengthBytes = Files.size(file);
        int end = Math.toIntExact(firstFileOffset(IsoImage.read(file)));
        int start = TinyIso.PRIMARY;
        try (FileChannel channel = FileChannel.open(file, READ, WRITE)) {
            ByteBuffer seed = ByteBuffer.allocate(end - start);
            channel.read(seed, start);
            Property.holds(
                    MUTANTS_OF_A_LIVE_CD,
                    random -> {
                        channel.write(ByteBuffer.wrap(changed(seed.array(), random)), start);
                        inspect(file, lengthBytes);
                    });
            channel.write(seed.flip(), start);
        }
        inspect(file, lengthBytes);
    }

    private static long firstFileOffset(IsoImage image) {
        return image.entries().stream()
                .filter(entry -> entry.kind() == IsoEntry.Kind.FILE && entry.sizeBytes() > 0)
                .mapToLong(IsoEntry::offsetBytes)
                .min()
                .orElseThrow();
    }

    /// Some numbers and bytes of `seed` are others; most of the places hold something.
    private static byte[] changed(byte[] seed, RandomGenerator random) {
        byte[] changed = seed.clone();
        ByteBuffer bytes = ByteBuffer.wrap(changed);
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            int at = random.nextInt(seed.length - 64);
            for (int tries = 0; tries < 64 && seed[at] == 0; tries++) {
                at = random.nextInt(seed.length - 64);
            }
            int border = BORDERS[random.nextInt(BORDERS.length)];
            switch (random.nextInt(5)) {
                case 0 -> changed[at] = (byte) random.nextInt();
                case 1 -> changed[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes.putInt(at, border);
                case 3 -> bytes.putInt(at, Integer.reverseBytes(border));
                default -> {
                    int from = random.nextInt(seed.length - 64);
                    System.arraycopy(seed, from, changed, at, random.nextInt(1, 64));
                }
            }
        }
        return changed;
    }
}
