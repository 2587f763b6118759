// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.imagetools.disk.DiskReport;
import org.sparegrid.imagetools.iso.Customisation;
import org.sparegrid.imagetools.iso.ImageReport;
import org.sparegrid.imagetools.recipe.RecipeTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about image files on this computer.
final class ImageFileCommands {
    /// The recipe in an image's folder.
    static final String RECIPE = "image.yaml";

    private ImageFileCommands() {}

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
                    "empty, openmpi, slurm, distcc, pool, pvm, boinc or batch",
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
            name = "inspect",
            description = {
                "Say what an image file is, an ISO or a raw or qcow2 disk, and whether a machine",
                "can start from it."
            })
    static final class Inspect extends DataCommand {
        @Parameters(paramLabel = "FILE", description = "The file.")
        private Path iso = Path.of("");

        @Override
        int run() throws IOException, Failure {
            try (GivenImage image = GivenImage.open(iso)) {
                switch (image.content()) {
                    case GivenImage.Content.Iso(var report) ->
                            print("sparegrid.image-report/1", report, () -> show(report));
                    case GivenImage.Content.Disk(var report) ->
                            print(
                                    "sparegrid.disk-report/1",
                                    report,
                                    () -> show(report, image.isUnpacked()));
                }
            }
            return 0;
        }

        private void show(DiskReport disk, boolean qcow2) {
            terminal()
                    .print(
                            "file         "
                                    + iso
                                    + ", "
                                    + (qcow2 ? "qcow2" : "raw")
                                    + " disk of "
                                    + Plain.bytes(disk.sizeBytes()));
            terminal()
                    .print(
                            "starts with  "
                                    + (disk.bootModes().isEmpty()
                                            ? "nothing: it has no boot code and no EFI partition"
                                            : Words.of(disk.bootModes())));
            terminal().print("divided by   " + disk.table());
            terminal()
                    .print("layer        not possible: a disk's file systems are not looked into");
            Table parts = Table.of("partition>", "starts at>", "size>", "type");
            for (DiskReport.Partition part : disk.partitions()) {
                parts.row(
                        Integer.toString(part.number()),
                        Plain.bytes(part.startBytes()),
                        Plain.bytes(part.sizeBytes()),
                        part.type());
            }
            if (!disk.partitions().isEmpty()) {
                terminal().print("");
                terminal().print(parts);
            }
        }

        private void show(ImageReport report) {
            terminal().print("file         " + iso + ", " + Plain.bytes(report.sizeBytes()));
            terminal().print("volume       " + Plain.line(report.volumeId()));
            terminal().print("starts with  " + Words.of(report.bootModes()));
            if (report.menuWaits()) {
                terminal()
                        .print(
                                "boot menu    waits for a key; image build makes it go on by itself");
            }
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
