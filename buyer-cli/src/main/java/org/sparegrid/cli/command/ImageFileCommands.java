// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.image.ManifestFile;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.ProgressLine;
import org.sparegrid.cli.output.Table;
import org.sparegrid.imagetools.build.BuildException;
import org.sparegrid.imagetools.build.BuildSettings;
import org.sparegrid.imagetools.build.BuiltImage;
import org.sparegrid.imagetools.build.ImageBuilder;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.Customisation;
import org.sparegrid.imagetools.iso.ImageReport;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.ManifestFormatException;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.imagetools.progress.Progress;
import org.sparegrid.imagetools.recipe.Recipe;
import org.sparegrid.imagetools.recipe.RecipeFormatException;
import org.sparegrid.imagetools.recipe.RecipeTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about image files on this computer.
final class ImageFileCommands {
    private static final String RECIPE = "image.yaml";

    private ImageFileCommands() {}

    /// Inspects an ISO file and turns its faults into failures.
    static ImageReport inspect(Path iso) throws IOException, Failure {
        try {
            return ImageReport.inspect(iso);
        } catch (IsoFormatException unsound) {
            throw new Failure(ExitCode.USAGE, iso + ": " + unsound.getMessage());
        }
    }

    @Command(name = "init", description = "Begin an image: write a commented recipe into a folder.")
    static final class Init extends DataCommand {
        private record Begun(String recipe, String template) {}

        @Parameters(paramLabel = "DIR", description = "The folder; made if it isn't there.")
        private Path folder = Path.of("");

        @Option(
                names = "--template",
                paramLabel = "NAME",
                defaultValue = "empty",
                description = {
                    "empty, openmpi, slurm, distcc, pool, boinc or batch",
                    "(default: ${DEFAULT-VALUE})."
                })
        private String template = "empty";

        @Override
        int run() throws IOException, Failure {
            RecipeTemplate chosen =
                    RecipeTemplate.named(template)
                            .orElseThrow(() -> new Failure(ExitCode.USAGE, unknown()));
            Path recipe = folder.resolve(RECIPE);
            if (Files.exists(recipe)) {
                throw new Failure(ExitCode.USAGE, recipe + " is there already; remove it first");
            }
            Files.createDirectories(folder);
            Files.writeString(recipe, chosen.text(name()));
            print(
                    "sparegrid.recipe/1",
                    new Begun(recipe.toString(), chosen.title()),
                    () -> {
                        terminal().print("Wrote " + recipe + ": " + chosen.description());
                        terminal().print("Next: sparegrid image build " + folder);
                    });
            return 0;
        }

        private String name() {
            String last = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
            String label =
                    last.toLowerCase(Locale.ROOT)
                            .replaceAll("[^a-z0-9]+", "-")
                            .replaceAll("^-+|-+$", "");
            return label.isEmpty() || label.length() > 63 ? "my-image" : label;
        }

        private String unknown() {
            return "there is no template '"
                    + template
                    + "'; there are "
                    + Arrays.stream(RecipeTemplate.values())
                            .map(RecipeTemplate::title)
                            .collect(Collectors.joining(", "));
        }
    }

    @Command(
            name = "build",
            description = "Build a bootable ISO from the recipe in a folder.",
            footer = "Needs root or user namespaces; sparegrid doctor says what is missing.")
    static final class Build extends DataCommand {
        private record Built(
                String name,
                String iso,
                long sizeBytes,
                String sha256,
                String manifest,
                int memoryMib,
                List<String> cachedLayers) {}

        @Parameters(paramLabel = "DIR", description = "The folder with image.yaml, or a recipe.")
        private Path folder = Path.of("");

        @Option(
                names = {"-o", "--output"},
                paramLabel = "ISO",
                description = "The file to write (default: DIR/NAME.iso).")
        private @Nullable Path output;

        @Option(
                names = "--base",
                paramLabel = "ISO",
                description = "Sparegrid's base live CD, if not in the cache.")
        private @Nullable Path base;

        @Option(names = "--no-cache", description = "Build every layer anew.")
        private boolean noCache;

