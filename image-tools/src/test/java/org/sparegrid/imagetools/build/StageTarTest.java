// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.imagetools.container.Archives;
import org.sparegrid.imagetools.recipe.Execution;
import org.sparegrid.imagetools.recipe.FileEntry;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Service;

class StageTarTest {
    @TempDir Path folder;

    private Map<String, String> written(List<FileEntry> files, Service... services)
            throws Exception {
        Path tar = folder.resolve("stage.tar");
        StageTar.write(
                new Layer("n", List.of(), List.of(), files, List.of(services), List.of(), false),
                tar,
                1_700_000_000,
                folder);
        Map<String, String> entries = new LinkedHashMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(tar))) {
            for (TarArchiveEntry entry = in.getNextEntry();
                    entry != null;
                    entry = in.getNextEntry()) {
                assertThat(entry.getLongUserId() + entry.getLongGroupId()).isZero();
                assertThat(entry.getLastModifiedTime().toMillis()).isEqualTo(1_700_000_000_000L);
                String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                String mode = Integer.toOctalString(entry.getMode() & 07777);
                entries.put(
                        entry.getName(),
                        mode + " " + entry.getLinkName() + content + entry.getUserName());
            }
        }
        return entries;
    }

    @Test
    void writesTextsTreesAndLinksWithTheirOwners() throws Exception {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Files.writeString(tree.resolve("run"), "x");
        Files.setPosixFilePermissions(
                tree.resolve("run"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("run"));
        Files.createDirectory(
                tree.resolve("sub"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));

        assertThat(
                        written(
                                List.of(
                                        new FileEntry.Text("/etc/motd", "hi", 0600, "root"),
                                        new FileEntry.Copy("/opt", tree, "root"),
                                        new FileEntry.Copy("/bin/", tree.resolve("run"), "alice"))))
                .containsExactly(
                        Map.entry("etc/motd", "600 hi"),
                        Map.entry("opt/link", "777 run"),
                        Map.entry("opt/run", "751 x"),
                        Map.entry("opt/sub/", "700 "),
                        Map.entry("bin/run", "751 xalice"));
    }

    @Test
    void writesAUnitForACommand() throws Exception {
        Map<String, String> entries =
                written(
                        List.of(),
                        new Service.Existing("ssh"),
                        new Service.Command(
                                "w",
                                "/opt/w -x",
                                "always",
                                new Execution("bob", List.of("a", "b"), Map.of("N", "1 \"%\\"))));

        assertThat(entries).containsOnlyKeys("etc/systemd/system/w.service");
        assertThat(entries.get("etc/systemd/system/w.service"))
                .contains("ExecStart=/opt/w -x\nRestart=always\n", "WantedBy=multi-user.target")
                .contains(" a.service b.service\n", "User=bob\n")
                .contains("Environment=\"N=1 \\\"%%\\\\\"\n");
    }

    @Test
    void writesAScriptThatRunsOnceAtEachBoot() throws Exception {
        Path script = Files.writeString(folder.resolve("s"), "#!/bin/sh\n");

        Map<String, String> entries =
                written(List.of(), new Service.Script("prepare", script, Execution.PLAIN));

        assertThat(entries).containsEntry("usr/lib/sparegrid/services/prepare", "755 #!/bin/sh\n");
        assertThat(entries.get("etc/systemd/system/prepare.service"))
                .contains("Type=oneshot\n", "ExecStart=/usr/lib/sparegrid/services/prepare\n")
                .doesNotContain("User=");
    }

    @Test
    void unpacksAContainerAndWritesItsUnit() throws Exception {
        String config =
                "{\"config\":{\"Cmd\":[\"run\",\"$a %b\"],\"Env\":[\"PATH=/opt/bin\",\"N=1\"],"
                        + "\"User\":\"app\",\"WorkingDir\":\"/srv\"}}";
        byte[] layer =
                Archives.tar(Map.of("opt/bin/run", "x", "etc/passwd", "app:x:5:6::/:/bin/sh\n"));
        Path archive = Archives.docker(folder.resolve("app.tar"), config, layer);

        Map<String, String> entries =
                written(List.of(), new Service.Container("app", archive, "no", Execution.PLAIN));

        String root = "var/lib/sparegrid/containers/app/";
        assertThat(entries)
                .containsEntry(root + "opt/bin/run", "755 x")
                .containsKey(root + "etc/resolv.conf")
                .containsKey(root + "srv/");
        assertThat(entries.get("etc/systemd/system/app.service"))
                .contains("/proc:/var/lib/sparegrid/containers/app/proc ")
                .contains("--root=/var/lib/sparegrid/containers/app \"--wd=/srv\" --setgid=6")
                .contains(" --setuid=5 -- \"/opt/bin/run\" \"$$a %%b\"\nRestart=no\n")
                .contains("Environment=\"N=1\"\n");
    }
}
