// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.sparegrid.imagetools.assembly.VerifiedImage;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.iso.ImageComparison;
import org.sparegrid.imagetools.iso.ImageReport;
import org.sparegrid.imagetools.iso.IsoEntry;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.iso.IsoImage;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.progress.Progress;
import org.sparegrid.imagetools.recipe.Recipe;
import org.sparegrid.imagetools.recipe.RecipeTemplate;

/// Builds real images over the base live CD that SPAREGRID_BASE_ISO names, and boots them.
@Tag("root")
@Tag("vm")
class ImageBuilderIT {
    /// A boot costs some 40 s of CPU time; the rest is for machines with other work.
    private static final Duration BOOT_TIME_MAX = Duration.ofMinutes(10);

    /// Layers that hide, replace and add to those below them.
    private static final String UPPER_LAYERS =
            """
              - name: second
                services:
                  - {name: hello, command: "/bin/sh -c 'echo hello >/run/hello'", restart: "no"}
                  - name: as-alice
                    command: /bin/sh -c 'cd; echo "$$WORD by $$(id -un)" >hello'
                    restart: "no"
                    user: alice
                    environment: {WORD: '100 % "sure"'}
                  - {name: prepare, script: prepare}
                users:
                  - name: alice
                    shell: /bin/sh
                    groups: [video, painters]
                    keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Rf a@b"]
                  - name: root
                    keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Rf root@b"]
                files:
                  - {to: /opt/hers, content: x, owner: alice}
                run:
                  - rm /opt/gone
                  - rm -r /opt/folder
                  - mkdir /opt/folder
                  - echo two >/opt/folder/new
                  - test ! -e /sys/class/net/eth0
              - name: third
                run:
                  - test ! -e /opt/gone
                  - script: setup
            boot:
              kernel_arguments: [sparegrid.test=yes]
            """;

    private Path folder;

    /// Not by JUnit: it warns of each of the thousand links in an unpacked system.
    @BeforeEach
    void makesAFolder() throws IOException {
        folder = Files.createTempDirectory("image-builder-it");
    }

    @AfterEach
    void deletesTheFolder() throws Exception {
        Process remove =
                new ProcessBuilder("rm", "-rf", "--", folder.toString()).inheritIO().start();
        assertThat(remove.waitFor()).isZero();
    }

    private static Path baseIso() {
        String given =
                System.getProperty("sparegrid.base.iso", System.getenv("SPAREGRID_BASE_ISO"));
        assertThat(given).as("SPAREGRID_BASE_ISO, the base live CD").isNotNull();
        return Path.of(given);
    }

