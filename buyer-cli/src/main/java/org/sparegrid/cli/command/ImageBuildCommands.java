// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.image.ManifestFile;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.ProgressLine;
import org.sparegrid.imagetools.build.BuildException;
import org.sparegrid.imagetools.build.BuildSettings;
import org.sparegrid.imagetools.build.BuiltImage;
import org.sparegrid.imagetools.build.ImageBuilder;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.ImageReport;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.ManifestFormatException;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.imagetools.progress.Progress;
import org.sparegrid.imagetools.recipe.Base;
import org.sparegrid.imagetools.recipe.Execution;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Limits;
import org.sparegrid.imagetools.recipe.Recipe;
import org.sparegrid.imagetools.recipe.RecipeFormatException;
import org.sparegrid.imagetools.recipe.Service;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands that make an image.
final class ImageBuildCommands {
    private ImageBuildCommands() {}

    /// What building has in common, whatever the recipe comes from.
    abstract static class Builds extends DataCommand {
        private record Built(
                String name,
                String iso,
                long sizeBytes,
                String sha256,
                String manifest,
                int memoryMib,
                List<String> cachedLayers,
                boolean unchanged) {}

        @Option(
                names = {"-o", "--output"},
                paramLabel = "ISO",
                description = "The file to write (default: NAME.iso beside what it is made from).")
        private @Nullable Path output;

        @Option(
                names = "--base",
                paramLabel = "ISO",
                description = "Sparegrid's base live CD, if not in the cache.")
        private @Nullable Path base;

        @Option(names = "--no-cache", description = "Build every layer and the file anew.")
        private boolean noCache;

        /// Builds, signs and shows the image.
        ///
        /// @param source the file that it is made from
        int build(Recipe recipe, Path source) throws IOException, Failure, InterruptedException {
            ProgressLine line = new ProgressLine(terminal(), System::nanoTime);
            long start = System.nanoTime();
            try {
                Path iso = output != null ? output : source.resolveSibling(recipe.name() + ".iso");
                BuiltImage built = new ImageBuilder(settings()).build(recipe, iso, into(line));
                Sha256Digest sha256 = sign(built, iso);
                line.finish();
                show(built, iso, sha256, Duration.ofNanos(System.nanoTime() - start));
                return 0;
            } catch (BuildException | IsoFormatException | ManifestFormatException failed) {
                line.abandon();
                throw new Failure(ExitCode.FAILED, String.valueOf(failed.getMessage()));
            }
        }

        private Sha256Digest sign(BuiltImage built, Path iso)
                throws IOException, IsoFormatException, ManifestFormatException {
            ImageKeys keys = ImageKeys.loadOrCreate(shell().context().imageKeyFile());
            Manifest manifest = built.manifest(ImageReport.inspect(iso), keys.creator());
            ManifestFile.write(iso, SignedManifest.sign(manifest, keys));
            return built.index().sha256();
        }

        private BuildSettings settings() {
            BuildSettings usual = BuildSettings.of(shell().environment());
            return new BuildSettings(
                    base == null ? usual.baseIso() : base.toAbsolutePath(),
                    usual.cacheFolder(),
                    !noCache,
                    usual.environment());
        }

        private static Progress into(ProgressLine line) {
            return new Progress() {
                @Override
                public void phase(String name) {
                    line.phase(name);
                }

                @Override
                public void bytes(long done, long total) {
                    line.bytes(done, total);
                }
            };
        }

        private void show(BuiltImage built, Path iso, Sha256Digest sha256, Duration took)
                throws IOException {
            Built result =
                    new Built(
                            built.name(),
                            iso.toString(),
                            Files.size(iso),
                            sha256.toString(),
                            ManifestFile.beside(iso).toString(),
                            built.memoryMib(),
                            built.cachedLayers(),
                            built.unchanged());
            print(
                    "sparegrid.image-build/1",
                    result,
                    () -> {
                        terminal()
                                .print(
                                        (built.unchanged() ? "Unchanged: " : "Built ")
                                                + iso
                                                + ", "
                                                + Plain.bytes(result.sizeBytes())
                                                + ", in "
                                                + Plain.span(took));
                        terminal()
                                .print(
                                        "Next: sparegrid image push "
                                                + iso
                                                + " --name "
                                                + built.name());
                    });
        }
    }

    @Command(
            name = "build",
            description = "Build a bootable ISO from the recipe in a folder.",
            footer = "Needs root or user namespaces; sparegrid doctor says what is missing.")
    static final class Build extends Builds {
        @Parameters(paramLabel = "DIR", description = "The folder with image.yaml, or a recipe.")
        private Path folder = Path.of("");

        @Option(
                names = "--set",
                paramLabel = "NAME=VALUE",
                description = "Another value for one of the recipe's variables; repeatable.")
        private Map<String, String> variables = Map.of();

        @Override
        int run() throws IOException, Failure, InterruptedException {
            Path file =
                    Files.isDirectory(folder) ? folder.resolve(ImageFileCommands.RECIPE) : folder;
            if (!Files.isRegularFile(file)) {
                throw new Failure(
                        ExitCode.USAGE,
                        "there is no recipe " + file + "; sparegrid image init DIR writes one");
            }
            try {
                return build(Recipe.load(file, variables), file);
            } catch (RecipeFormatException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
        }
    }

    @Command(
            name = "import",
            description = {
                "Make a bootable ISO of a container image: an OCI layout, as a folder or tar",
                "file, or what docker save wrote. The machine runs its entry point at boot."
            })
    static final class Import extends Builds {
        @Parameters(paramLabel = "ARCHIVE", description = "The container image.")
        private Path archive = Path.of("");

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "The image's name (default: the file's, without .tar).")
        private @Nullable String name;

        @Option(
                names = "--restart",
                paramLabel = "WHEN",
                defaultValue = "on-failure",
                description = "no, on-failure or always (default: ${DEFAULT-VALUE}).")
        private String restart = "on-failure";

        @Override
        int run() throws IOException, Failure, InterruptedException {
            if (!Files.exists(archive)) {
                throw new Failure(ExitCode.USAGE, "there is no file or folder " + archive);
            }
            if (!List.of("no", "on-failure", "always").contains(restart)) {
                throw new Failure(
                        ExitCode.USAGE,
                        "--restart: expected no, on-failure or always, got " + restart);
            }
            Path whole = archive.toAbsolutePath().normalize();
            String label = name != null ? name : label(whole);
            if (!label.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
                throw new Failure(
                        ExitCode.USAGE,
                        "--name: expected 1 to 63 letters a-z, digits and inner hyphens, got "
                                + label);
            }
            Service service = new Service.Container(label, whole, restart, Execution.PLAIN);
            Layer layer =
                    new Layer(
                            "container",
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(service),
                            List.of(),
                            false);
            Recipe recipe =
                    new Recipe(
                            label,
                            new Base.Sparegrid(),
                            Recipe.WAYS_DEFAULT,
                            List.of(layer),
                            List.of(),
                            Recipe.MEMORY_MIB_DEFAULT,
                            Limits.NONE);
            return build(recipe, whole);
        }

        private static String label(Path file) {
            String plain = String.valueOf(file.getFileName()).replaceFirst("[.]tar$", "");
            return plain.toLowerCase(Locale.ROOT)
                    .replaceAll("[^a-z0-9]+", "-")
                    .replaceAll("^-+|-+$", "");
        }
    }
}
