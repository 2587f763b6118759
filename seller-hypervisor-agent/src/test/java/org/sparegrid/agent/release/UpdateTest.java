// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.imagetools.manifest.CreatorKey;

class UpdateTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir private Path folder = Path.of("/nonexistent");
    private Path data = Path.of("/nonexistent");
    private CreatorKey trusted = CreatorKey.of(new byte[32]);
    private Versions versions = new Versions(Path.of("/nonexistent"));

    @BeforeEach
    void makeAKey() throws IOException {
        data = folder.resolve("data");
        versions = new Versions(data);
        trusted = ReleaseKey.create(folder.resolve("key"));
    }

    /// A release whose program is this script.
    private String release(String version, String script) throws IOException, ReleaseException {
        Path build = folder.resolve("build-" + version);
        Path lib = Files.createDirectories(build.resolve("seller-hypervisor-agent/target/lib"));
        Files.createDirectories(build.resolve("bin"));
        for (String program : List.of("start-java", "use-version")) {
            Files.writeString(build.resolve("bin").resolve(program), program);
        }
        Path agent = build.resolve("bin/sparegrid-agent");
        Files.writeString(agent, "#!/bin/bash\n" + script + "\n");
        Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(lib.resolve("one.jar"), version);
        Files.writeString(lib.resolve("two.jar"), version);
        Path archive = folder.resolve(version + ".tar");
        ReleaseWriter.write(
                build,
                new ReleaseVersion(version),
                ReleaseKey.load(folder.resolve("key")),
                archive);
        return archive.toString();
    }

    private Update update(String running) throws GeneralSecurityException {
        return new Update(
                new Folders(data.resolve("agent.toml"), data),
                trusted,
                running,
                new ReleaseSource(SSLContext.getDefault(), new PrintWriter(Writer.nullWriter())));
    }

    private void install(String release, String running) throws Exception {
        try (Closeable _ = versions.lock()) {
            update(running).unpack(release, false, LIMIT);
        }
    }

    private Map<String, String> present() throws IOException {
        Map<String, String> present = new TreeMap<>();
        try (var files = Files.walk(data.resolve("versions"))) {
            for (Path file : files.toList()) {
                String text = Files.isRegularFile(file) ? Files.readString(file) : "";
                present.put(data.relativize(file).toString(), text);
            }
        }
        return present;
    }

    @Test
    void putsAVersionBesideTheOldOneAndTriesIt() throws Exception {
        install(release("1.1", "echo 1.1"), "1.0");
        assertThat(versions.current()).contains("1.1");
        assertThat(versions.trial()).contains(new Versions.Trial("1.1", "", 60));
        assertThat(data.resolve("versions/1.1/bin/sparegrid-agent")).isExecutable();
        assertThat(data.resolve("versions/1.1/VERSION")).hasContent("1.1");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(data.resolve("versions"))))
                .isEqualTo("rwx------");
        versions.confirm();
        assertThat(versions.trial()).isEmpty();

        install(release("1.2", "echo 1.2"), "1.1");
        assertThat(versions.trial()).contains(new Versions.Trial("1.2", "1.1", 60));
        versions.confirm();
        install(release("1.3", "echo 1.3"), "1.2");
        versions.confirm();
        versions.prune("1.2");
        assertThat(data.resolve("versions/1.1")).doesNotExist();
        assertThat(data.resolve("versions/1.2")).isDirectory();
        assertThat(versions.current()).contains("1.3");
        assertThat(versions.leftovers()).isEmpty();
    }

    @Test
    void goesBackAndSaysWhy() throws Exception {
        install(release("1.1", "echo 1.1"), "1.0");
        versions.goBack(versions.trial().orElseThrow(), "it did not\nconnect");
        assertThat(versions.current()).isEmpty();
        assertThat(versions.trial()).isEmpty();
        assertThat(versions.failed()).contains(new Versions.Failed("1.1", "it did not connect"));

        install(release("1.2", "echo 1.2"), "1.0");
        assertThat(versions.failed()).isEmpty();
        versions.confirm();
        install(release("1.3", "echo 1.3"), "1.2");
        versions.goBack(versions.trial().orElseThrow(), "no");
        assertThat(versions.current()).contains("1.2");
    }

    @Test
    void aRefusedReleaseChangesNothing() throws Exception {
        install(release("1.1", "echo 1.1"), "1.0");
        versions.confirm();
        Map<String, String> before = present();

        String older = release("1.0.9", "echo old");
        assertThatThrownBy(() -> install(older, "1.1"))
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining("1.0.9 is older than 1.1")
                .hasMessageContaining("--allow-downgrade");
        String same = release("1.1", "echo again");
        assertThatThrownBy(() -> install(same, "1.1")).hasMessageContaining("is the one in use");
        String newer = release("1.2", "echo new");
        byte[] bytes = Files.readAllBytes(Path.of(newer));
        for (int at : new int[] {20, 700, bytes.length / 2, bytes.length - 2000}) {
            byte[] bad = bytes.clone();
            bad[at] ^= 1;
            Files.write(Path.of(newer), bad);
            assertThatThrownBy(() -> install(newer, "1.1")).isInstanceOf(ReleaseException.class);
        }
        assertThatThrownBy(() -> install("http://127.0.0.1:1/x", "1.1"))
                .hasMessageContaining("https://");
        assertThatThrownBy(() -> install(folder.resolve("none").toString(), "1.1"))
                .isInstanceOf(IOException.class);
        assertThat(present()).isEqualTo(before);

        assertThat(update("1.1").check(older, true).version()).isEqualTo("1.0.9");
        assertThat(present()).isEqualTo(before);
    }

    @Test
    void refusesWhatTheDiskHasNoRoomFor() throws Exception {
        Files.createDirectories(data.resolve("versions"));
        List<ReleaseManifest.Entry> files =
                List.of(new ReleaseManifest.Entry("a", 200 << 20, "0".repeat(64), false));
        long free = Files.getFileStore(data).getUsableSpace();
        ReleaseManifest manifest = new ReleaseManifest(ReleaseManifest.SCHEMA, "1.1", files);
        assertThat(free).isPositive();
        versions.place().begin(manifest);
        versions.drop();
        assertThatThrownBy(() -> Versions.requireRoom(manifest, 300L << 20, data))
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining("the disk is too full: version 1.1 takes 200 MiB");
    }

    @Test
    void oneUpdateAtATime() throws Exception {
        try (Closeable _ = versions.lock()) {
            assertThatThrownBy(versions::lock).hasMessageContaining("another update is under way");
        }
        versions.lock().close();
    }

    /// What a killed update may leave, in the order of its steps: the old version is in use until
    /// the link is replaced.
    @Test
    void aKilledUpdateLeavesTheOldVersionInUseAndIsFound() throws Exception {
        install(release("1.1", "echo 1.1"), "1.0");
        versions.confirm();
        Path folder = data.resolve("versions");
        Files.createDirectories(folder.resolve(".new/bin"));
        assertThat(versions.current()).contains("1.1");
        assertThat(versions.leftovers()).containsExactly(folder.resolve(".new"));

        Files.move(folder.resolve(".new"), folder.resolve("1.2"));
        Files.writeString(folder.resolve("trial"), "1.2\n1.1\n60\n");
        assertThat(versions.current()).contains("1.1");
        assertThat(versions.trial()).as("of a version that isn't in use").isEmpty();
        assertThat(versions.leftovers()).containsExactly(folder.resolve("trial"));
        Files.createSymbolicLink(folder.resolve("current.new"), Path.of("1.2"));
        assertThat(versions.leftovers()).hasSize(2);

        install(release("1.2", "echo 1.2"), "1.1");
        assertThat(versions.current()).contains("1.2");
        assertThat(versions.leftovers()).isEmpty();
    }

    // The launcher, which starts the version in use.

    private String launch(Path home, String... words) throws Exception {
        Path installed = folder.resolve("installed");
        Path bin = Files.createDirectories(installed.resolve("bin"));
        Path source = Path.of("").toAbsolutePath().resolveSibling("bin/use-version");
        Files.copy(source, bin.resolve("use-version"), StandardCopyOption.REPLACE_EXISTING);
        Path launcher = bin.resolve("sparegrid-agent");
        Files.writeString(
                launcher,
                """
                #!/bin/bash
                set -euo pipefail
                here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
                . "$here/bin/use-version"
                use_version "$@"
                echo "installed $*"
                """);
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        boolean root = Files.getAttribute(folder, "unix:uid").equals(0);
        List<String> command = new ArrayList<>();
        if (root) {
            // Root starts the installed program whatever lies there.
            own("65534:65534");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        command.addAll(List.of("env", "HOME=" + home, launcher.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        if (root) {
            own("0:0");
        }
        return said.strip();
    }

    private void own(String owner) throws Exception {
        Process chown = new ProcessBuilder("chown", "-R", owner, folder.toString()).start();
        assertThat(chown.waitFor()).isZero();
    }

    @Test
    void theInstalledProgramStartsTheVersionInUse() throws Exception {
        String home = data.toString();
        Files.createDirectories(data);
        assertThat(launch(folder, "run", "--home", home)).isEqualTo("installed run --home " + home);
        install(release("1.1", "echo \"1.1 $*\"; echo $SPAREGRID_AGENT_BASE"), "1.0");
        versions.confirm();
        assertThat(launch(folder, "--home=" + home, "status"))
                .isEqualTo(
                        "1.1 --home="
                                + home
                                + " status\n"
                                + folder.resolve("installed/bin/sparegrid-agent"));
        assertThat(launch(folder, "status")).as("another home").isEqualTo("installed status");

        Files.writeString(folder.resolve("installed/sealed"), "");
        assertThat(launch(folder, "--home", home, "status"))
                .as("a sealed system")
                .startsWith("installed");
        Files.delete(folder.resolve("installed/sealed"));

        Path link = data.resolve("versions/current");
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("../../elsewhere"));
        assertThat(launch(folder, "--home", home, "status")).startsWith("installed");
        assertThat(versions.isCurrentWhole()).isFalse();
        versions.forgetCurrent();
        assertThat(versions.isCurrentWhole()).isTrue();
    }

    @Test
    void aVersionThatEndsBeforeItShowedThatItWorksIsGivenUp() throws Exception {
        String home = data.toString();
        install(release("1.1", "echo \"1.1 $1\""), "1.0");
        versions.confirm();
        install(release("1.2", "echo broken; exit 3"), "1.1");
        assertThat(launch(folder, "status", "--home", home))
                .as("only run tries it")
                .isEqualTo("broken");
        assertThat(versions.trial()).isPresent();

        assertThat(launch(folder, "run", "--home", home))
                .isEqualTo(
                        "broken\n"
                                + "sparegrid-agent: version 1.2 is given up: it ended with exit"
                                + " code 3 before it had shown that it works\n"
                                + "1.1 run");
        assertThat(versions.current()).contains("1.1");
        assertThat(versions.trial()).isEmpty();
        assertThat(versions.failed().orElseThrow().why()).contains("exit code 3");
        assertThat(launch(folder, "run", "--home", home)).isEqualTo("1.1 run");
    }

    @Test
    void aVersionThatIsKilledAgainAndAgainIsGivenUp() throws Exception {
        String home = data.toString();
        install(release("1.1", "echo started"), "1.0");
        // As if the computer had lost its power three times.
        Files.writeString(data.resolve("versions/trial.starts"), "xxx");
        assertThat(launch(folder, "run", "--home", home))
                .contains("started three times")
                .endsWith("installed run --home " + home);
        assertThat(versions.current()).isEmpty();
    }
}
