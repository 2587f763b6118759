// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.testsupport.Property;

class ManifestTest {
    private static final String ZEROS = "0".repeat(64);
    private static final String ONES = "1".repeat(64);

    /// The vector of docs/protocol/image-manifest.md, section 2.
    private static final String VECTOR =
            """
            sparegrid-image 1
            name openmpi
            size 300000
            sha256 %s
            boot bios uefi
            memory-mib 512
            creator %s
            origin built %s %s
            layers 1
            mpi %s 4096
            + libopenmpi3 4.1.4-3+b1
            + openmpi-bin 4.1.4-3+b1
            chunks 2
            EREREREREREREREREREREREREREREREREREREREREREABAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJPg
            """
                    .formatted(ZEROS, ONES, ZEROS, ONES, ZEROS);

    private static Manifest example() {
        return new Manifest(
                "openmpi",
                new FileIndex(
                        300_000,
                        Sha256Digest.parse(ZEROS),
                        List.of(
                                new ChunkReference(Sha256Digest.parse(ONES), 262_144),
                                new ChunkReference(Sha256Digest.parse(ZEROS), 37_856))),
                EnumSet.allOf(BootMode.class),
                512,
                new Origin.Built(
                        Sha256Digest.parse(ZEROS),
                        Sha256Digest.parse(ONES),
                        List.of(
                                new Origin.Layer(
                                        "mpi",
                                        Sha256Digest.parse(ZEROS),
                                        4096,
                                        List.of(
                                                new Origin.InstalledPackage(
                                                        "libopenmpi3", "4.1.4-3+b1"),
                                                new Origin.InstalledPackage(
                                                        "openmpi-bin", "4.1.4-3+b1"))))),
                CreatorKey.parse(ONES));
    }

