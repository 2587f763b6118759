// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.BootEntry;
import org.sparegrid.imagetools.iso.BootMenus;
import org.sparegrid.imagetools.iso.Customisation;
import org.sparegrid.imagetools.iso.IsoEntry;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.iso.IsoImage;
import org.sparegrid.imagetools.iso.LiveSystem;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.progress.Progress;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Recipe;

/// Builds images from recipes by putting layers over a base, which is never unpacked into the image
/// again: the result is the base and, behind it, the layers.
///
/// The same base, recipe and package versions give the same bytes, and a file that was made of them
/// before is left as it is. Only one build at a time uses a cache folder; others wait. Needs root
/// or user namespaces, and the programs `unshare`, `unsquashfs`, `mksquashfs`, `xorriso`,
/// `getfattr` and `setfattr`.
///
/// Source: docs/decisions/0003-image-layers.md.
public final class ImageBuilder {
    /// Every time stamp in an image: 2023-11-14 22:13:20 UTC.
    static final long EPOCH_SECONDS = 1_700_000_000;

    private static final List<String> PROGRAMS =
            List.of("unshare", "unsquashfs", "mksquashfs", "xorriso", "getfattr", "setfattr");

    private final BuildSettings settings;
    private final Tool tool;

    /// A builder for this machine.
    public ImageBuilder(BuildSettings settings) {
        this.settings = settings;
        this.tool = new Tool(settings.environment());
    }

