// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.CreatorKey;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.testsupport.Property;

class ReleaseTest {
    private static final String LIB = "seller-hypervisor-agent/target/lib/";

    @TempDir private Path folder = Path.of("/nonexistent");
    private Path build = Path.of("/nonexistent");
    private CreatorKey trusted = CreatorKey.of(new byte[32]);

    @BeforeEach
    void makeABuild() throws IOException {
        build = folder.resolve("build");
        Files.createDirectories(build.resolve(LIB));
        for (String program : List.of("sparegrid-agent", "start-java", "use-version")) {
            Files.createDirectories(build.resolve("bin"));
            Files.writeString(build.resolve("bin").resolve(program), "#!/bin/bash\n" + program);
        }
        Files.setPosixFilePermissions(
                build.resolve("bin/sparegrid-agent"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(build.resolve(LIB + "one.jar"), "a".repeat(1000));
        Files.writeString(build.resolve(LIB + "../agent.jar"), "b".repeat(512));
        trusted = ReleaseKey.create(folder.resolve("key"));
    }

    /// Remembers what it was given.
    private static final class Memory implements ReleaseReader.Place {
        private final Map<String, ByteArrayOutputStream> files = new LinkedHashMap<>();
        private boolean begun;

        @Override
        public void begin(ReleaseManifest manifest) {
            begun = true;
        }

        @Override
        public OutputStream open(ReleaseManifest.Entry entry) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            files.put(entry.path(), out);
            return out;
        }
    }

    private byte[] pack(String version) throws IOException, ReleaseException {
        Path archive = folder.resolve("release.tar");
        ReleaseWriter.write(
                build,
                new ReleaseVersion(version),
                ReleaseKey.load(folder.resolve("key")),
                archive);
        return Files.readAllBytes(archive);
    }

    private Memory read(byte[] archive) throws IOException, ReleaseException {
        Memory memory = new Memory();
        new ReleaseReader(new ByteArrayInputStream(archive), trusted).read(memory);
        return memory;
    }

    /// An archive with the signature of the trusted key over a manifest that it wouldn't make.
    private byte[] signed(List<ReleaseManifest.Entry> entries, String... contents)
            throws IOException {
        return signed(
                new String(
                        Format.JSON.write(
                                new ReleaseManifest(ReleaseManifest.SCHEMA, "1.2.3", entries)),
                        UTF_8),
                entries.stream().map(ReleaseManifest.Entry::path).toList(),
                contents);
    }

    private byte[] signed(String manifest, List<String> names, String... contents)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = manifest.getBytes(UTF_8);
        add(out, "manifest.json", bytes);
        add(out, "manifest.sig", ReleaseKey.load(folder.resolve("key")).sign(bytes));
        for (int i = 0; i < names.size(); i++) {
            add(out, names.get(i), contents[i].getBytes(UTF_8));
        }
        out.write(new byte[1024]);
        return out.toByteArray();
    }

    private static void add(ByteArrayOutputStream out, String name, byte[] content)
            throws IOException {
        out.write(new TarHeader(name, content.length, false).toBytes());
        out.write(content);
        out.write(new byte[TarHeader.padding(content.length)]);
    }

    private static ReleaseManifest.Entry entry(String path, String content) {
        return new ReleaseManifest.Entry(
                path,
                content.length(),
                Sha256Digest.ofContent(content.getBytes(UTF_8)).toString(),
                false);
    }

    @Test
    void readsWhatWasPackedTheSameEachTime() throws Exception {
        byte[] archive = pack("1.2.3");
        Memory memory = read(archive);
        assertThat(memory.files.keySet())
                .containsExactly(
                        "VERSION",
                        "bin/sparegrid-agent",
                        "bin/start-java",
                        "bin/use-version",
                        "seller-hypervisor-agent/target/agent.jar",
                        LIB + "one.jar");
        assertThat(memory.files.get("VERSION")).asString().isEqualTo("1.2.3\n");
        assertThat(memory.files.get(LIB + "one.jar")).asString().isEqualTo("a".repeat(1000));
        assertThat(pack("1.2.3")).isEqualTo(archive);
    }

    /// Debian's tar sees the same files.
    @Test
    void isATarArchive() throws Exception {
        pack("1.2.3");
        Process tar =
                new ProcessBuilder("tar", "-tvf", folder.resolve("release.tar").toString()).start();
        String said = new String(tar.getInputStream().readAllBytes(), UTF_8);
        assertThat(tar.waitFor()).isZero();
        assertThat(said).contains("-rwxr-xr-x", "bin/sparegrid-agent", "1000", LIB + "one.jar");
    }

    @Test
    void refusesEveryFlippedBit() throws Exception {
        byte[] archive = pack("1.2.3");
        Property.holds(
                300,
                random -> {
                    byte[] bad = archive.clone();
                    int at = random.nextInt(bad.length);
                    bad[at] ^= (byte) (1 << random.nextInt(8));
                    Memory memory = new Memory();
                    try {
                        new ReleaseReader(new ByteArrayInputStream(bad), trusted).read(memory);
                        // A header's owner and time say nothing about what is unpacked.
                        assertThat(memory.files.toString()).contains("VERSION");
                        assertThat(contents(memory)).isEqualTo(contents(read(archive)));
                    } catch (ReleaseException refused) {
                        assertThat(refused).hasMessageStartingWith("release: ");
                    }
                });
    }