    private static Manifest parse(String text) throws ManifestFormatException {
        return Manifest.parse(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static String text(Manifest manifest) {
        return new String(manifest.toBytes(), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+ libopenmpi3",
                "+ libopenmpi3 ",
                "+ Libopenmpi3 1",
                "+ libopenmpi3 1 2",
                "+ libopenmpi3 1;rm"
            })
    void refusesPackagesWithoutNameOrVersion(String line) {
        assertThatThrownBy(() -> parse(VECTOR.replace("+ libopenmpi3 4.1.4-3+b1", line)))
                .isInstanceOf(ManifestFormatException.class)
                .hasMessageContaining("expected a package's name and version in line 11");
    }

    @Test
    void saysOfADiskThatItIsOne() throws Exception {
        Manifest cd = example();
        Manifest disk =
                new Manifest(
                        cd.name(),
                        cd.index(),
                        Medium.DISK,
                        cd.bootModes(),
                        cd.memoryMib(),
                        cd.origin(),
                        cd.creator());

        String text = VECTOR.replace("memory-mib", "medium disk\nmemory-mib");
        assertThat(text(disk)).isEqualTo(text);
        assertThat(parse(text)).isEqualTo(disk);
        assertThat(parse(VECTOR).medium()).isEqualTo(Medium.CD);
        assertThatThrownBy(() -> parse(text.replace("medium disk", "medium cd")))
                .isInstanceOf(ManifestFormatException.class)
                .hasMessageContaining("expected disk in line 6");
    }

    @Test
    void writesTheTextOfTheProtocolPage() {
        assertThat(text(example())).isEqualTo(VECTOR);
    }

    @Test
    void readsWhatItWrote() {
        CreatorKey creator = ImageKeys.generate().creator();
        Property.holds(
                500,
                random -> {
                    Manifest manifest = Manifests.any(random, creator);

                    Manifest read = Manifest.parse(ByteBuffer.wrap(manifest.toBytes()));

                    assertThat(read).isEqualTo(manifest);
                    assertThat(read.digest()).isEqualTo(manifest.digest());
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sparegrid-image 1 | sparegrid-image 2 | expected \"sparegrid-image 1\" in line 1",
                "name openmpi | name Open | expected a name",
                "name openmpi | name -x | expected a name",
                "name openmpi | nam openmpi | expected \"name\" in line 2",
                "size 300000 | size 0300000 | expected size from 1 to 17179869184 in line 3",
                "size 300000 | size -1 | expected size from 1",
                "size 300000 | size 99999999999 | expected size from 1",
                "size 300000 | size 300001 | expected chunks of 300001 bytes together, got 300000",
                "boot bios uefi | boot uefi bios | expected bios, uefi or both",
                "memory-mib 512 | memory-mib 0 | expected memory-mib from 1",
                "origin built | origin other | expected foreign, or built with two digests",
                "layers 1 | layers 17 | expected layers from 0 to 16",
                "layers 1 | layers 0 | expected \"chunks\" in line 10",
                "mpi 0 | mpi 00 | expected 64 lower-case hexadecimal digits in line 10",
                "4096 | 4096 1 | expected a layer's name, digest and size",
                "chunks 2 | chunks 3 | expected a line feed in line 16",
                "chunks 2 | chunks 1 | expected chunks of 300000 bytes together, got 262144",
                "chunks 2 | chunks 330001 | expected chunks from 1 to 330000",
                "AAAAAJPg | AAAAA=== | expected a chunk in Base64",
                "AAAAAJPg | AAAAAJP* | expected a chunk in Base64",
                "AAAAAJPg | AAAAAAAA | expected a chunk of 1 to 262144 bytes",
                "AAAAAJPg | /////wAA | expected a chunk of 1 to 262144 bytes",
                "AAAAAJPg | AAAAAJPgA | expected a chunk of 48 characters",
            })
    void rejectsAndSaysWhy(String from, String to, String why) {
        assertThat(VECTOR).contains(from);
        assertThatThrownBy(() -> parse(VECTOR.replace(from, to)))
                .isInstanceOf(ManifestFormatException.class)
                .hasMessageStartingWith("manifest: ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "'x', 'expected the end in line 16'",
        "'\n', 'expected the end in line 16'",
    })
    void rejectsWhatFollows(String more, String why) {
        assertThatThrownBy(() -> parse(VECTOR + more)).hasMessageContaining(why);
    }

    @Test
    void rejectsBytesThatAreNotPrintable() {
        assertThatThrownBy(() -> parse(VECTOR.replace("openmpi", "open\u00e9")))
                .hasMessageContaining("expected printable ASCII in line 2, got \"byte 0xe9\"");
        assertThatThrownBy(() -> parse(VECTOR.replace("\n", "\r\n")))
                .hasMessageContaining("expected printable ASCII in line 1, got \"byte 0xd\"");
    }

    @Test
    void readsNothingElseThanWhatItWritesFromAnyMutant() {
        byte[] seed = example().toBytes();
        Property.holds(
                Boolean.getBoolean("sparegrid.full") ? 100_000 : 2_000,
                random -> {
                    byte[] mutant = seed.clone();
                    for (int i = random.nextInt(1, 5); i > 0; i--) {
                        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
                    }
                    mutant =
                            Arrays.copyOf(
                                    mutant,
                                    random.nextInt(20) == 0
                                            ? random.nextInt(seed.length)
                                            : seed.length);
                    try {
                        assertThat(Manifest.parse(ByteBuffer.wrap(mutant)).toBytes())
                                .isEqualTo(mutant);
                    } catch (ManifestFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("manifest: ");
                    }
                });
    }

    @Test
    void refusesToDescribeWhatNoMachineStarts() {
        FileIndex index = example().index();
        Origin foreign = new Origin.Foreign();
        CreatorKey key = CreatorKey.parse(ONES);

        assertThatThrownBy(() -> new Manifest("a", index, Set.of(), 1, foreign, key))
                .hasMessage("manifest: expected a boot mode, got none");
    }
}
