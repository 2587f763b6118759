// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.sparegrid.imagetools.iso.Customisation;
import org.sparegrid.imagetools.iso.Customisation.Way;
import org.sparegrid.imagetools.iso.IsoEntry;
import org.sparegrid.imagetools.iso.IsoImage;
import org.sparegrid.imagetools.progress.Progress;
import org.sparegrid.imagetools.recipe.Recipe;

/// Builds over images laid out as casper's and archiso's are, with the root of the base live CD
/// that SPAREGRID_BASE_ISO names. Their start programs are not in them, so nothing is booted.
@Tag("root")
@Tag("vm")
class OtherBasesIT {
    private static final String LAYERS =
            """
            layers:
              - name: lower
                files: [{to: /opt/kept, content: one}, {to: /opt/gone, content: one}]
              - name: upper
                run: [rm /opt/gone, test -e /opt/of-the-live-session, test ! -e /opt/of-another]
            """;

    private static final String LAYER =
            "layers: [{name: one, files: [{to: /opt/added, content: x}]}]\n";

    private Path folder;

    @BeforeEach
    void makesAFolder() throws IOException {
        folder = Files.createTempDirectory("other-bases-it");
    }

    @AfterEach
    void deletesTheFolder() throws Exception {
        run("rm", "-rf", "--", folder.toString());
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private static Path base() {
        return Path.of(
                System.getProperty("sparegrid.base.iso", System.getenv("SPAREGRID_BASE_ISO")));
    }

    /// An image of the files in `tree`, which gets a kernel, an initrd and, as `root`, a root.
    private Path iso(String kernel, String initrd, String root) throws Exception {
        Path tree = folder.resolve("tree");
        IsoImage image = IsoImage.read(base());
        for (List<String> copy :
                List.of(
                        List.of("live/vmlinuz", kernel),
                        List.of("live/initrd.img", initrd),
                        List.of("live/filesystem.squashfs", root))) {
            Path to = tree.resolve(copy.getLast());
            Files.createDirectories(Objects.requireNonNull(to.getParent()));
            image.extract(image.entry(copy.getFirst()).orElseThrow(), to);
        }
        Files.createDirectories(tree.resolve("isolinux"));
        Files.copy(
                Path.of("/usr/lib/ISOLINUX/isolinux.bin"), tree.resolve("isolinux/isolinux.bin"));
        Path iso = folder.resolve("base.iso");
        run(
                "xorriso -report_about FAILURE -as mkisofs -quiet -r -J -c isolinux/boot.cat -b isolinux/isolinux.bin -no-emul-boot -boot-load-size 4 -boot-info-table -o"
                        .concat(" " + iso + " " + tree)
                        .split(" "));
        return iso;
    }

    private void text(String path, String content) throws IOException {
        Path file = folder.resolve("tree").resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, content);
    }

