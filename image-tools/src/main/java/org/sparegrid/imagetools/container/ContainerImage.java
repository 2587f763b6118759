// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.container;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// A container image: an OCI layout, as a folder or a tar file, or what `docker save` writes.
///
/// Source: OCI image specification 1.1, image-layout.md and manifest.md.
///
/// @param layers tar files, perhaps compressed by gzip, lowest first
public record ContainerImage(ContainerConfig config, List<Path> layers) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,5}");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final int FILES_MAX = 2000;
    private static final int LAYERS_MAX = 128;

    public ContainerImage {
        layers = List.copyOf(layers);
    }

    /// Reads `archive`; if it is a file, its parts are unpacked into `work`, a folder that must
    /// last as long as the result is used.
    ///
    /// @throws ContainerFormatException if it is no container image for Linux on x86-64, or damaged
    public static ContainerImage read(Path archive, Path work)
            throws IOException, ContainerFormatException {
        Path folder = archive;
        if (!Files.isDirectory(archive)) {
            folder = Files.createDirectories(work);
            unpack(archive, folder);
        }
        if (Files.exists(folder.resolve("index.json"))) {
            return oci(folder);
        } else if (Files.exists(folder.resolve("manifest.json"))) {
            return docker(folder);
        }
        throw new ContainerFormatException(
                archive + ": expected index.json or manifest.json in it; docker save writes one");
    }

    private static void unpack(Path archive, Path folder)
            throws IOException, ContainerFormatException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(archive)))) {
            int files = 0;
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                String name = entry.getName().replaceFirst("^\\./", "");
                boolean plain = entry.isFile() && !entry.isSymbolicLink() && !entry.isLink();
                if (!plain || name.contains("..") || !NAME.matcher(name).matches()) {
                    continue;
                }
                if (++files > FILES_MAX) {
                    throw new ContainerFormatException("expected at most 2000 files in it");
                }
                Path target = folder.resolve(name);
                Files.createDirectories(target.resolveSibling("."));
                Files.copy(tar, target);
            }
        } catch (IOException | IllegalArgumentException notTar) {
            throw new ContainerFormatException(
                    archive + ": expected a tar file: " + notTar.getMessage());
        }
    }

    private static ContainerImage oci(Path folder) throws IOException, ContainerFormatException {
        Json manifest = manifest(folder, Json.read(folder.resolve("index.json")));
        List<Path> layers = new ArrayList<>();
        for (Json layer : manifest.at("layers").list()) {
            layers.add(blob(folder, layer));
        }
        return of(Json.read(blob(folder, manifest.at("config"))), layers);
    }

    /// The manifest for this kind of machine; an index may lead to another one.
    private static Json manifest(Path folder, Json index)
            throws IOException, ContainerFormatException {
        Json at = index;
        for (int depth = 0; depth < 3; depth++) {
            if (at.at("layers").isThere()) {
                return at;
            }
            Optional<Json> chosen = Optional.empty();
            for (Json entry : at.at("manifests").list()) {
                Json machine = entry.at("platform").at("architecture");
                if (chosen.isEmpty() && (!machine.isThere() || machine.text().equals("amd64"))) {
                    chosen = Optional.of(entry);
                }
            }
            if (chosen.isEmpty()) {
                break;
            }
            at = Json.read(blob(folder, chosen.get()));
        }
        throw new ContainerFormatException("expected an image for amd64 in index.json");
    }

    private static Path blob(Path folder, Json descriptor)
            throws IOException, ContainerFormatException {
        String digest = descriptor.at("digest").text();
        if (!DIGEST.matcher(digest).matches()) {
            throw new ContainerFormatException("expected a digest of sha256, got " + digest);
        }
        String hex = digest.substring("sha256:".length());
        Path file = folder.resolve("blobs").resolve("sha256").resolve(hex);
        if (!Files.isRegularFile(file)) {
            throw new ContainerFormatException(digest + " is missing");
        }
        if (!Chunker.digest(file).equals(Sha256Digest.parse(hex))) {
            throw new ContainerFormatException(
                    digest + " is damaged, its bytes have another digest");
        }
        return file;
    }

    private static ContainerImage docker(Path folder) throws IOException, ContainerFormatException {
        List<Json> images = Json.read(folder.resolve("manifest.json")).list();
        if (images.size() != 1) {
            throw new ContainerFormatException(
                    "expected one image in manifest.json, got " + images.size());
        }
        List<Path> layers = new ArrayList<>();
        for (String name : images.getFirst().at("Layers").texts()) {
            layers.add(part(folder, name));
        }
        String config = images.getFirst().at("Config").text();
        return of(Json.read(part(folder, config)), layers);
    }

    private static Path part(Path folder, String name) throws ContainerFormatException {
        Path file = folder.resolve(name).normalize();
        boolean inside = NAME.matcher(name).matches() && file.startsWith(folder.normalize());
        if (!inside || !Files.isRegularFile(file)) {
            throw new ContainerFormatException(name + " is missing");
        }
        return file;
    }

    private static ContainerImage of(Json image, List<Path> layers)
            throws ContainerFormatException {
        Json machine = image.at("architecture");
        if (machine.isThere() && !machine.text().equals("amd64")) {
            throw new ContainerFormatException(
                    "expected architecture amd64, got " + machine.text());
        }
        if (layers.size() > LAYERS_MAX) {
            throw new ContainerFormatException("expected at most 128 layers, got " + layers.size());
        }
        Json config = image.at("config");
        List<String> command = new ArrayList<>(config.at("Entrypoint").texts());
        command.addAll(config.at("Cmd").texts());
        if (command.isEmpty()) {
            throw new ContainerFormatException(
                    "it says neither an entry point nor a command to run");
        }
        return new ContainerImage(
                new ContainerConfig(
                        command,
                        config.at("Env").texts(),
                        orElse(config.at("WorkingDir"), "/"),
                        orElse(config.at("User"), "")),
                layers);
    }

    private static String orElse(Json text, String otherwise) throws ContainerFormatException {
        return text.isThere() && !text.text().isEmpty() ? text.text() : otherwise;
    }

    /// A layer's tar, uncompressed.
    static InputStream open(Path layer) throws IOException, ContainerFormatException {
        BufferedInputStream in = new BufferedInputStream(Files.newInputStream(layer), 1 << 16);
        in.mark(4);
        byte[] magic = in.readNBytes(4);
        in.reset();
        if (magic.length > 1 && magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
            return new GZIPInputStream(in, 1 << 16);
        }
        if (magic.length == 4 && magic[0] == 0x28 && magic[1] == (byte) 0xb5) {
            in.close();
            throw new ContainerFormatException(
                    layer.getFileName() + ": compressed by zstd; use gzip, as docker save does");
        }
        return in;
    }
}