    private static List<String> contents(Memory memory) {
        List<String> all = new ArrayList<>();
        memory.files.forEach((name, content) -> all.add(name + " " + content));
        return all;
    }

    @Test
    void refusesAReleaseThatIsCutOffAnywhere() throws Exception {
        byte[] archive = pack("1.2.3");
        for (int length = 0; length < archive.length - 1024; length += 97) {
            byte[] cut = java.util.Arrays.copyOf(archive, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(ReleaseException.class);
        }
    }

    @Test
    void refusesAnotherKeyBeforeAnythingIsWritten() throws Exception {
        byte[] archive = pack("1.2.3");
        trusted = ReleaseKey.create(folder.resolve("other"));
        Memory memory = new Memory();
        assertThatThrownBy(() ->
                        new ReleaseReader(new ByteArrayInputStream(archive), trusted).read(memory))
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining("the signature is not by the trusted key " + trusted);
        assertThat(memory.begun).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x",
                "/etc/passwd",
                "a/../../x",
                "a/./b",
                ".ssh/key",
                "a//b",
                "a/",
                "",
                "a b",
                "a\\b",
                "a/b/c/d/e/f/g",
                "-x"
            })
    void refusesPathsThatLeadOutEvenIfSigned(String path) throws Exception {
        String manifest =
                """
                {"schema":"sparegrid-agent.release/1","version":"1.2.3","files":[\
                {"path":"%s","bytes":1,"sha256":"%s","program":false}]}\
                """
                        .formatted(path.replace("\\", "\\\\"), "0".repeat(64));
        byte[] archive = signed(manifest, List.of(path), "x");
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining("expected a path below its folder");
    }

    @Test
    void refusesFilesThatNobodySignedOrInAnotherOrder() throws Exception {
        ReleaseManifest.Entry one = entry("one", "1");
        ReleaseManifest.Entry two = entry("two", "2");
        assertThat(read(signed(List.of(one, two), "1", "2")).files).hasSize(2);
        String manifest =
                new String(
                        Format.JSON.write(
                                new ReleaseManifest(ReleaseManifest.SCHEMA, "1.2.3", List.of(one))),
                        UTF_8);
        byte[] more = signed(manifest, List.of("one", "two"), "1", "2");
        assertThatThrownBy(() -> read(more)).hasMessageContaining("a file that nobody signed");
        byte[] other = signed(manifest, List.of("two"), "1");
        assertThatThrownBy(() -> read(other)).hasMessageContaining("expected one, got two");
        byte[] changed = signed(manifest, List.of("one"), "9");
        assertThatThrownBy(() -> read(changed)).hasMessageContaining("one was changed");
        byte[] longer = signed(manifest, List.of("one"), "11");
        assertThatThrownBy(() -> read(longer)).hasMessageContaining("expected 1 bytes, got 2");
        byte[] link = signed(manifest, List.of("one"), "1");
        link[link.length - 1024 - 1024 + 156] = '2';
        assertThatThrownBy(() -> read(link)).isInstanceOf(ReleaseException.class);
    }

    @Test
    void refusesABomb() throws Exception {
        List<ReleaseManifest.Entry> many = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            many.add(new ReleaseManifest.Entry("f" + i, 100 << 20, "0".repeat(64), false));
        }
        assertThatThrownBy(() -> signed(many, "", "", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected at most 268435456 bytes in all");
        byte[] huge = new TarHeader("manifest.json", 7L << 30, false).toBytes();
        assertThatThrownBy(() -> read(huge))
                .hasMessageContaining("manifest.json: expected at most 1048576 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3, 1.2.4",
        "1.9, 1.10",
        "1.2.3-SNAPSHOT, 1.2.3",
        "1.2.3, 1.3",
        "0.9.9, 1",
        "1.2.3-rc1, 1.2.3-rc2",
        "1.2.3-2, 1.2.3-10",
    })
    void ordersVersions(String older, String newer) {
        assertThat(new ReleaseVersion(older)).isLessThan(new ReleaseVersion(newer));
        assertThat(new ReleaseVersion(newer)).isGreaterThan(new ReleaseVersion(older));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v1", "1..2", "1.2-", "../1", "current", "1/2", ".new"})
    void refusesWhatIsNoVersion(String text) {
        assertThatThrownBy(() -> new ReleaseVersion(text))
                .hasMessageStartingWith("version: expected one such as");
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        Property.holds(
                2000,
                random -> {
                    byte[] any = new byte[random.nextInt(2048)];
                    random.nextBytes(any);
                    assertThatThrownBy(() -> read(any)).isInstanceOf(ReleaseException.class);
                });
    }

    @Test
    void keepsTheKeyToItsOwner() throws Exception {
        Path key = folder.resolve("key");
        assertThatThrownBy(() -> ReleaseKey.create(key)).hasMessageContaining("never overwritten");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> ReleaseKey.load(key)).hasMessageContaining("chmod 600");
    }
}