    private ImageBuilder builder(String cache) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        return new ImageBuilder(
                new BuildSettings(baseIso(), folder.resolve(cache), true, environment));
    }

    private void leavesWhatIsUnchanged(BuiltImage built) throws Exception {
        FileTime time = Files.getLastModifiedTime(built.iso());
        BuiltImage again = builder("one").build(openmpi(), built.iso(), Progress.NONE);
        assertThat(built.unchanged()).isFalse();
        assertThat(again.unchanged()).isTrue();
        assertThat(again.index()).isEqualTo(built.index());
        assertThat(again.origin()).isEqualTo(built.origin());
        assertThat(Files.getLastModifiedTime(built.iso())).isEqualTo(time);

        try (FileChannel file = FileChannel.open(built.iso(), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1}), 40_000_000);
        }
        Files.setLastModifiedTime(built.iso(), time);
        BuiltImage mended = builder("one").build(openmpi(), built.iso(), Progress.NONE);
        assertThat(mended.unchanged()).isFalse();
        assertThat(Chunker.index(mended.iso())).isEqualTo(built.index());
    }

    private Recipe openmpi() throws Exception {
        return Recipe.parse(RecipeTemplate.OPENMPI.text("openmpi"), folder, "image.yaml");
    }

    @Test
    void buildsTheSameOpenMpiImageTwiceWhichComputesARightResult() throws Exception {
        Path leftover = Files.createDirectories(folder.resolve("one/build-killed/merged"));
        BuiltImage first = builder("one").build(openmpi(), folder.resolve("1.iso"), Progress.NONE);
        BuiltImage second = builder("two").build(openmpi(), folder.resolve("2.iso"), Progress.NONE);
        BuiltImage cached = builder("one").build(openmpi(), folder.resolve("3.iso"), Progress.NONE);

        assertThat(leftover).doesNotExist();
        assertThat(first.cachedLayers()).isEmpty();
        assertThat(cached.cachedLayers()).containsExactly("openmpi", "cluster");
        assertThat(second.origin()).isEqualTo(first.origin()).isEqualTo(cached.origin());
        assertThat(Files.mismatch(first.iso(), second.iso())).isEqualTo(-1);
        assertThat(Files.mismatch(first.iso(), cached.iso())).isEqualTo(-1);
        assertThat(first.index()).isEqualTo(Chunker.index(first.iso()));
        ImageKeys keys = ImageKeys.generate();
        Manifest manifest = first.manifest(ImageReport.inspect(first.iso()), keys.creator());
        assertThat(VerifiedImage.verify(second.iso(), manifest).manifest()).isEqualTo(manifest);
        assertThat(folder.resolve("one")).isDirectoryNotContaining("glob:**/build-*");
        leavesWhatIsUnchanged(cached);

        Path guestFolder = Files.createDirectory(folder.resolve("guest"));
        try (Guest guest = Guest.start(first.iso(), "node1", false, guestFolder)) {
            guest.awaitSsh(BOOT_TIME_MAX);
            assertThat(guest.run("hostname")).isEqualTo("node1\n");
            assertThat(guest.run("systemctl list-units --failed --plain --no-legend")).isEmpty();
            guest.run("mpirun -np 2 hpcc");
            assertThat(guest.run("cat hpccoutf.txt"))
                    .contains("1 tests completed and passed residual checks")
                    .contains("\nCommWorldProcs=2\n")
                    .contains("\nSuccess=1\n");
        }
    }

    @Test
    void layersHideAndReplaceWhatIsBelowAndStartWithUefi() throws Exception {
        Path lower = folder.resolve("lower.iso");
        builder("cache")
                .build(
                        recipe(
                                "lower",
                                "base: sparegrid",
                                """
                                  - name: first
                                    files:
                                      - {to: /opt/kept, content: one}
                                      - {to: /opt/gone, content: one}
                                      - {to: /opt/folder/old, content: one}
                                """),
                        lower,
                        Progress.NONE);
        Files.writeString(folder.resolve("prepare"), "#!/bin/sh -e\necho ran >>/run/prepared\n");
        Files.writeString(folder.resolve("setup"), "#!/bin/sh -e\necho built >/opt/third\n");
        Path upper = folder.resolve("upper.iso");
        builder("cache")
                .build(
                        recipe("upper", "base: {iso: lower.iso}", UPPER_LAYERS),
                        upper,
                        Progress.NONE);

        Path guestFolder = Files.createDirectory(folder.resolve("guest"));
        try (Guest guest = Guest.start(upper, "over", true, guestFolder)) {
            guest.awaitSsh(BOOT_TIME_MAX);
            assertThat(guest.run("cd /opt && find . | sort"))
                    .isEqualTo(".\n./folder\n./folder/new\n./hers\n./kept\n./third\n");
            assertThat(guest.run("cat /run/prepared /opt/third /home/alice/hello"))
                    .isEqualTo("ran\nbuilt\n100 % \"sure\" by alice\n");
            assertThat(guest.run("id -nG alice; stat -c '%U %a' /opt/hers /home/alice/.ssh/*"))
                    .isEqualTo("alice video painters\nalice 644\nalice 600\n");
            assertThat(guest.run("cat /root/.ssh/authorized_keys2")).endsWith(" root@b\n");
            assertThat(
                            guest.run(
                                    "mkdir -m 700 /run/sparegrid/secrets; cd /run/sparegrid/secrets;"
                                            + " echo x >key; busybox wget -qO- http://169.254.169.254/rank;"
                                            + " busybox wget -qO- http://169.254.169.254/secrets/key || echo no"))
                    .startsWith("0")
                    .endsWith("no\n");
            assertThat(guest.run("cat /run/hello /proc/cmdline"))
                    .startsWith("hello\n")
                    .contains(" sparegrid.test=yes");
            assertThat(guest.run("test -d /sys/firmware/efi && passwd -S root"))
                    .startsWith("root L ");
        }
    }

    @Test
    void rebuildsARootOfTwoLayersAsOne() throws Exception {
        Path lower = folder.resolve("lower.iso");
        builder("cache")
                .build(
                        recipe(
                                "lower",
                                "base: sparegrid",
                                "  - {name: a, files: [{to: /opt/gone, content: x}]}\n"),
                        lower,
                        Progress.NONE);
        Path upper = folder.resolve("upper.iso");
        String layers = "  - {name: b, run: ['rm /opt/gone', 'echo b >/opt/new']}\n";
        Recipe recipe = recipe("upper", "mode: rebuild\nbase: {iso: lower.iso}", layers);
        BuiltImage built = builder("cache").build(recipe, upper, Progress.NONE);

        IsoImage image = IsoImage.read(upper);
        assertThat(image.entries().stream().map(IsoEntry::path).filter(p -> p.startsWith("live/")))
                .containsExactlyInAnyOrder(
                        "live/filesystem.packages",
                        "live/filesystem.squashfs",
                        "live/initrd.img",
                        "live/vmlinuz");
        assertThat(built.index()).isEqualTo(Chunker.index(upper));
        Path root = folder.resolve("root.squashfs");
        image.extract(image.entry("live/filesystem.squashfs").orElseThrow(), root);
        Process list =
                new ProcessBuilder("unsquashfs", "-l", "-d", "", root.toString(), "opt").start();
        assertThat(list.inputReader().lines()).contains("/opt/new").doesNotContain("/opt/gone");
        ImageComparison comparison = ImageComparison.of(baseIso(), upper);
        assertThat(comparison.newBytes()).isLessThan(comparison.sizeBytes() / 50);
    }

    private Recipe recipe(String name, String base, String layers) throws Exception {
        String yaml = "sparegrid: 1\nname: " + name + "\n" + base + "\nlayers:\n" + layers;
        return Recipe.parse(yaml, folder, "image.yaml");
    }

    @Test
    void saysWhyAPackageCannotBeInstalled() throws Exception {
        Recipe recipe =
                recipe("x", "base: sparegrid", "  - name: a\n    packages: [no-such-package]\n");

        assertThatThrownBy(() ->
                        builder("cache").build(recipe, folder.resolve("x.iso"), Progress.NONE))
                .isInstanceOf(BuildException.class)
                .hasMessageContaining("layer a")
                .hasMessageContaining("Unable to locate package no-such-package");
        assertThat(folder.resolve("x.iso")).doesNotExist();
        assertThat(folder.resolve("cache")).isDirectoryNotContaining("glob:**/build-*");
    }

    @Test
    void refusesABaseThatIsCutOff() throws Exception {
        Path cut = Files.copy(baseIso(), folder.resolve("cut.iso"));
        try (FileChannel file = FileChannel.open(cut, StandardOpenOption.WRITE)) {
            file.truncate(file.size() - 1_000_000);
        }
        Recipe recipe = recipe("x", "base: {iso: cut.iso}", "  - name: a\n");

        assertThatThrownBy(() ->
                        builder("cache").build(recipe, folder.resolve("x.iso"), Progress.NONE))
                .isInstanceOf(IsoFormatException.class)
                .hasMessageContaining("it is cut off, get it again");
    }

    @Test
    void buildsTheSameBaseTwice() throws Exception {
        assumeThat(Boolean.getBoolean("sparegrid.full"))
                .as("two builds of the base take minutes; -Dsparegrid.full=true runs them")
                .isTrue();
        Path script = Path.of("..", "packer", "build-base-iso").toRealPath();
        for (String name : List.of("a.iso", "b.iso")) {
            Process build =
                    new ProcessBuilder(script.toString(), folder.resolve(name).toString())
                            .inheritIO()
                            .start();
            assertThat(build.waitFor()).isZero();
        }

        assertThat(Files.mismatch(folder.resolve("a.iso"), folder.resolve("b.iso"))).isEqualTo(-1);
        assertThat(Files.size(folder.resolve("a.iso"))).isLessThan(150_000_000);
    }
}
