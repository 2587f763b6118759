// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.CreatorKey;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Reads a release from beginning to end and believes nothing that its maker didn't sign: names,
/// lengths and order of the files are the signed manifest's, never the archive's.
public final class ReleaseReader {
    private static final int MANIFEST_BYTES_MAX = 1 << 20;
    private static final int SIGNATURE_BYTES = 64;

    /// What may follow the last file: tar fills up to 10 KiB.
    private static final int END_BLOCKS_MAX = 40;

    private final InputStream in;
    private final CreatorKey trusted;

    /// Reads from `in`, which the caller closes.
    public ReleaseReader(InputStream in, CreatorKey trusted) {
        this.in = in;
        this.trusted = trusted;
    }

    /// Where the files go.
    public interface Place {
        /// Learns what comes, before anything does.
        void begin(ReleaseManifest manifest) throws IOException, ReleaseException;

        /// Where to write a file; it is closed after its last byte, whole or not.
        OutputStream open(ReleaseManifest.Entry entry) throws IOException;
    }

    /// Reads all of it. What is in `place` if this fails must be thrown away.
    public ReleaseManifest read(Place place) throws IOException, ReleaseException {
        ReleaseManifest manifest = manifest();
        place.begin(manifest);
        for (ReleaseManifest.Entry entry : manifest.files()) {
            expect(entry.path(), entry.bytes(), entry.bytes());
            MessageDigest sha256 = Sha256Digest.algorithm();
            try (OutputStream out = place.open(entry)) {
                copy(entry.bytes(), sha256, out);
            }
            if (!HexFormat.of().formatHex(sha256.digest()).equals(entry.sha256())) {
                throw new ReleaseException("release: " + entry.path() + " was changed");
            }
            pad(entry.bytes());
        }
        if (TarHeader.read(in).isPresent()) {
            throw new ReleaseException("release: the archive has a file that nobody signed");
        }
        byte[] rest = in.readNBytes(END_BLOCKS_MAX * TarHeader.BLOCK_BYTES);
        if (!TarHeader.isZero(rest) || in.read() >= 0) {
            throw new ReleaseException("release: something follows the archive's end");
        }
        return manifest;
    }

    private ReleaseManifest manifest() throws IOException, ReleaseException {
        byte[] signed = file(ReleaseWriter.MANIFEST, MANIFEST_BYTES_MAX);
        byte[] signature = file(ReleaseWriter.SIGNATURE, SIGNATURE_BYTES);
        if (!trusted.verifies(signed, signature)) {
            throw new ReleaseException(
                    "release: the signature is not by the trusted key "
                            + trusted
                            + " (setting update-key)");
        }
        try {
            return Format.JSON.read(signed, ReleaseManifest.class);
        } catch (MessageFormatException bad) {
            throw new ReleaseException("release: manifest: " + bad.getMessage());
        }
    }

    private byte[] file(String name, int bytesMax) throws IOException, ReleaseException {
        long bytes = expect(name, 0, bytesMax);
        byte[] content = in.readNBytes((int) bytes);
        if (content.length != bytes) {
            throw new ReleaseException("release: the archive is cut off");
        }
        pad(bytes);
        return content;
    }

    private long expect(String name, long least, long most) throws IOException, ReleaseException {
        TarHeader header =
                TarHeader.read(in)
                        .orElseThrow(
                                () -> new ReleaseException("release: the archive has no " + name));
        if (!header.name().equals(name)) {
            throw new ReleaseException(
                    "release: expected " + name + ", got " + ReleaseVersion.brief(header.name()));
        }
        if (header.bytes() < least || header.bytes() > most) {
            throw new ReleaseException(
                    "release: "
                            + name
                            + ": expected "
                            + (least == most ? "" : "at most ")
                            + most
                            + " bytes, got "
                            + header.bytes());
        }
        return header.bytes();
    }

    private void copy(long bytes, MessageDigest sha256, OutputStream out)
            throws IOException, ReleaseException {
        byte[] buffer = new byte[1 << 16];
        for (long left = bytes; left > 0; ) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new ReleaseException("release: the archive is cut off");
            }
            sha256.update(buffer, 0, read);
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    private void pad(long bytes) throws IOException, ReleaseException {
        byte[] padding = in.readNBytes(TarHeader.padding(bytes));
        if (padding.length != TarHeader.padding(bytes) || !TarHeader.isZero(padding)) {
            throw new ReleaseException("release: expected zeros up to the next file");
        }
    }
}
