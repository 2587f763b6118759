// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.util.List;
import java.util.regex.Pattern;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Where an image comes from, as its creator states.
public sealed interface Origin {
    /// A recipe's layers were put over a base.
    ///
    /// @param base digest of the whole base ISO
    /// @param recipe digest of the recipe and everything it names
    /// @param layers lowest first
    record Built(Sha256Digest base, Sha256Digest recipe, List<Layer> layers) implements Origin {
        /// Far above what a live system mounts with joy.
        public static final int LAYERS_MAX = 16;

        public Built {
            layers = List.copyOf(layers);
            if (layers.size() > LAYERS_MAX) {
                throw new IllegalArgumentException(
                        "origin: expected at most 16 layers, got " + layers.size());
            }
        }
    }

    /// The file was made elsewhere.
    record Foreign() implements Origin {}

    /// One squashfs that lies over those before it.
    ///
    /// @param packages those that it brings, in the order of their names
    record Layer(
            String name, Sha256Digest sha256, long sizeBytes, List<InstalledPackage> packages) {
        /// More than Debian's largest desktop has.
        public static final int PACKAGES_MAX = 5000;

        public Layer {
            Names.check("layer", name);
            packages = List.copyOf(packages);
            if (packages.size() > PACKAGES_MAX) {
                throw new IllegalArgumentException(
                        "layer: expected at most 5000 packages, got " + packages.size());
            }
            if (sizeBytes < 1 || sizeBytes > Manifest.IMAGE_BYTES_MAX) {
                throw new IllegalArgumentException("layer: bad size " + sizeBytes);
            }
        }
    }

    /// A package of the distribution, as it calls it.
    ///
    /// @param name such as `openmpi-bin`
    /// @param version such as `4.1.4-3+b1`
    record InstalledPackage(String name, String version) {
        /// Source: Debian Policy, sections 5.6.1 and 5.6.12, with a length that keeps a line short.
        private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9+.-]{0,71}");

        private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9.+~:-]{1,72}");

        public InstalledPackage {
            if (!isPackage(name, version)) {
                throw new IllegalArgumentException(
                        "package: expected a name and a version, got " + name + " " + version);
            }
        }

        static boolean isPackage(String name, String version) {
            return NAME.matcher(name).matches() && VERSION.matcher(version).matches();
        }
    }
}
