// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// A manifest whose creator's signature was verified: there is no instance without.
///
/// Its written form is the manifest and two lines more: the manifest's digest, which tells a
/// changed manifest from a changed signature, and the Ed25519 signature over the manifest's bytes.
///
/// Source: docs/protocol/image-manifest.md, section 3.
public final class SignedManifest {
    private static final String DIGEST = "manifest-sha256 ";
    private static final String SIGNATURE = "signature ";
    private static final int DIGEST_LINE_BYTES = DIGEST.length() + 64 + 1;
    private static final int SIGNATURE_LINE_BYTES = SIGNATURE.length() + 128 + 1;
    private static final int TRAILER_BYTES = DIGEST_LINE_BYTES + SIGNATURE_LINE_BYTES;

    private final Manifest manifest;
    private final byte[] bytes;

    private SignedManifest(Manifest manifest, byte[] bytes) {
        this.manifest = manifest;
        this.bytes = bytes;
    }

    /// Signs `manifest`, whose creator must be the owner of `keys`.
    public static SignedManifest sign(Manifest manifest, ImageKeys keys) {
        if (!manifest.creator().equals(keys.creator())) {
            throw new IllegalArgumentException(
                    "manifest: creator is "
                            + manifest.creator()
                            + ", the key is "
                            + keys.creator());
        }
        byte[] body = manifest.toBytes();
        String trailer =
                DIGEST
                        + Sha256Digest.ofContent(body)
                        + "\n"
                        + SIGNATURE
                        + HexFormat.of().formatHex(keys.sign(body))
                        + "\n";
        byte[] bytes = Arrays.copyOf(body, body.length + TRAILER_BYTES);
        byte[] tail = trailer.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(tail, 0, bytes, body.length, TRAILER_BYTES);
        return new SignedManifest(manifest, bytes);
    }

    /// Reads a signed manifest and verifies it with the creator's key that it names.
    ///
    /// The result proves that the creator signed it, not that the creator is the one expected.
    ///
    /// @throws ManifestFormatException naming the manifest or the signature, whichever is wrong
    public static SignedManifest parse(byte[] bytes) throws ManifestFormatException {
        int bodyLength = bytes.length - TRAILER_BYTES;
        if (bodyLength < 1 || bytes.length > Manifest.BYTES_MAX) {
            throw new ManifestFormatException(
                    "manifest: expected "
                            + (TRAILER_BYTES + 1)
                            + " to 16777216 bytes, got "
                            + bytes.length);
        }
        byte[] body = Arrays.copyOf(bytes, bodyLength);
        String digestLine = line(bytes, bodyLength, DIGEST_LINE_BYTES);
        String expected = DIGEST + Sha256Digest.ofContent(body) + "\n";
        if (!digestLine.equals(expected)) {
            throw new ManifestFormatException(
                    digestLine.startsWith(DIGEST)
                            ? "manifest: changed after signing, its digest line does not fit its content"
                            : "manifest: expected " + DIGEST.strip() + " before the signature");
        }
        byte[] signature =
                signature(line(bytes, bodyLength + DIGEST_LINE_BYTES, SIGNATURE_LINE_BYTES));
        Manifest manifest = Manifest.parse(ByteBuffer.wrap(body));
        if (!manifest.creator().verifies(body, signature)) {
            throw new ManifestFormatException(
                    "signature: not made by the image's creator " + manifest.creator());
        }
        return new SignedManifest(manifest, bytes.clone());
    }

    /// Reads a signed manifest that must come from `creator`.
    ///
    /// @throws ManifestFormatException also if another creator signed it
    public static SignedManifest parse(byte[] bytes, CreatorKey creator)
            throws ManifestFormatException {
        SignedManifest signed = parse(bytes);
        if (!signed.manifest.creator().equals(creator)) {
            throw new ManifestFormatException(
                    "signature: expected creator "
                            + creator
                            + ", got "
                            + signed.manifest.creator());
        }
        return signed;
    }

    private static String line(byte[] bytes, int start, int length) {
        return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    }

    private static byte[] signature(String line) throws ManifestFormatException {
        String hex = line.substring(SIGNATURE.length(), line.length() - 1);
        boolean lowerHex =
                hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        if (!line.startsWith(SIGNATURE) || !line.endsWith("\n") || !lowerHex) {
            throw new ManifestFormatException(
                    "signature: expected \"signature\" and 128 lower-case hexadecimal digits in the"
                            + " last line");
        }
        return HexFormat.of().parseHex(hex);
    }

    /// What was signed.
    public Manifest manifest() {
        return manifest;
    }

    /// The written form with the signature.
    public byte[] toBytes() {
        return bytes.clone();
    }
}