    /// Builds `recipe` as the file `iso`, which is replaced once the new one is complete.
    ///
    /// @throws BuildException if the machine or the base does not allow it, or a step failed
    /// @throws IsoFormatException if the base is no sound image
    public BuiltImage build(Recipe recipe, Path iso, Progress progress)
            throws IOException, BuildException, IsoFormatException, InterruptedException {
        for (String program : PROGRAMS) {
            if (!tool.has(program)) {
                throw new BuildException(
                        "the program "
                                + program
                                + " is missing; install the packages xorriso,"
                                + " squashfs-tools, attr and util-linux");
            }
        }
        Path cache = settings.cacheFolder();
        Files.createDirectories(cache);
        try (FileChannel lockFile =
                FileChannel.open(
                        cache.resolve("build.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            FileLock lock = lockFile.lock();
            deleteLeftovers(cache);
            Path work = Files.createTempDirectory(cache, "build-");
            try {
                return locked(recipe, iso.toAbsolutePath(), progress, work);
            } finally {
                delete(work);
                lock.release();
            }
        }
    }

    /// Deletes what a build that was killed could not; whoever holds the lock is the only one.
    private void deleteLeftovers(Path cache)
            throws IOException, BuildException, InterruptedException {
        List<Path> leftovers;
        try (Stream<Path> files = Files.list(cache)) {
            leftovers =
                    files.filter(Files::isDirectory)
                            .filter(path -> path.getFileName().toString().startsWith("build-"))
                            .toList();
        }
        for (Path leftover : leftovers) {
            delete(leftover);
        }
    }

    private BuiltImage locked(Recipe recipe, Path iso, Progress progress, Path work)
            throws IOException, BuildException, IsoFormatException, InterruptedException {
        progress.phase("checking the base");
        IndexCache indexes = new IndexCache(settings.cacheFolder().resolve("indexes"));
        BaseFile base = BaseFile.find(recipe.base(), settings, indexes);
        Path baseFile = base.iso();
        IsoImage image = IsoImage.read(baseFile);
        Customisation customisation = Customisation.of(image);
        Customisation.Way way = choose(baseFile, customisation, recipe.ways());

        LayerBuilder builder = new LayerBuilder(settings, tool, Namespace.choose(tool), progress);
        LayerStack stack =
                new LayerStack(
                        settings, builder, indexes, work, base, image, customisation.roots());
        for (Layer layer : recipe.layers()) {
            stack.add(layer);
            long sizeBytes = stack.layers().getLast().sizeBytes();
            require(sizeBytes, recipe.limits().layerBytesMax(), "layer " + layer.name());
        }
        ImagePlan plan = new ImagePlan(way == Customisation.Way.REBUILD);
        List<String> arguments = new ArrayList<>(recipe.kernelArguments());
        if (!recipe.layers().isEmpty()) {
            putLayers(image, customisation, stack, work, way, plan, arguments);
        }
        long sizeBytes = Files.size(baseFile);
        boolean payload = way == Customisation.Way.PAYLOAD;
        for (Path file : payload ? stack.files() : plan.added().values()) {
            sizeBytes += Files.size(file);
        }
        require(sizeBytes, recipe.limits().imageBytesMax(), "the image");
        Origin.Built origin = new Origin.Built(base.sha256(), LayerKey.of(recipe), stack.layers());
        Sha256Digest parts = LayerKey.of(origin, way);
        Optional<FileIndex> same =
                settings.useCachedLayers() ? indexes.made(iso, parts) : Optional.empty();
        if (same.isPresent()) {
            return new BuiltImage(
                    recipe.name(),
                    iso,
                    same.get(),
                    recipe.memoryMib(),
                    origin,
                    stack.cached(),
                    true);
        }
        progress.phase("writing the ISO");
        if (payload) {
            new PayloadWriter(tool, work)
                    .write(baseFile, image, customisation.system(), stack.files(), arguments, iso);
        } else {
            putSettings(image, arguments, work, plan);
            new IsoWriter(tool).write(baseFile, image, plan, iso);
        }
        progress.phase("checking the result");
        FileIndex index = Chunker.index(iso, baseFile, base.index());
        indexes.note(iso, parts, index);
        return new BuiltImage(
                recipe.name(), iso, index, recipe.memoryMib(), origin, stack.cached(), false);
    }

    private static Customisation.Way choose(
            Path base, Customisation customisation, List<Customisation.Way> wanted)
            throws BuildException {
        return customisation
                .choose(wanted)
                .orElseThrow(() ->
                        new BuildException(
                                base
                                        + ": no layer can be put over it; "
                                        + customisation.ways().stream()
                                                .filter(verdict -> wanted.contains(verdict.way()))
                                                .map(verdict ->
                                                        verdict.way()
                                                                        .name()
                                                                        .toLowerCase(Locale.ROOT)
                                                                + ": "
                                                                + verdict.why())
                                                .collect(Collectors.joining("; "))));
    }

    /// Plans the way in which the layers become part of the image, and adds to `arguments` those
    /// that the kernel needs for it.
    private static void putLayers(
            IsoImage image,
            Customisation customisation,
            LayerStack stack,
            Path work,
            Customisation.Way way,
            ImagePlan plan,
            List<String> arguments)
            throws IOException, BuildException, IsoFormatException, InterruptedException {
        String top = "";
        switch (way) {
            case LAYER -> {
                int mounted = customisation.roots().size() + stack.layers().size();
                arguments.addAll(0, customisation.system().layerArguments(mounted));
                top = addLayers(image, customisation, stack, work, plan).getLast();
            }
            case PAYLOAD -> {}
            case REBUILD -> top = replaceRoot(customisation, stack, plan);
        }
        if (customisation.chained() && !top.isEmpty()) {
            arguments.add(Customisation.chainArgument(top));
        }
    }

    /// Puts each layer into the folder where the live system looks for more, and tells their names.
    private static List<String> addLayers(
            IsoImage image,
            Customisation customisation,
            LayerStack stack,
            Path work,
            ImagePlan plan)
            throws IOException, BuildException, IsoFormatException {
        LiveSystem system = customisation.system();
        String folder = system.layerFolder() + "/";
        List<String> existing =
                image.entries().stream()
                        .map(IsoEntry::path)
                        .filter(path -> path.startsWith(folder))
                        .map(path -> path.substring(folder.length()))
                        .filter(name -> name.endsWith(system.layerSuffix()))
                        .toList();
        List<String> layers = stack.layers().stream().map(Origin.Layer::name).toList();
        List<String> names =
                customisation.chained()
                        ? customisation.chainedNames(layers.size())
                        : LayerNames.after(existing, layers, system.layerSuffix());
        for (int i = 0; i < names.size(); i++) {
            plan.add(folder + names.get(i), stack.files().get(i));
        }
        if (system == LiveSystem.DEBIAN_LIVE) {
            addModuleList(image, names, work, plan);
        }
        return names;
    }

    /// The lowest root becomes all of it; tells its name.
    private static String replaceRoot(Customisation customisation, LayerStack stack, ImagePlan plan)
            throws IOException, BuildException, InterruptedException {
        List<IsoEntry> roots = customisation.roots();
        plan.add(roots.getFirst().path(), stack.merged());
        for (IsoEntry root : roots.subList(1, roots.size())) {
            plan.remove(root.path());
        }
        String path = roots.getFirst().path();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static void require(long sizeBytes, long sizeBytesMax, String what)
            throws BuildException {
        if (sizeBytes > sizeBytesMax) {
            throw new BuildException(
                    what
                            + ": expected at most "
                            + (sizeBytesMax >> 20)
                            + " MiB as the recipe's limits say, got "
                            + ((sizeBytes + (1 << 20) - 1) >> 20)
                            + " MiB");
        }
    }

    /// If the image lists the layers to mount, only those are: the new ones join the list.
    private static void addModuleList(IsoImage image, List<String> names, Path work, ImagePlan plan)
            throws IOException, IsoFormatException {
        var list = image.entry("live/filesystem.module");
        if (list.isPresent() && !names.isEmpty()) {
            String text =
                    image.text(list.get()).stripTrailing() + "\n" + String.join("\n", names) + "\n";
            Path file = work.resolve("filesystem.module");
            Files.writeString(file, text);
            plan.add("live/filesystem.module", file);
        }
    }

    /// Plans the boot loaders' settings anew: with `arguments` for the kernel, and so that no menu
    /// waits for a key.
    private static void putSettings(
            IsoImage image, List<String> arguments, Path work, ImagePlan plan)
            throws IOException, BuildException, IsoFormatException {
        Map<String, String> before = BootEntry.settings(image);
        Map<String, String> after = new TreeMap<>(before);
        after.replaceAll((_, text) -> KernelArguments.add(text, arguments));
        if (!arguments.isEmpty() && after.equals(before)) {
            throw new BuildException(
                    "kernel_arguments: found no settings of isolinux or GRUB in the base to add them to");
        }
        after.putAll(BootMenus.unattended(after));
        int changed = 0;
        for (Map.Entry<String, String> file : after.entrySet()) {
            if (!file.getValue().equals(before.get(file.getKey()))) {
                Path written = work.resolve("settings-" + changed++);
                plan.add(file.getKey(), Files.writeString(written, file.getValue()));
            }
        }
    }

    /// Deletes what a build left; files of other users' numbers need the namespace that made them.
    private void delete(Path work) throws IOException, BuildException, InterruptedException {
        if (Namespace.choose(tool).name().equals("user")) {
            tool.run(
                    "cleaning up",
                    Namespace.choose(tool).command("rm", "-rf", "--", work.toString()),
                    Duration.ofMinutes(5),
                    _ -> {});
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(work)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException failure) {
            throw new IOException("deleting " + work, failure.getCause());
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }
}
