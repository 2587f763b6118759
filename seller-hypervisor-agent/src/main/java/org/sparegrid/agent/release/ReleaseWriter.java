// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.protocol.json.Format;

/// Makes a release of a build. The same build gives the same bytes.
///
/// Source: docs/protocol/agent-release.md.
public final class ReleaseWriter {
    static final String MANIFEST = "manifest.json";
    static final String SIGNATURE = "manifest.sig";

    /// The file of a release that says its version.
    static final String VERSION = "VERSION";

    private static final String MODULE = "seller-hypervisor-agent/target";

    private ReleaseWriter() {}

    /// Writes the archive of the build in `root`, a checkout or another release.
    ///
    /// @throws ReleaseException if it is none
    public static ReleaseManifest write(
            Path root, ReleaseVersion version, ReleaseKey key, Path archive)
            throws IOException, ReleaseException {
        List<ReleaseManifest.Entry> entries = new ArrayList<>();
        byte[] versionFile = (version + "\n").getBytes(StandardCharsets.US_ASCII);
        entries.add(
                new ReleaseManifest.Entry(
                        VERSION,
                        versionFile.length,
                        Sha256Digest.ofContent(versionFile).toString(),
                        false));
        for (Path file : files(root)) {
            entries.add(
                    new ReleaseManifest.Entry(
                            root.relativize(file).toString(),
                            Files.size(file),
                            digest(file),
                            Files.isExecutable(file)));
        }
        ReleaseManifest manifest =
                new ReleaseManifest(ReleaseManifest.SCHEMA, version.text(), entries);
        byte[] signed = Format.JSON.write(manifest);
        AtomicFile.write(
                archive.toAbsolutePath(),
                out -> {
                    put(out, MANIFEST, signed);
                    put(out, SIGNATURE, key.sign(signed));
                    put(out, VERSION, versionFile);
                    for (ReleaseManifest.Entry entry :
                            manifest.files().subList(1, entries.size())) {
                        out.write(
                                new TarHeader(entry.path(), entry.bytes(), entry.program())
                                        .toBytes());
                        Files.copy(root.resolve(entry.path()), out);
                        out.write(new byte[TarHeader.padding(entry.bytes())]);
                    }
                    out.write(new byte[2 * TarHeader.BLOCK_BYTES]);
                });
        return manifest;
    }

    private static void put(OutputStream out, String name, byte[] content) throws IOException {
        out.write(new TarHeader(name, content.length, false).toBytes());
        out.write(content);
        out.write(new byte[TarHeader.padding(content.length)]);
    }

    /// What the launcher needs, sorted.
    private static List<Path> files(Path root) throws IOException, ReleaseException {
        List<Path> files = new ArrayList<>();
        files.add(root.resolve("bin/sparegrid-agent"));
        files.add(root.resolve("bin/start-java"));
        files.add(root.resolve("bin/use-version"));
        for (String folder : List.of(MODULE, MODULE + "/lib")) {
            if (Files.isDirectory(root.resolve(folder))) {
                try (var jars = Files.newDirectoryStream(root.resolve(folder), "*.jar")) {
                    jars.forEach(files::add);
                }
            }
        }
        files.sort(null);
        for (Path file : files) {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new ReleaseException(
                        "release: " + root + " is no build of the agent: no file " + file);
            }
        }
        if (files.size() < 5) {
            throw new ReleaseException("release: " + root + " is not built; run bin/setup seller");
        }
        return files;
    }

    private static String digest(Path file) throws IOException {
        MessageDigest sha256 = Sha256Digest.algorithm();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
