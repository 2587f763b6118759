// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.image.ImagePush;
import org.sparegrid.cli.image.ManifestFile;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.ProgressLine;
import org.sparegrid.cli.output.Table;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.ManifestFormatException;
import org.sparegrid.imagetools.manifest.Medium;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.imagetools.recipe.Recipe;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ImageKey;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.Images;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about images that the coordinator keeps.
final class ImageStoreCommands {
    private ImageStoreCommands() {}

    private static String shortId(ImageSummary image) {
        return image.id().value().substring(0, 12);
    }

    @Command(
            name = "push",
            description = {
                "Sign an ISO, or a raw or qcow2 disk, and upload it. Only chunks that the",
                "coordinator lacks are sent; after a cut, run the same command again and it",
                "goes on where it was."
            })
    static final class Push extends DataCommand {
        private record Pushed(ImageSummary image, long uploadedBytes, int uploadedChunks) {}

        @Parameters(paramLabel = "FILE", description = "The file.")
        private Path given = Path.of("");

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "The image's name (default: the file's, without .iso and the like).")
        private @Nullable String name;

        @Mixin private FirmwareOption firmware = new FirmwareOption();

        @Option(
                names = "--replace-key",
                description = "Make this computer's image key the account's, if it has another.")
        private boolean replaceKey;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            try (GivenImage image = GivenImage.open(given)) {
                return push(coordinator(), image);
            }
        }

        private int push(Coordinator coordinator, GivenImage image)
                throws IOException, RefusedException, Failure, InterruptedException {
            Set<BootMode> modes = firmware.of(image.bootModes());
            if (image.menuWaits()) {
                terminal()
                        .note(
                                "warning: its boot menu waits for a key, which nobody presses on a"
                                        + " rented machine; image build with it as the base"
                                        + " makes an image that goes on by itself");
            }
            ProgressLine progress = new ProgressLine(terminal(), System::nanoTime);
            try {
                ImageKeys keys = ImageKeys.loadOrCreate(shell().context().imageKeyFile());
                registerKey(coordinator, keys);
                progress.phase("Cutting into chunks");
                FileIndex index = Chunker.index(image.file());
                if (index.chunks().size() > ImageUpload.CHUNKS_MAX) {
                    throw new Failure(
                            ExitCode.FAILED,
                            "it has "
                                    + index.chunks().size()
                                    + " chunks, and a coordinator takes images of at most "
                                    + ImageUpload.CHUNKS_MAX
                                    + "; make it smaller, and keep large data on a volume");
                }
                Manifest manifest = manifest(index, image.medium(), modes, keys);
                SignedManifest signed = SignedManifest.sign(manifest, keys);
                show(new ImagePush(coordinator, progress).push(image.file(), signed), manifest);
                return 0;
            } catch (ManifestFormatException badKey) {
                throw new Failure(ExitCode.FAILED, String.valueOf(badKey.getMessage()));
            } catch (IllegalArgumentException badName) {
                throw new Failure(ExitCode.USAGE, String.valueOf(badName.getMessage()));
            } finally {
                progress.abandon();
            }
        }

        private Manifest manifest(
                FileIndex index, Medium medium, Set<BootMode> modes, ImageKeys keys)
                throws IOException, ManifestFormatException {
            String file =
                    String.valueOf(given.getFileName()).replaceAll("[.](iso|qcow2|raw|img)$", "");
            Optional<Manifest> built = ManifestFile.of(given, index.sha256());
            return new Manifest(
                    name == null ? file : name,
                    index,
                    medium,
                    modes,
                    built.map(Manifest::memoryMib).orElse(Recipe.MEMORY_MIB_DEFAULT),
                    built.map(Manifest::origin).orElse(new Origin.Foreign()),
                    keys.creator());
        }

        private void registerKey(Coordinator coordinator, ImageKeys keys)
                throws IOException, RefusedException, Failure, InterruptedException {
            Account account = coordinator.account();
            String own = Base64.getEncoder().encodeToString(keys.creator().toBytes());
            if (account.imageKey().equals(own)) {
                return;
            }
            if (!account.imageKey().isEmpty() && !replaceKey) {
                throw new Failure(
                        ExitCode.FAILED,
                        "the account's images are signed with another key; copy "
                                + shell().context().imageKeyFile()
                                + " from the computer that has it, or give --replace-key");
            }
            coordinator.setImageKey(new ImageKey(own));
        }

        private void show(ImagePush.Result result, Manifest manifest) {
            ImageSummary image = result.image();
            print(
                    "sparegrid.image/1",
                    new Pushed(image, result.uploadedBytes(), result.uploadedChunks()),
                    () -> {
                        terminal()
                                .print(
                                        "Pushed "
                                                + Plain.line(image.name())
                                                + " ("
                                                + shortId(image)
                                                + "), "
                                                + Plain.bytes(image.sizeBytes())
                                                + ", sent "
                                                + Plain.bytes(result.uploadedBytes()));
                        terminal()
                                .print(
                                        "Next: sparegrid run "
                                                + Plain.line(image.name())
                                                + " -n 2"
                                                + disk(manifest));
                    });
        }
    }

    /// The option without which no machine can start from a disk.
    private static String disk(Manifest manifest) {
        long mebibytes = (manifest.sizeBytes() + (1 << 20) - 1) >> 20;
        return manifest.medium() == Medium.DISK ? " --disk " + mebibytes + "MiB" : "";
    }

    @Command(name = "ls", description = "List the images that the coordinator keeps for you.")
    static final class ListCommand extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Images images = coordinator().images();
            print("sparegrid.images/1", images, () -> show(images.images()));
            return 0;
        }

        private void show(List<ImageSummary> images) {
            Table table = Table.of("name~", "id", "size>", "chunks>", "pushed");
            for (ImageSummary image : images) {
                table.row(
                        image.name(),
                        shortId(image),
                        Plain.bytes(image.sizeBytes()),
                        Integer.toString(image.chunks()),
                        Plain.time(image.created(), shell().clock().getZone()));
            }
            terminal().print(table);
            if (images.isEmpty()) {
                terminal().note("No image yet; sparegrid image push FILE.iso uploads one");
            }
        }
    }

    @Command(name = "rm", description = "Remove an image from the coordinator.")
    static final class Remove extends DataCommand {
        @Parameters(paramLabel = "IMAGE", description = "Its name or the begin of its id.")
        private String image = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            ImageSummary chosen = Choice.image(coordinator, image);
            coordinator.remove(chosen.id());
            print(
                    "sparegrid.image-removed/1",
                    chosen,
                    () ->
                            terminal()
                                    .print(
                                            "Removed "
                                                    + Plain.line(chosen.name())
                                                    + " ("
                                                    + shortId(chosen)
                                                    + ")"));
            return 0;
        }
    }
}
