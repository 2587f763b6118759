// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.BootMode;

/// Manifests for tests.
final class Manifests {
    private Manifests() {}

    static Sha256Digest digest(RandomGenerator random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Sha256Digest.of(bytes);
    }

    static Manifest any(RandomGenerator random, CreatorKey creator) {
        List<ChunkReference> chunks = new ArrayList<>();
        long sizeBytes = 0;
        for (int i = random.nextInt(1, 20); i > 0; i--) {
            ChunkReference chunk = new ChunkReference(digest(random), random.nextInt(1, 262_145));
            chunks.add(chunk);
            sizeBytes += chunk.lengthBytes();
        }
        List<BootMode> modes = List.of(BootMode.values());
        EnumSet<BootMode> boot =
                random.nextBoolean()
                        ? EnumSet.allOf(BootMode.class)
                        : EnumSet.of(modes.get(random.nextInt(modes.size())));
        return new Manifest(
                "image-" + random.nextInt(1000),
                new FileIndex(sizeBytes, digest(random), chunks),
                random.nextBoolean() ? Medium.CD : Medium.DISK,
                boot,
                random.nextInt(1, Manifest.MEMORY_MIB_MAX + 1),
                random.nextBoolean() ? new Origin.Foreign() : built(random),
                creator);
    }

    private static Origin built(RandomGenerator random) {
        List<Origin.Layer> layers = new ArrayList<>();
        for (int i = random.nextInt(Origin.Built.LAYERS_MAX + 1); i > 0; i--) {
            List<Origin.InstalledPackage> packages = new ArrayList<>();
            for (int j = random.nextInt(4); j > 0; j--) {
                packages.add(
                        new Origin.InstalledPackage("lib" + j + "+x", j + ":1.0~rc" + j + "-1"));
            }
            layers.add(
                    new Origin.Layer(
                            "layer-" + i, digest(random), random.nextLong(1, 1L << 30), packages));
        }
        return new Origin.Built(digest(random), digest(random), layers);
    }
}
