// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

/// Damaged and hostile manifests: a clear error or a reading that is written again as the same
/// bytes, in the 256 MiB that the build gives to tests. `-Dsparegrid.full=true` tries 100,000.
class MutantManifestTest {
    private static final int MUTANTS = Boolean.getBoolean("sparegrid.full") ? 100_000 : 2_000;

    private static final String[] BORDERS = {
        "0",
        "-1",
        "1",
        "16",
        "17",
        "5001",
        "262145",
        "330001",
        "1048577",
        "17179869185",
        "9223372036854775808",
        "\n",
        " ",
        "+ ",
        "medium disk\n",
        "chunks 330000\n",
        "layers 16\n"
    };

    private static byte[] mutant(byte[] seed, RandomGenerator random) {
        byte[] mutant = seed.clone();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            int at = random.nextInt(mutant.length);
            switch (random.nextInt(6)) {
                case 0 -> mutant[at] = (byte) random.nextInt();
                case 1 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> mutant = spliced(mutant, at, 0, border(random));
                case 3 -> mutant = spliced(mutant, at, random.nextInt(60), border(random));
                case 4 -> {
                    int from = random.nextInt(seed.length);
                    int to = Math.min(seed.length, from + random.nextInt(1, 200));
                    mutant = spliced(mutant, at, 0, Arrays.copyOfRange(seed, from, to));
                }
                default -> mutant = spliced(mutant, at, random.nextInt(200), new byte[0]);
            }
            if (mutant.length == 0) {
                return seed;
            }
        }
        return mutant;
    }

    private static byte[] border(RandomGenerator random) {
        return BORDERS[random.nextInt(BORDERS.length)].getBytes(StandardCharsets.US_ASCII);
    }

    /// Replaces up to `removed` bytes at `at` by `added`.
    private static byte[] spliced(byte[] bytes, int at, int removed, byte[] added) {
        int rest = Math.min(bytes.length, at + removed);
        return ByteBuffer.allocate(at + added.length + bytes.length - rest)
                .put(bytes, 0, at)
                .put(added)
                .put(bytes, rest, bytes.length - rest)
                .array();
    }

    @Test
    void readsOrRefusesEveryMutant() {
        Property.holds(
                MUTANTS,
                random -> {
                    Manifest manifest = Manifests.any(random, CreatorKey.parse("1".repeat(64)));
                    byte[] mutant = mutant(manifest.toBytes(), random);
                    try {
                        Manifest read = Manifest.parse(ByteBuffer.wrap(mutant));
                        assertThat(read.toBytes()).isEqualTo(mutant);
                    } catch (ManifestFormatException expected) {
                        assertThat(expected)
                                .hasMessageStartingWith("manifest: ")
                                .hasMessageNotContaining("\n");
                    }
                });
    }
}
