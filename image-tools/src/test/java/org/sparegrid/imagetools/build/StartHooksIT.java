// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs `sparegrid-init` in RAM file systems that start as those of three distributions do, in a
/// folder in place of the root; `sparegrid-stack` only tells which root it was given.
///
/// Source: the start programs of initramfs-tools, dracut and mkinitcpio.
@Tag("root")
class StartHooksIT {
    @TempDir private Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String start() throws Exception {
        try (InputStream init = PayloadWriter.class.getResourceAsStream("sparegrid-init")) {
            file(
                    "sparegrid-init",
                    new String(
                            Objects.requireNonNull(init).readAllBytes(), StandardCharsets.UTF_8));
        }
        file("sparegrid-stack", "echo \"over $1\"\n");
        for (String link : new String[] {"bin", "sbin", "lib", "lib64"}) {
            Files.createSymbolicLink(root.resolve(link), Path.of("usr/" + link));
        }
        Files.createDirectories(root.resolve("usr"));
        Process process =
                new ProcessBuilder(
                                "unshare",
                                "--mount",
                                "--propagation",
                                "private",
                                "sh",
                                "-c",
                                "mount --bind /usr \"$0/usr\" && exec chroot \"$0\" /sparegrid-init",
                                root.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void hooksIntoCasperOfInitramfsTools() throws Exception {
        Files.createDirectories(root.resolve("scripts/casper-bottom"));
        file("scripts/casper", "");
        file("scripts/casper-bottom/05mount", "#!/bin/sh\necho mounts\n");
        file("scripts/casper-bottom/ORDER", "/scripts/casper-bottom/05mount \"$@\"\n");
        file("init", "#!/bin/sh\nexport rootmnt=/root\n. /scripts/casper-bottom/ORDER\n");

        assertThat(start()).isEqualTo("mounts\nover /root\n");
    }

    @Test
    void hooksIntoDracut() throws Exception {
        Files.createDirectories(root.resolve("var/lib/dracut/hooks/pre-pivot"));
        file(
                "init",
                "#!/bin/sh\nNEWROOT=/sysroot\nfor f in /var/lib/dracut/hooks/pre-pivot/*.sh; do . \"$f\"; done\n");

        assertThat(start()).isEqualTo("over /sysroot\n");
    }

    /// It runs executable hooks only; version 40 moved the root from /new_root to /sysroot.
    @Test
    void hooksIntoMkinitcpioOldAndNew() throws Exception {
        Files.createDirectories(root.resolve("hooks"));
        String init =
                """
                #!/bin/sh
                . /config
                for hook in $LATEHOOKS; do
                    [ -x "/hooks/$hook" ] || continue
                    . "/hooks/$hook"
                    run_latehook
                done
                """;
        file("config", "LATEHOOKS=\"archiso\"\n");
        file("hooks/archiso", "run_latehook() { echo mounted; }\n");
        file("init", init);
        assertThat(start()).isEqualTo("mounted\nover /new_root\n");

        file("config", "LATEHOOKS=\"archiso\"\n");
        Files.createDirectories(root.resolve("sysroot"));
        for (String link : new String[] {"bin", "sbin", "lib", "lib64"}) {
            Files.delete(root.resolve(link));
        }
        assertThat(start()).isEqualTo("mounted\nover /sysroot\n");
    }
}
