// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.sparegrid.imagetools.build.BuiltImage;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// What `image build` leaves beside the ISO for `image push`: what the image was built from.
///
/// @param sha256 of the ISO, so that a note is not taken for that of another file
/// @param memoryMib the least memory that the image needs
public record BuildNote(
        String name,
        String sha256,
        int memoryMib,
        String baseSha256,
        String recipeSha256,
        List<NotedLayer> layers) {
    public BuildNote {
        layers = List.copyOf(layers);
    }

    /// A layer over the base.
    public record NotedLayer(String name, String sha256, long sizeBytes) {}

    private static Path fileOf(Path iso) {
        return iso.resolveSibling(iso.getFileName() + ".build.json");
    }

    /// Writes the note of an image that was just built.
    ///
    /// @param sha256 of the ISO
    public static void write(BuiltImage built, Sha256Digest sha256) throws IOException {
        Origin.Built origin = built.origin();
        BuildNote note =
                new BuildNote(
                        built.name(),
                        sha256.toString(),
                        built.memoryMib(),
                        origin.base().toString(),
                        origin.recipe().toString(),
                        origin.layers().stream()
                                .map(layer ->
                                        new NotedLayer(
                                                layer.name(),
                                                layer.sha256().toString(),
                                                layer.sizeBytes()))
                                .toList());
        Files.writeString(
                fileOf(built.iso()),
                Format.JSON.writeWithSchema("sparegrid.build-note/1", note) + "\n",
                StandardCharsets.UTF_8);
    }

    /// The note beside `iso`, if there is one and it is of this very file.
    public static Optional<BuildNote> of(Path iso, Sha256Digest sha256) throws IOException {
        Path file = fileOf(iso);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Noted noted = Format.JSON.read(Files.readAllBytes(file), Noted.class);
            return Optional.of(noted.note()).filter(n -> n.sha256().equals(sha256.toString()));
        } catch (MessageFormatException malformed) {
            throw new IOException(
                    file + ": " + malformed.getMessage() + "; build the image again", malformed);
        }
    }

    /// The origin for the image's manifest.
    public Origin origin() {
        return new Origin.Built(
                Sha256Digest.parse(baseSha256),
                Sha256Digest.parse(recipeSha256),
                layers.stream()
                        .map(layer ->
                                new Origin.Layer(
                                        layer.name(),
                                        Sha256Digest.parse(layer.sha256()),
                                        layer.sizeBytes()))
                        .toList());
    }

    /// The note with its schema's name, as it stands in the file.
    private record Noted(
            String schema,
            String name,
            String sha256,
            int memoryMib,
            String baseSha256,
            String recipeSha256,
            List<NotedLayer> layers) {
        BuildNote note() {
            return new BuildNote(name, sha256, memoryMib, baseSha256, recipeSha256, layers);
        }
    }
}
