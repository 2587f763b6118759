// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.sparegrid.imagetools.container.ContainerFormatException;
import org.sparegrid.imagetools.iso.IsoEntry;
import org.sparegrid.imagetools.iso.IsoImage;
import org.sparegrid.imagetools.progress.Progress;
import org.sparegrid.imagetools.recipe.BuildStep;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Service;
import org.sparegrid.imagetools.recipe.User;

/// Makes single layers and unpacks what lies below them; the caller holds the cache's lock.
final class LayerBuilder {
    private static final String MAKE = "make-layer";
    private static final String MERGE = "merge-layers";

    /// Generous: a machine under load needs minutes for a gigabyte of packages.
    private static final Duration LAYER_TIME_MAX = Duration.ofHours(2);

    private static final Duration UNPACK_TIME_MAX = Duration.ofMinutes(30);

    private final BuildSettings settings;
    private final Tool tool;
    private final Namespace namespace;
    private final Progress progress;

    LayerBuilder(BuildSettings settings, Tool tool, Namespace namespace, Progress progress) {
        this.settings = settings;
        this.tool = tool;
        this.namespace = namespace;
        this.progress = progress;
    }

    /// Unpacks a squashfs of `image` into the cache, once.
    Path unpacked(IsoImage image, IsoEntry squashfs, String key, Path work)
            throws IOException, BuildException, InterruptedException {
        Path tree = settings.cacheFolder().resolve("trees").resolve(namespace.name() + "-" + key);
        if (Files.isDirectory(tree)) {
            return tree;
        }
        progress.phase("unpacking " + squashfs.path());
        Path file = work.resolve("below.squashfs");
        image.extract(squashfs, file);
        unsquash(file, tree, work);
        Files.delete(file);
        return tree;
    }

    /// Unpacks a squashfs file into the cache, once.
    Path unpacked(Path squashfs, String key, Path work)
            throws IOException, BuildException, InterruptedException {
        Path tree = settings.cacheFolder().resolve("trees").resolve(namespace.name() + "-" + key);
        if (!Files.isDirectory(tree)) {
            unsquash(squashfs, tree, work);
        }
        return tree;
    }

    private void unsquash(Path squashfs, Path tree, Path work)
            throws IOException, BuildException, InterruptedException {
        Files.createDirectories(Objects.requireNonNull(tree.getParent()));
        Path fresh = work.resolve("tree");
        // Device nodes need real root, and a layer is made with others.
        List<String> command =
                namespace.command(
                        "unsquashfs",
                        "-quiet",
                        "-no-progress",
                        "-excludes",
                        "-dest",
                        fresh.toString(),
                        squashfs.toString(),
                        "dev/*");
        tool.run("unpacking " + squashfs.getFileName(), command, UNPACK_TIME_MAX, _ -> {});
        Files.move(fresh, tree, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Makes `layer` over the trees of `lower`, the topmost first, as the file `target`.
    void make(Layer layer, List<Path> lower, Squashfs squashfs, Path work, Path target)
            throws IOException, BuildException, InterruptedException {
        Files.createDirectories(work);
        try {
            StageTar.write(layer, work.resolve("stage.tar"), ImageBuilder.EPOCH_SECONDS, work);
        } catch (ContainerFormatException unusable) {
            throw new BuildException("layer " + layer.name() + ": " + unusable.getMessage());
        }
        lines(work.resolve("packages"), layer.packages());
        lines(work.resolve("services"), layer.services().stream().map(Service::name).toList());
        steps(work, layer.run());
        users(work, layer.users());
        lines(work.resolve("network"), List.of(layer.network() ? "yes" : "no"));
        Files.writeString(work.resolve("sources"), DebianMirror.sources(settings.environment()));
        List<String> arguments = new ArrayList<>(List.of(packagesFolder().toString()));
        arguments.addAll(squashfs.options());
        script("layer " + layer.name(), MAKE, lower, work, arguments);
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        Files.move(
                work.resolve("installed"),
                PackageList.beside(target).file(),
                StandardCopyOption.ATOMIC_MOVE);
        Files.move(work.resolve("layer.squashfs"), target, StandardCopyOption.ATOMIC_MOVE);
    }

    private Path packagesFolder() {
        return settings.cacheFolder().resolve("packages-" + namespace.name());
    }

    /// Packs the trees of `lower`, the topmost first, as one squashfs, the file `target`.
    void merge(List<Path> lower, Squashfs squashfs, Path work, Path target)
            throws IOException, BuildException, InterruptedException {
        Files.createDirectories(work);
        progress.phase("packing the root anew");
        script("packing the root", MERGE, lower, work, squashfs.options());
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        Files.move(work.resolve("root.squashfs"), target, StandardCopyOption.ATOMIC_MOVE);
    }

    private void script(
            String what, String name, List<Path> lower, Path work, List<String> arguments)
            throws IOException, BuildException, InterruptedException {
        Path script = work.resolve(name);
        try (InputStream in =
                Objects.requireNonNull(LayerBuilder.class.getResourceAsStream(name), name)) {
            Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
        }
        String below = lower.stream().map(Path::toString).collect(Collectors.joining(":"));
        List<String> command =
                namespace.command(
                        "sh",
                        script.toString(),
                        work.toString(),
                        below,
                        Long.toString(ImageBuilder.EPOCH_SECONDS),
                        namespace.overlayOption());
        command.addAll(arguments);
        tool.run(what, command, LAYER_TIME_MAX, line -> tell(what, line));
    }

    private void tell(String what, String line) {
        if (line.startsWith("phase ")) {
            progress.phase(what + ": " + line.substring("phase ".length()));
        }
    }

    /// One script of all steps; programs are called by their number.
    private static void steps(Path work, List<BuildStep> steps) throws IOException {
        Path programs = Files.createDirectories(work.resolve("programs"));
        List<String> lines = new ArrayList<>();
        for (BuildStep step : steps) {
            switch (step) {
                case BuildStep.Command(String line) -> lines.add(line);
                case BuildStep.Script(Path file) -> {
                    Files.copy(file, programs.resolve("" + lines.size()));
                    lines.add("/run/sparegrid-programs/" + lines.size());
                }
            }
        }
        lines(work.resolve("commands"), lines);
    }

    private static void users(Path work, List<User> users) throws IOException {
        Path keys = Files.createDirectories(work.resolve("keys"));
        List<String> lines = new ArrayList<>();
        for (User user : users) {
            lines.add(user.name() + " " + user.shell() + " " + String.join(",", user.groups()));
            if (!user.keys().isEmpty()) {
                lines(keys.resolve(user.name()), user.keys());
            }
        }
        lines(work.resolve("users"), lines);
    }

    private static void lines(Path file, List<String> lines) throws IOException {
        Files.writeString(
                file, lines.stream().map(line -> line + "\n").collect(Collectors.joining()));
    }
}
