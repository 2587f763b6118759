// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.image.ManifestFile;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.manifest.SignedManifest;

/// Commands about files, without a coordinator.
class ImageCheckCommandsTest {
    @TempDir Path home;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Path image;
    private ImageKeys keys = ImageKeys.generate();

    private int run(String... words) {
        out.reset();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        Context context = Context.of(Map.of("SPAREGRID_HOME", home.toString()));
        Terminal terminal = new Terminal(print, print, false, false, 80);
        Shell shell = new Shell(terminal, Map.of(), context, Clock.systemUTC());
        return Sparegrid.commandLine(shell, List.of(words)).execute(words);
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @BeforeEach
    void signsAnImage() throws Exception {
        byte[] content = new byte[500_000];
        new Random(5).nextBytes(content);
        image = Files.write(home.resolve("x.iso"), content);
        Manifest manifest =
                new Manifest(
                        "x",
                        Chunker.index(image),
                        EnumSet.of(BootMode.BIOS),
                        256,
                        new Origin.Foreign(),
                        keys.creator());
        ManifestFile.write(image, SignedManifest.sign(manifest, keys));
    }

    @Test
    void verifiesAFileOfflineAndExpectsItsCreator() throws Exception {
        assertThat(run("image", "verify", image.toString())).isZero();
        assertThat(said()).contains("ok   every byte of ");
        String creator = keys.creator().toString();
        assertThat(run("image", "verify", image.toString(), "--creator", creator)).isZero();
        String other = ImageKeys.generate().creator().toString();
        assertThat(run("image", "verify", image.toString(), "--creator", other)).isNotZero();
        assertThat(said()).contains("BAD  signed by " + other);
    }

    @Test
    void saysWhichBytesWereFlipped() throws Exception {
        byte[] content = Files.readAllBytes(image);
        content[300_000] ^= 1;
        Files.write(image, content);

        assertThat(run("image", "verify", image.toString())).isNotZero();
        assertThat(said()).contains("BAD  every byte of ").containsPattern("bytes [0-9]+ to");
        assertThat(run("image", "verify", image.toString(), "--json")).isNotZero();
        assertThat(said()).contains("\"passed\" : false").contains("\"startBytes\" : ");
    }

    @Test
    void refusesAManifestThatWasChanged() throws Exception {
        Path file = ManifestFile.beside(image);
        byte[] manifest = Files.readAllBytes(file);
        manifest[30] ^= 1;
        Files.write(file, manifest);

        assertThat(run("image", "verify", image.toString())).isNotZero();
        assertThat(said()).contains("manifest: ");
        Files.delete(file);
        assertThat(run("image", "verify", image.toString())).isNotZero();
        assertThat(said()).contains("there is no manifest ").contains("--manifest");
    }

    @Test
    void refusesToCompareWhatIsNoImage() {
        assertThat(run("image", "diff", image.toString(), image.toString())).isEqualTo(2);
        assertThat(said()).contains("error: ");
    }

    @Test
    void beginsARecipeFromEveryTemplate() throws Exception {
        for (String template : "empty openmpi slurm distcc pool pvm boinc batch".split(" ")) {
            Path folder = home.resolve(template);
            assertThat(run("image", "init", folder.toString(), "--template", template)).isZero();
            assertThat(folder.resolve("image.yaml")).content().contains("name: " + template);
        }
        assertThat(run("image", "init", home.resolve("y").toString(), "--template", "slrum"))
                .isEqualTo(2);
    }
}
