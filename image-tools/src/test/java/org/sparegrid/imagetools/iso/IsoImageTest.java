// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparegrid.testsupport.Property;

class IsoImageTest {
    @TempDir Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("x.iso"), bytes);
    }

    @Test
    void readsNamesPlacesAndBootModes() throws Exception {
        IsoImage image = IsoImage.read(file(TinyIso.live().toBytes()));

        assertThat(image.volumeId()).isEqualTo("TINY");
        assertThat(image.bootModes()).containsExactlyInAnyOrder(BootMode.BIOS, BootMode.UEFI);
        assertThat(image.rockRidge()).isTrue();
        assertThat(image.joliet()).isFalse();
        assertThat(image.entries().stream().map(IsoEntry::path))
                .containsExactly(
                        "live", "live/vmlinuz", "live/initrd.img", "live/filesystem.squashfs");
        assertThat(image.entry("live/initrd.img"))
                .contains(new IsoEntry("live/initrd.img", IsoEntry.Kind.FILE, 26 * 2048, 3000));
    }

    @Test
    void reportsWhatTheImageIs() throws Exception {
        ImageReport report = ImageReport.inspect(file(TinyIso.live().toBytes()));

        assertThat(report.liveSystem()).isEqualTo(LiveSystem.DEBIAN_LIVE);
        assertThat(report.kernels())
                .containsExactly(new ImageReport.Kernel("live/vmlinuz", "6.1.0-test"));
        assertThat(report.partBytes())
                .isEqualTo(
                        Map.of(
                                ImageReport.Part.KERNEL, 4096L,
                                ImageReport.Part.INITRD, 3000L,
                                ImageReport.Part.ROOT, 5000L,
                                ImageReport.Part.STRUCTURE, 64 * 2048L - 12_096));
    }

    @Test
    void copiesAFileOut() throws Exception {
        byte[] content = new byte[5000];
        new SplittableRandom(3).nextBytes(content);
        IsoImage image = IsoImage.read(file(new TinyIso(64).file("a", content).toBytes()));
        Path target = folder.resolve("a");

        image.extract(image.entry("live/a").orElseThrow(), target);

        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void readsANameThatGoesOnElsewhere() throws Exception {
        byte[] rest = TinyIso.name("-and-the-rest");
        byte[] use = new byte[TinyIso.name("first").length + 28];
        System.arraycopy(TinyIso.name("first"), 0, use, 0, 10);
        System.arraycopy(TinyIso.continuation(23, 100, rest.length), 0, use, 10, 28);
        TinyIso iso = new TinyIso(64).raw(TinyIso.record("A", 24, 1, false, use));

        IsoImage image = IsoImage.read(file(iso.put(23 * 2048 + 100, rest).toBytes()));

        assertThat(image.entry("live/first-and-the-rest")).isPresent();
    }

    @Test
    void readsPlainNamesWithoutRockRidge() throws Exception {
        byte[] record = TinyIso.record("VMLINUZ.;1", 24, 1, false, new byte[0]);

        IsoImage image = IsoImage.read(file(new TinyIso(64).raw(record).toBytes()));

        assertThat(image.entry("live/vmlinuz")).isPresent();
    }

    private static byte[] with(byte[] bytes, int offset, int... values) {
        for (int i = 0; i < values.length; i++) {
            bytes[offset + i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] little(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    private static Arguments bad(String why, UnaryOperator<TinyIso> iso) {
        return Arguments.of(why, iso.apply(TinyIso.live()).toBytes());
    }

    private static Arguments record(
            String why, String name, int sector, int size, boolean folder, byte[] use) {
        return bad(why, iso -> iso.raw(TinyIso.record(name, sector, size, folder, use)));
    }

    static Stream<Arguments> damagedStructures() {
        byte[] none = new byte[0];
        byte[] live = TinyIso.live().toBytes();
        return Stream.of(
                Arguments.of("expected at least 34816 bytes, got 0", none),
                Arguments.of(
                        "expected \"CD001\" in sector 16; this is no ISO image", new byte[100_000]),
                Arguments.of("it is cut off, get it again", Arrays.copyOf(live, 40_000)),
                Arguments.of("it is cut off, get it again", Arrays.copyOf(live, live.length - 1)),
                Arguments.of(
                        "expected \"CD001\" in sector 17", with(live.clone(), 17 * 2048 + 1, 'X')),
                Arguments.of(
                        "expected blocks of 2048 bytes",
                        with(live.clone(), TinyIso.PRIMARY + 128, 0, 2)),
                Arguments.of(
                        "expected a primary volume descriptor",
                        with(live.clone(), TinyIso.PRIMARY, 3)),
                Arguments.of(
                        "first entry of the boot catalogue",
                        with(live.clone(), TinyIso.CATALOG + 5, 1)),
                Arguments.of(
                        "its entry points to sector 0",
                        with(live.clone(), TinyIso.CATALOG + 40, 0)),
                Arguments.of(
                        "boot image at sector 65300",
                        with(live.clone(), TinyIso.CATALOG + 40, 0x14, 0xff)),
                Arguments.of(
                        "folder record of 34 bytes or more", with(live.clone(), TinyIso.ROOT, 20)),
                Arguments.of(
                        "expected a folder of 16 MiB at most",
                        with(live.clone(), TinyIso.PRIMARY + 156 + 13, 2)),
                Arguments.of(
                        "expected a name within its record",
                        with(live.clone(), TinyIso.LIVE + 32, 0)));
    }

    static Stream<Arguments> damagedRecords() {
        return Stream.of(
                record(
                        "\"live/loop\" leads back to sector 21",
                        "L",
                        21,
                        2048,
                        true,
                        TinyIso.name("loop")),
                record(
                        "lies beyond the end of the file",
                        "F",
                        60,
                        50_000,
                        false,
                        TinyIso.name("long")),
                record("expected a name without", "F", 24, 1, false, TinyIso.name("../ev")),
                record("expected a name without", "F", 24, 1, false, TinyIso.name("..")),
                record("expected a name without", "F", 24, 1, false, TinyIso.name("a\0b")),
                record("once", "F", 24, 1, false, TinyIso.name("vmlinuz")),
                record(
                        "system use entry of 4 bytes or more",
                        "F",
                        24,
                        1,
                        false,
                        new byte[] {'N', 'M', 3, 1, 0, 0}),
                record(
                        "system use entry of 4 bytes or more",
                        "F",
                        24,
                        1,
                        false,
                        new byte[] {'N', 'M', 99, 1, 0, 0}),
                record("got \".\" or \"..\"", "F", 24, 1, false, new byte[] {'N', 'M', 5, 1, 4}),
                record(
                        "continuation area within one sector",
                        "F",
                        24,
                        1,
                        false,
                        TinyIso.continuation(23, 2000, 100)),
                record(
                        "continuation area at sector 900",
                        "F",
                        24,
                        1,
                        false,
                        TinyIso.continuation(900, 0, 100)),
                bad(
                        "expected continuations to go forwards",
                        iso ->
                                iso.raw(
                                                TinyIso.record(
                                                        "F",
                                                        24,
                                                        1,
                                                        false,
                                                        TinyIso.continuation(23, 0, 28)))
                                        .put(23 * 2048, TinyIso.continuation(23, 0, 28))));
    }

    @ParameterizedTest
    @MethodSource({"damagedStructures", "damagedRecords"})
    void rejectsAndSaysWhy(String why, byte[] bytes) throws IOException {
        Path file = file(bytes);

        assertThatThrownBy(() -> IsoImage.read(file))
                .isInstanceOf(IsoFormatException.class)
                .hasMessageStartingWith("iso: ")
                .hasMessageContaining(why);
    }

    @Test
    void rejectsNamesLongerThanLinuxHas() throws IOException {
        TinyIso iso = TinyIso.live();
        byte[] use = new byte[28];
        System.arraycopy(TinyIso.continuation(23, 0, 600), 0, use, 0, 28);
        for (int i = 0; i < 3; i++) {
            iso.put(23 * 2048 + 200 * i, TinyIso.name("n".repeat(195)));
        }
        Path file = file(iso.raw(TinyIso.record("F", 24, 1, false, use)).toBytes());

        assertThatThrownBy(() -> IsoImage.read(file)).hasMessageContaining("a name of 255 bytes");
    }

    @Test
    void refusesAnImageThatNothingCanBoot() throws IOException {
        Path file = file(TinyIso.live().put(17 * 2048, new byte[] {3}).toBytes());

        assertThatThrownBy(() -> ImageReport.inspect(file))
                .isInstanceOf(IsoFormatException.class)
                .hasMessageContaining("no boot record for BIOS or UEFI");
    }

    @Test
    void refusesRandomBytes() {
        Property.holds(
                50,
                random -> {
                    byte[] any = new byte[random.nextInt(200_000)];
                    random.nextBytes(any);
                    Path file = file(any);
                    assertThatThrownBy(() -> IsoImage.read(file))
                            .isInstanceOf(IsoFormatException.class);
                });
    }

    @Test
    void putsNoControlCharactersIntoAVolumeName() throws Exception {
        Path file = file(TinyIso.live().put(TinyIso.PRIMARY + 40, little(0x1b5b4a41)).toBytes());

        assertThat(IsoImage.read(file).volumeId()).isEqualTo("AJ[?");
    }
}