        @Option(
                names = "--set",
                paramLabel = "NAME=VALUE",
                description = "Another value for one of the recipe's variables; repeatable.")
        private Map<String, String> variables = Map.of();

        @Override
        int run() throws IOException, Failure, InterruptedException {
            Path file = Files.isDirectory(folder) ? folder.resolve(RECIPE) : folder;
            if (!Files.isRegularFile(file)) {
                throw new Failure(
                        ExitCode.USAGE,
                        "there is no recipe " + file + "; sparegrid image init DIR writes one");
            }
            ProgressLine line = new ProgressLine(terminal(), System::nanoTime);
            long start = System.nanoTime();
            try {
                Recipe recipe = Recipe.load(file, variables);
                Path iso = output != null ? output : file.resolveSibling(recipe.name() + ".iso");
                BuiltImage built = new ImageBuilder(settings()).build(recipe, iso, into(line));
                line.phase("checking the result");
                Sha256Digest sha256 = sign(built, iso);
                line.finish();
                show(built, iso, sha256, Duration.ofNanos(System.nanoTime() - start));
                return 0;
            } catch (RecipeFormatException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            } catch (BuildException | IsoFormatException | ManifestFormatException failed) {
                line.abandon();
                throw new Failure(ExitCode.FAILED, String.valueOf(failed.getMessage()));
            }
        }

        private Sha256Digest sign(BuiltImage built, Path iso)
                throws IOException, IsoFormatException, ManifestFormatException {
            ImageKeys keys = ImageKeys.loadOrCreate(shell().context().imageKeyFile());
            FileIndex index = Chunker.index(iso);
            Manifest manifest = built.manifest(index, ImageReport.inspect(iso), keys.creator());
            ManifestFile.write(iso, SignedManifest.sign(manifest, keys));
            return index.sha256();
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
                            built.cachedLayers());
            print(
                    "sparegrid.image-build/1",
                    result,
                    () -> {
                        terminal()
                                .print(
                                        "Built "
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
            name = "inspect",
            description = "Say what an ISO file is, and whether a machine can start from it.")
    static final class Inspect extends DataCommand {
        @Parameters(paramLabel = "ISO", description = "The file.")
        private Path iso = Path.of("");

        @Override
        int run() throws IOException, Failure {
            ImageReport report = ImageFileCommands.inspect(iso);
            print("sparegrid.image-report/1", report, () -> show(report));
            return 0;
        }

        private void show(ImageReport report) {
            String modes =
                    report.bootModes().stream()
                            .map(Enum::name)
                            .sorted()
                            .collect(Collectors.joining(" and "));
            terminal().print("file         " + iso + ", " + Plain.bytes(report.sizeBytes()));
            terminal().print("volume       " + Plain.line(report.volumeId()));
            terminal().print("starts with  " + modes);
            terminal().print("live system  " + report.liveSystem().title());
            for (Customisation.Verdict verdict : report.ways()) {
                terminal()
                        .print(
                                String.format("%-13s", Words.of(verdict.way()))
                                        + (verdict.possible() ? "possible: " : "not possible: ")
                                        + Plain.line(verdict.why()));
            }
            terminal()
                    .print(
                            "names        "
                                    + (report.rockRidge() ? "Rock Ridge" : "ISO 9660 only")
                                    + (report.joliet() ? " and Joliet" : ""));
            for (ImageReport.Kernel kernel : report.kernels()) {
                terminal()
                        .print(
                                "kernel       "
                                        + Plain.line(kernel.version())
                                        + " ("
                                        + Plain.line(kernel.path())
                                        + ")");
            }
            Table parts = Table.of("content", "size>", "share>");
            Arrays.stream(ImageReport.Part.values())
                    .filter(part -> report.partBytes().getOrDefault(part, 0L) > 0)
                    .forEach(part -> {
                        long bytes = report.partBytes().getOrDefault(part, 0L);
                        parts.row(
                                Words.of(part),
                                Plain.bytes(bytes),
                                100 * bytes / report.sizeBytes() + " %");
                    });
            terminal().print("");
            terminal().print(parts);
        }
    }
}
