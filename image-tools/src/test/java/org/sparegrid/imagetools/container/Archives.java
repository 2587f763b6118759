// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.container;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Writes small container images.
public final class Archives {
    private Archives() {}

    /// A tar file of `files`, content by name; a name that ends in a slash is a folder, a content
    /// that begins with `->` a symbolic link.
    public static byte[] tar(Map<String, String> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                boolean link = file.getValue().startsWith("->");
                TarArchiveEntry entry =
                        link
                                ? new TarArchiveEntry(file.getKey(), TarConstants.LF_SYMLINK)
                                : new TarArchiveEntry(file.getKey());
                byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
                if (link) {
                    entry.setLinkName(file.getValue().substring(2));
                } else if (!entry.isDirectory()) {
                    entry.setSize(content.length);
                    entry.setMode(0755);
                }
                tar.putArchiveEntry(entry);
                if (!link && !entry.isDirectory()) {
                    tar.write(content);
                }
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    /// An OCI layout in `folder`.
    static Path oci(Path folder, String config, List<byte[]> layers) throws IOException {
        StringBuilder names = new StringBuilder();
        for (byte[] layer : layers) {
            names.append(names.isEmpty() ? "" : ",").append(blob(folder, layer));
        }
        String manifest =
                "{\"schemaVersion\":2,\"config\":"
                        + blob(folder, config.getBytes(StandardCharsets.UTF_8))
                        + ",\"layers\":["
                        + names
                        + "]}";
        String index =
                "{\"manifests\":[" + blob(folder, manifest.getBytes(StandardCharsets.UTF_8)) + "]}";
        Files.writeString(folder.resolve("index.json"), index);
        return folder;
    }

    private static String blob(Path folder, byte[] content) throws IOException {
        String digest = Sha256Digest.ofContent(content).toString();
        Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
        Files.write(blobs.resolve(digest), content);
        return "{\"digest\":\"sha256:" + digest + "\",\"size\":" + content.length + "}";
    }

    /// What `docker save` writes, in one tar file.
    public static Path docker(Path file, String config, byte[] layer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            String manifest =
                    "[{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"1/layer.tar\"]}]";
            put(tar, "manifest.json", manifest.getBytes(StandardCharsets.UTF_8));
            put(tar, "c.json", config.getBytes(StandardCharsets.UTF_8));
            put(tar, "1/layer.tar", layer);
        }
        return Files.write(file, bytes.toByteArray());
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] content)
            throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
