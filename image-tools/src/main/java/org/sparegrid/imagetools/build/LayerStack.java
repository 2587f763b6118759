// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.IsoEntry;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.iso.IsoImage;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.recipe.Layer;

/// The layers of one build, each taken from the cache or made over those before it.
final class LayerStack {
    private final BuildSettings settings;
    private final LayerBuilder builder;
    private final IndexCache indexes;
    private final Path work;
    private final Sha256Digest base;
    private final IsoImage image;
    private final List<IsoEntry> roots;
    private final Squashfs squashfs;
    private final List<Path> files = new ArrayList<>();
    private final List<Sha256Digest> keys = new ArrayList<>();
    private final List<Origin.Layer> layers = new ArrayList<>();
    private final List<String> cached = new ArrayList<>();

    /// A stack over the root file systems `roots` of `image`.
    LayerStack(
            BuildSettings settings,
            LayerBuilder builder,
            IndexCache indexes,
            Path work,
            BaseFile base,
            IsoImage image,
            List<IsoEntry> roots)
            throws IOException, IsoFormatException {
        this.settings = settings;
        this.builder = builder;
        this.indexes = indexes;
        this.work = work;
        this.base = base.sha256();
        this.image = image;
        this.roots = roots;
        this.squashfs = Squashfs.of(image.head(roots.getLast(), Squashfs.HEAD_BYTES));
    }

    void add(Layer layer) throws IOException, BuildException, InterruptedException {
        Sha256Digest key = LayerKey.of(keys.isEmpty() ? base : keys.getLast(), layer);
        Path file = settings.cacheFolder().resolve("layers").resolve(key + ".squashfs");
        PackageList packages = PackageList.beside(file);
        if (settings.useCachedLayers() && Files.isRegularFile(file) && packages.exists()) {
            cached.add(layer.name());
        } else {
            Path folder = work.resolve("layer-" + keys.size());
            builder.make(layer, lower(), squashfs, folder, file);
        }
        keys.add(key);
        files.add(file);
        Sha256Digest sha256 = indexes.of(file).sha256();
        layers.add(new Origin.Layer(layer.name(), sha256, Files.size(file), packages.read()));
    }

    /// The trees below the next layer, the topmost first.
    private List<Path> lower() throws IOException, BuildException, InterruptedException {
        List<Path> lower = new ArrayList<>();
        for (int i = 0; i < roots.size(); i++) {
            lower.addFirst(builder.unpacked(image, roots.get(i), base + "-" + i, work));
        }
        for (int i = 0; i < files.size(); i++) {
            // Named by content, as a layer that is made anew keeps its key.
            String name = layers.get(i).sha256().toString();
            lower.addFirst(builder.unpacked(files.get(i), name, work));
        }
        return lower;
    }

    /// The root with all layers in it, packed as one.
    Path merged() throws IOException, BuildException, InterruptedException {
        Path file =
                settings.cacheFolder().resolve("layers").resolve(keys.getLast() + ".root.squashfs");
        if (!settings.useCachedLayers()
                || cached.size() < files.size()
                || !Files.isRegularFile(file)) {
            builder.merge(lower(), squashfs, work.resolve("merge"), file);
        }
        return file;
    }

    List<Path> files() {
        return files;
    }

    List<Origin.Layer> layers() {
        return layers;
    }

    /// Names of the layers that came from the cache.
    List<String> cached() {
        return cached;
    }
}
