// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootEntryTest {
    @TempDir Path folder;

    private Optional<BootEntry> of(String settings) throws Exception {
        TinyIso iso =
                new TinyIso(64, "isolinux")
                        .file("isolinux.cfg", settings.getBytes(StandardCharsets.UTF_8))
                        .file("vmlinuz", TinyIso.kernel("6.1.0"))
                        .file("ucode.img", new byte[100])
                        .file("initrd.img", new byte[100]);
        return BootEntry.of(IsoImage.read(Files.write(folder.resolve("x.iso"), iso.toBytes())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "label live\n kernel /isolinux/vmlinuz\n append initrd=/isolinux/initrd.img boot=live a=b\n",
                "LABEL live\n LINUX vmlinuz\n INITRD initrd.img\n APPEND boot=live a=b\nLABEL other\n LINUX vmlinuz\n",
                "menuentry 'x' {\n linux /isolinux/vmlinuz boot=live ${more} a=b\n initrd /isolinux/initrd.img\n}\n",
                "label memory\n kernel /isolinux/vmlinuz\nlabel live\n kernel vmlinuz\n"
                        + " initrd initrd.img\n append boot=live a=b\n",
                "label away\n kernel gone\n initrd initrd.img\nlabel live\n kernel vmlinuz\n"
                        + " initrd initrd.img\n append boot=live a=b",
            })
    void isTheFirstWithAKernelAndInitrd(String settings) throws Exception {
        assertThat(of(settings))
                .contains(
                        new BootEntry(
                                "isolinux/vmlinuz",
                                List.of("isolinux/initrd.img"),
                                List.of("boot=live", "a=b")));
    }

    @Test
    void loadsAllInitrdsInTheirOrder() throws Exception {
        assertThat(of("kernel vmlinuz\ninitrd ucode.img,initrd.img\n").orElseThrow().initrds())
                .containsExactly("isolinux/ucode.img", "isolinux/initrd.img");
        assertThat(of("linux vmlinuz\ninitrd ucode.img initrd.img\n").orElseThrow().initrds())
                .containsExactly("isolinux/ucode.img", "isolinux/initrd.img");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kernel vmlinuz\n",
                "initrd initrd.img\n",
                "kernel vmlinuz\ninitrd gone.img\n",
                "kernel vmlinuz\ninitrd initrd.img\nappend a;reboot\n",
                "kernel vmlinuz\ninitrd initrd.img\nappend a={b}\n",
                "kernel ../isolinux/vmlinuz\ninitrd initrd.img\n",
            })
    void isNoneIfItsFilesAreNotThereOrItNeedsQuotes(String settings) throws Exception {
        assertThat(of(settings)).isEmpty();
    }

    @Test
    void knowsWhereSettingsAre() {
        assertThat(List.of("isolinux/isolinux.cfg", "boot/grub/grub.cfg", "EFI/BOOT/grub.cfg"))
                .allMatch(BootEntry::isSettings);
        assertThat(List.of("grub.cfg", "live/x.cfg", "isolinux/a/b.cfg", "isolinux/isolinux.bin"))
                .noneMatch(BootEntry::isSettings);
    }
}
