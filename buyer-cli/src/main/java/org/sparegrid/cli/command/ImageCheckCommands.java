// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.image.ManifestFile;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.imagetools.assembly.ImageCheck;
import org.sparegrid.imagetools.iso.ImageComparison;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.ManifestFormatException;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.protocol.api.ImageSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands that compare an image with its manifest or with another image.
final class ImageCheckCommands {
    private ImageCheckCommands() {}

    @Command(
            name = "verify",
            description = {
                "Check an ISO file against its signed manifest, FILE.manifest, without asking",
                "anybody; or the manifest of an image that the coordinator keeps, and the",
                "ISO file if one is given."
            })
    static final class Verify extends DataCommand {
        private record Check(String what, boolean passed) {}

        private record Checked(
                String image,
                String creator,
                Origin origin,
                boolean passed,
                List<Check> checks,
                List<ImageCheck.Damage> damages) {}

        @Parameters(
                index = "0",
                paramLabel = "FILE|IMAGE",
                description = "An ISO file, or the name or id of an image that was pushed.")
        private String image = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "ISO", description = "The file.")
        private @Nullable Path iso;

        @Option(
                names = "--manifest",
                paramLabel = "FILE",
                description = "The signed manifest (default: the ISO's name and .manifest).")
        private @Nullable Path manifest;

        @Option(
                names = "--creator",
                paramLabel = "HEX",
                description = "Who must have signed it (default: this computer's image key).")
        private @Nullable String creator;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            try {
                Path file = Path.of(image);
                return iso == null && (manifest != null || Files.isRegularFile(file))
                        ? offline(file)
                        : online();
            } catch (ManifestFormatException wrong) {
                throw new Failure(ExitCode.FAILED, String.valueOf(wrong.getMessage()));
            }
        }

        private int offline(Path file) throws IOException, ManifestFormatException, Failure {
            Path signedFile = manifest != null ? manifest : ManifestFile.beside(file);
            if (!Files.isRegularFile(signedFile)) {
                throw new Failure(
                        ExitCode.NOT_FOUND,
                        "there is no manifest " + signedFile + "; name it with --manifest");
            }
            SignedManifest signed = ManifestFile.read(signedFile);
            return show(file.toString(), signed.manifest(), Optional.of(file));
        }

        private int online()
                throws IOException,
                        RefusedException,
                        Failure,
                        ManifestFormatException,
                        InterruptedException {
            Coordinator coordinator = coordinator();
            ImageSummary chosen = Choice.image(coordinator, image);
            SignedManifest signed = SignedManifest.parse(coordinator.manifest(chosen.id()));
            return show(chosen.name(), signed.manifest(), Optional.ofNullable(iso));
        }

        private int show(String name, Manifest signed, Optional<Path> file)
                throws IOException, ManifestFormatException {
            List<Check> checks = new ArrayList<>();
            checks.add(creatorCheck(signed.creator().toString()));
            List<ImageCheck.Damage> damages = new ArrayList<>();
            if (file.isPresent()) {
                damages.addAll(ImageCheck.damages(file.get(), signed));
                checks.add(
                        new Check(
                                "every byte of " + file.get() + " is as it says",
                                damages.isEmpty()));
            }
            boolean passed = checks.stream().allMatch(Check::passed);
            Checked result =
                    new Checked(
                            name,
                            signed.creator().toString(),
                            signed.origin(),
                            passed,
                            checks,
                            damages);
            print("sparegrid.image-check/1", result, () -> show(result));
            return passed ? 0 : ExitCode.FAILED.number();
        }

        private Check creatorCheck(String signer) throws IOException, ManifestFormatException {
            if (creator != null) {
                return new Check("signed by " + creator, signer.equals(creator));
            }
            Path own = shell().context().imageKeyFile();
            if (!Files.exists(own)) {
                return new Check("signed by " + signer + " (give --creator to expect one)", true);
            }
            boolean mine = ImageKeys.load(own).creator().toString().equals(signer);
            return new Check(
                    "signed with this computer's image key" + (mine ? "" : ", but by " + signer),
                    mine);
        }

        private void show(Checked result) {
            for (Check check : result.checks()) {
                String mark = check.passed() ? terminal().good("ok  ") : terminal().bad("BAD ");
                terminal().print(mark + " " + Plain.line(check.what()));
            }
            for (ImageCheck.Damage damage : result.damages()) {
                terminal()
                        .print(
                                "     bytes "
                                        + damage.startBytes()
                                        + " to "
                                        + (damage.endBytes() - 1)
                                        + ": "
                                        + Plain.line(damage.part()));
            }
            show(result.origin());
        }

        private void show(Origin origin) {
            switch (origin) {
                case Origin.Foreign _ ->
                        terminal().print("     made elsewhere: nothing is said of what is in it");
                case Origin.Built(var base, var recipe, var layers) -> {
                    terminal().print("     base   " + base);
                    terminal().print("     recipe " + recipe);
                    Table packages = Table.of("layer~", "package~", "version");
                    for (Origin.Layer layer : layers) {
                        terminal().print("     layer  " + layer.sha256() + " " + layer.name());
                        layer.packages()
                                .forEach(p -> packages.row(layer.name(), p.name(), p.version()));
                    }
                    if (layers.stream().anyMatch(layer -> !layer.packages().isEmpty())) {
                        terminal().print("");
                        terminal().print(packages);
                    }
                }
            }
        }
    }

    @Command(
            name = "diff",
            description = "Say what changes from one ISO file to another, and what a push sends.")
    static final class Diff extends DataCommand {
        @Parameters(index = "0", paramLabel = "BEFORE", description = "An ISO file.")
        private Path before = Path.of("");

        @Parameters(index = "1", paramLabel = "AFTER", description = "Another one.")
        private Path after = Path.of("");

        @Override
        int run() throws IOException, Failure {
            ImageComparison comparison;
            try {
                comparison = ImageComparison.of(before, after);
            } catch (IsoFormatException unsound) {
                throw new Failure(ExitCode.USAGE, String.valueOf(unsound.getMessage()));
            }
            print("sparegrid.image-diff/1", comparison, () -> show(comparison));
            return 0;
        }

        private void show(ImageComparison comparison) {
            Table table = Table.of("what", "file~", "size>");
            for (ImageComparison.Change change : comparison.changes()) {
                table.row(
                        Words.of(change.kind()),
                        Plain.line(change.path()),
                        Plain.bytes(change.sizeBytes()));
            }
            if (!comparison.changes().isEmpty()) {
                terminal().print(table);
                terminal().print("");
            }
            terminal()
                    .print(
                            "To send: "
                                    + Words.plural(comparison.newChunks(), "chunk")
                                    + ", "
                                    + Plain.bytes(comparison.newBytes())
                                    + " of "
                                    + Plain.bytes(comparison.sizeBytes()));
        }
    }
}
