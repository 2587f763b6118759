// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.iso.ImageReport;
import org.sparegrid.imagetools.iso.IsoImage;
import org.sparegrid.imagetools.progress.Progress;
import org.sparegrid.imagetools.recipe.Recipe;

/// Puts layers beside the base live CD that SPAREGRID_BASE_ISO names, and boots that.
@Tag("root")
@Tag("vm")
class PayloadIT {
    private static final Duration BOOT_TIME_MAX = Duration.ofMinutes(10);

    private static final String RECIPE =
            """
            sparegrid: 1
            name: beside
            mode: payload
            layers:
              - name: lower
                files:
                  - {to: /opt/kept, content: one}
                  - {to: /opt/gone, content: one}
              - name: upper
                services:
                  - {name: hello, command: "/bin/sh -c 'echo hello >/run/hello'", restart: "no"}
                run:
                  - rm /opt/gone /etc/motd
            boot:
              kernel_arguments: [sparegrid.test=yes]
            """;

    private Path folder;

    @BeforeEach
    void makesAFolder() throws IOException {
        folder = Files.createTempDirectory("payload-it");
    }

    @AfterEach
    void deletesTheFolder() throws Exception {
        Process remove =
                new ProcessBuilder("rm", "-rf", "--", folder.toString()).inheritIO().start();
        assertThat(remove.waitFor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesTheBaseAsItIsAndPutsLayersOverItsRoot(boolean uefi) throws Exception {
        assumeThat(!uefi || Boolean.getBoolean("sparegrid.full"))
                .as("one boot will do; -Dsparegrid.full=true boots with UEFI as well")
                .isTrue();
        Path base =
                Path.of(
                        System.getProperty(
                                "sparegrid.base.iso", System.getenv("SPAREGRID_BASE_ISO")));
        Recipe recipe = Recipe.parse(RECIPE, folder, "image.yaml");
        BuildSettings settings =
                new BuildSettings(base, folder.resolve("cache"), true, System.getenv());
        BuiltImage built =
                new ImageBuilder(settings).build(recipe, folder.resolve("1.iso"), Progress.NONE);
        Path again = folder.resolve("2.iso");
        new ImageBuilder(settings).build(recipe, again, Progress.NONE);

        assertThat(Files.mismatch(built.iso(), again)).isEqualTo(-1);
        assertThat(built.index()).isEqualTo(Chunker.index(built.iso()));
        assertThat(ImageReport.inspect(built.iso()).bootModes())
                .isEqualTo(Set.of(BootMode.values()));
        IsoImage image = IsoImage.read(built.iso());
        image.extract(image.entry("sparegrid/base.iso").orElseThrow(), folder.resolve("base.iso"));
        assertThat(Files.mismatch(base, folder.resolve("base.iso"))).isEqualTo(-1);

        Path guestFolder = Files.createDirectory(folder.resolve("guest"));
        try (Guest guest = Guest.start(built.iso(), "beside", uefi, guestFolder)) {
            guest.awaitSsh(BOOT_TIME_MAX);
            assertThat(guest.run("cd /opt && find . | sort; hostname; cat /run/hello"))
                    .isEqualTo(".\n./kept\nbeside\nhello\n");
            assertThat(guest.run("cat /proc/cmdline; ls /etc/motd 2>&1 || true"))
                    .contains("findiso=/sparegrid/base.iso")
                    .contains(" sparegrid.test=yes")
                    .contains("No such file");
            assertThat(guest.run("systemctl list-units --failed --plain --no-legend")).isEmpty();
            assertThat(guest.run("test -d /sys/firmware/efi && echo uefi || echo bios"))
                    .isEqualTo(uefi ? "uefi\n" : "bios\n");
        }
    }
}
