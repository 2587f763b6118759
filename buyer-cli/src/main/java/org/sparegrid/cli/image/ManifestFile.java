// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.ManifestFormatException;
import org.sparegrid.imagetools.manifest.SignedManifest;

/// The signed manifest that `image build` leaves beside the ISO: `image verify` checks the file by
/// it, and `image push` learns from it what the image was built from.
public final class ManifestFile {
    private ManifestFile() {}

    /// Where the manifest of `iso` lies.
    public static Path beside(Path iso) {
        return iso.resolveSibling(iso.getFileName() + ".manifest");
    }

    /// Writes the manifest of `iso` beside it.
    public static void write(Path iso, SignedManifest signed) throws IOException {
        Files.write(beside(iso), signed.toBytes());
    }

    /// Reads a manifest and verifies its signature.
    ///
    /// @throws ManifestFormatException also if it is too long
    public static SignedManifest read(Path file) throws IOException, ManifestFormatException {
        return SignedManifest.parse(bytes(file));
    }

    private static byte[] bytes(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(Manifest.BYTES_MAX + 1);
        }
    }

    /// The manifest beside `iso`, if there is one and it is of this very file.
    public static Optional<Manifest> of(Path iso, Sha256Digest sha256)
            throws IOException, ManifestFormatException {
        Path file = beside(iso);
        return Files.exists(file)
                ? Optional.of(read(file).manifest()).filter(m -> m.sha256().equals(sha256))
                : Optional.empty();
    }
}