    /// A squashfs with one file in it.
    private void layer(String path, String file) throws Exception {
        Path layer = Files.createTempDirectory(folder, "layer");
        Files.createDirectories(Objects.requireNonNull(layer.resolve(file).getParent()));
        Files.writeString(layer.resolve(file), file);
        Files.setPosixFilePermissions(layer, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path to = folder.resolve("tree").resolve(path);
        Files.createDirectories(Objects.requireNonNull(to.getParent()));
        run("mksquashfs", layer.toString(), to.toString(), "-quiet", "-no-progress");
    }

    private IsoImage build(Path base, String mode, String layers) throws Exception {
        String yaml =
                "sparegrid: 1\nname: over\nmode: "
                        + mode
                        + "\nbase: {iso: "
                        + base
                        + "}\n"
                        + layers;
        BuildSettings settings =
                new BuildSettings(base(), folder.resolve("cache"), true, System.getenv());
        Path iso = folder.resolve(mode + ".iso");
        new ImageBuilder(settings)
                .build(Recipe.parse(yaml, folder, "image.yaml"), iso, Progress.NONE);
        return IsoImage.read(iso);
    }

    private List<String> listed(IsoImage image, String squashfs) throws Exception {
        Path file = folder.resolve("listed.squashfs");
        Files.deleteIfExists(file);
        image.extract(image.entry(squashfs).orElseThrow(), file);
        return run("unsquashfs", "-l", "-d", "", file.toString(), "opt").lines().toList();
    }

    private static Stream<String> below(IsoImage image, String folder) {
        return image.entries().stream().map(IsoEntry::path).filter(p -> p.startsWith(folder));
    }

    private static String text(IsoImage image, String path) throws Exception {
        return image.text(image.entry(path).orElseThrow());
    }

    @Test
    void growsTheChainOfACasperImageAndNamesItsNewEnd() throws Exception {
        text(
                "boot/grub/grub.cfg",
                """
                menuentry "Try or Install" {
                        set gfxpayload=keep
                        linux   /casper/vmlinuz layerfs-path=minimal.standard.live.squashfs --- quiet splash
                        initrd  /casper/initrd
                }
                """);
        layer("casper/minimal.standard.squashfs", "opt/of-the-desktop");
        layer("casper/minimal.standard.live.squashfs", "opt/of-the-live-session");
        layer("casper/minimal.server.live.squashfs", "opt/of-another");
        layer("casper/minimal.server.squashfs", "opt/of-another");
        Path base = iso("casper/vmlinuz", "casper/initrd", "casper/minimal.squashfs");
        Customisation customisation = Customisation.of(IsoImage.read(base));

        assertThat(customisation.ways()).allMatch(Customisation.Verdict::possible);
        assertThat(customisation.choose(List.of(Way.LAYER, Way.PAYLOAD))).contains(Way.LAYER);

        IsoImage grown = build(base, "layer", LAYERS);
        String top = "minimal.standard.live.sg1.sg2.squashfs";
        assertThat(below(grown, "casper/"))
                .contains("casper/" + top, "casper/minimal.standard.live.sg1.squashfs")
                .hasSize(9);
        assertThat(listed(grown, "casper/minimal.standard.live.sg1.squashfs"))
                .contains("/opt/kept", "/opt/gone");
        assertThat(text(grown, "boot/grub/grub.cfg"))
                .startsWith("set timeout=1\n")
                .contains(
                        "layerfs-path=minimal.standard.live.squashfs layerfs-path="
                                + top
                                + " --- quiet splash");
        assertThat(Customisation.of(grown).roots().getLast().path()).isEqualTo("casper/" + top);

        IsoImage payload = build(base, "payload", LAYERS);
        assertThat(text(payload, "boot/grub/grub.cfg"))
                .contains(
                        "linux (base)/casper/vmlinuz layerfs-path=minimal.standard.live.squashfs"
                                + " iso-scan/filename=/sparegrid/base.iso rdinit=/sparegrid-init\n");

        assumeThat(Boolean.getBoolean("sparegrid.full"))
                .as("a rebuild takes a minute; -Dsparegrid.full=true makes it")
                .isTrue();
        IsoImage rebuilt = build(base, "rebuild", LAYERS);
        assertThat(text(rebuilt, "boot/grub/grub.cfg"))
                .contains(" layerfs-path=minimal.squashfs --- quiet splash");
        assertThat(below(rebuilt, "casper/"))
                .contains("casper/minimal.squashfs", "casper/minimal.server.squashfs")
                .doesNotContain("casper/minimal.standard.squashfs");
        assertThat(listed(rebuilt, "casper/minimal.squashfs"))
                .contains("/opt/kept", "/opt/of-the-desktop", "/opt/of-the-live-session")
                .doesNotContain("/opt/gone", "/opt/of-another");
    }

    @Test
    void findsNamesWhereTheBaseHasAResolvConfOfItsOwn() throws Exception {
        layer("live/of-a-base.squashfs", "etc/resolv.conf");
        Path base = iso("live/vmlinuz", "live/initrd.img", "live/filesystem.squashfs");

        String look = "run: [cp /etc/resolv.conf /opt/seen]";
        IsoImage grown = build(base, "layer", "layers: [{name: one, " + look + "}]\n");

        String layer =
                below(grown, "live/")
                        .filter(path -> path.contains("one"))
                        .findFirst()
                        .orElseThrow();
        Path file = folder.resolve("one.squashfs");
        grown.extract(grown.entry(layer).orElseThrow(), file);
        assertThat(run("unsquashfs", "-l", "-d", "", file.toString()))
                .contains("/opt/seen")
                .doesNotContain("/etc/resolv.conf");
        assertThat(run("unsquashfs", "-cat", file.toString(), "opt/seen"))
                .isEqualTo(Files.readString(Path.of("/etc/resolv.conf")));
    }

    @Test
    void putsLayersBesideAnArchisoImageOrIntoItsRoot() throws Exception {
        text(
                "boot/syslinux/archiso_pxe-linux.cfg",
                """
                LABEL arch_nbd
                LINUX ::/arch/boot/x86_64/vmlinuz-linux
                INITRD ::/arch/boot/x86_64/initramfs-linux.img
                APPEND archisobasedir=arch archiso_nbd_srv=${pxeserver}
                """);
        text(
                "boot/syslinux/archiso_sys-linux.cfg",
                """
                LABEL arch
                TEXT HELP
                Boot the Arch Linux install medium on BIOS.
                ENDTEXT
                MENU LABEL Arch Linux install medium (x86_64, BIOS)
                LINUX /arch/boot/x86_64/vmlinuz-linux
                INITRD /arch/boot/x86_64/initramfs-linux.img
                APPEND archisobasedir=arch archisosearchuuid=2026-11-01-10-00-00-00
                """);
        Path base =
                iso(
                        "arch/boot/x86_64/vmlinuz-linux",
                        "arch/boot/x86_64/initramfs-linux.img",
                        "arch/x86_64/airootfs.sfs");
        Customisation customisation = Customisation.of(IsoImage.read(base));

        assertThat(customisation.ways())
                .extracting(Customisation.Verdict::possible)
                .containsExactly(false, true, true);
        assertThat(customisation.ways().getFirst().why())
                .isEqualTo("archiso mounts one root file system only");

        IsoImage payload = build(base, "payload", LAYER);
        assertThat(text(payload, "boot/grub/grub.cfg"))
                .contains(
                        "linux (base)/arch/boot/x86_64/vmlinuz-linux archisobasedir=arch"
                                + " archisosearchuuid=2026-11-01-10-00-00-00"
                                + " img_dev=/dev/disk/by-label/SGPAYLOAD img_loop=/sparegrid/base.iso"
                                + " rdinit=/sparegrid-init\n",
                        "initrd (base)/arch/boot/x86_64/initramfs-linux.img /sparegrid/initrd.cpio");
        assertThat(below(payload, "sparegrid/layers/"))
                .containsExactly("sparegrid/layers/00.squashfs");

        IsoImage rebuilt = build(base, "rebuild", LAYER);
        assertThat(listed(rebuilt, "arch/x86_64/airootfs.sfs")).contains("/opt/added");
    }
}
