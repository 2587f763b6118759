// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootMenusTest {
    @TempDir Path folder;

    @Test
    void endsTheWaitOfDebiansLiveCds() {
        // As Debian's live-build 20230502 writes them, without the entries.
        Map<String, String> settings =
                Map.of(
                        "isolinux/isolinux.cfg",
                        "include menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 0\n",
                        "isolinux/menu.cfg",
                        "menu hshift 0\ninclude live.cfg\n",
                        "boot/grub/grub.cfg",
                        "source /boot/grub/config.cfg\nmenuentry \"Live system\" {\n}\n",
                        "boot/grub/config.cfg",
                        "set default=0\n");

        assertThat(BootMenus.unattended(settings))
                .containsOnly(
                        Map.entry(
                                "isolinux/isolinux.cfg",
                                "include menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 0\n\ntimeout 10\n"),
                        Map.entry(
                                "boot/grub/grub.cfg",
                                "set timeout=1\nsource /boot/grub/config.cfg\nmenuentry \"Live system\" {\n}\n"));
    }

    @Test
    void endsATimeoutOfGrubThatNeverEnds() {
        assertThat(
                        BootMenus.unattended(
                                Map.of("boot/grub/grub.cfg", "set timeout=-1\nmenuentry x {\n}\n")))
                .containsEntry(
                        "boot/grub/grub.cfg", "set timeout=1\nset timeout=1\nmenuentry x {\n}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DEFAULT live\nPROMPT 0\nLABEL live\n",
                "UI vesamenu.c32\nTIMEOUT 50\n",
                "default menu.c32\ntotaltimeout 600\n",
                "prompt 1\ntimeout 01\n",
            })
    void leavesIsolinuxAloneWhereItGoesOn(String text) {
        assertThat(BootMenus.unattended(Map.of("isolinux/isolinux.cfg", text))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UI menu.c32\n", "  default vesamenu.c32\ntimeout 000\n", "prompt 1\n"})
    void endsTheWaitOfIsolinux(String text) {
        assertThat(BootMenus.unattended(Map.of("boot/syslinux/syslinux.cfg", text)))
                .containsEntry("boot/syslinux/syslinux.cfg", text + "\ntimeout 10\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linux /vmlinuz\ninitrd /initrd\nboot\n",
                "timeout=5\nmenuentry x {\n}\n",
                "set timeout=\"0\"\nmenuentry x {\n}\n",
            })
    void leavesGrubAloneWhereItGoesOn(String text) {
        assertThat(BootMenus.unattended(Map.of("boot/grub/grub.cfg", text))).isEmpty();
    }

    @Test
    void isFinishedAfterOneChange() {
        Map<String, String> settings =
                Map.of("isolinux/isolinux.cfg", "UI menu.c32\n", "boot/grub/grub.cfg", "menuentry");

        assertThat(BootMenus.unattended(BootMenus.unattended(settings))).isEmpty();
    }

    @Test
    void isPartOfTheReport() throws Exception {
        TinyIso waits =
                new TinyIso(64, "isolinux").file("isolinux.cfg", "UI x.c32".getBytes(UTF_8));
        TinyIso goesOn =
                new TinyIso(64, "isolinux").file("isolinux.cfg", "default x".getBytes(UTF_8));

        assertThat(report("waits.iso", waits).menuWaits()).isTrue();
        assertThat(report("goes-on.iso", goesOn).menuWaits()).isFalse();
    }

    private ImageReport report(String name, TinyIso iso) throws Exception {
        return ImageReport.inspect(Files.write(folder.resolve(name), iso.toBytes()));
    }
}
