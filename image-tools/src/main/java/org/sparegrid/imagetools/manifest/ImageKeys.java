// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// The Ed25519 key pair with which a person signs images, and the file that holds it.
///
/// The file has three lines, `sparegrid-image-key 1`, `private` and `public`, each of the last two
/// followed by 64 hexadecimal digits; only its owner may read it.
public final class ImageKeys {
    /// What precedes the seed in its PKCS #8 form. Source: RFC 8410, section 7.
    private static final byte[] PKCS8_PREFIX =
            HexFormat.of().parseHex("302e020100300506032b657004220420");

    private static final String FIRST_LINE = "sparegrid-image-key 1";
    private static final int FILE_BYTES_MAX = 4096;
    private static final int SIGNATURE_BYTES = 64;

    private final PrivateKey privateKey;
    private final CreatorKey creator;

    private ImageKeys(PrivateKey privateKey, CreatorKey creator) {
        this.privateKey = privateKey;
        this.creator = creator;
    }

    /// Makes a new pair that is in no file.
    public static ImageKeys generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] encoded = pair.getPublic().getEncoded();
            int start = CreatorKey.X509_PREFIX.length;
            CreatorKey creator = CreatorKey.of(Arrays.copyOfRange(encoded, start, encoded.length));
            return new ImageKeys(pair.getPrivate(), creator);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no Ed25519", missing);
        }
    }

    /// Loads the pair in `file`; if there is no such file, makes it with a new pair.
    ///
    /// @throws ManifestFormatException if the file is no key file or others may read it
    public static ImageKeys loadOrCreate(Path file) throws IOException, ManifestFormatException {
        if (Files.notExists(file)) {
            try {
                return create(file);
            } catch (FileAlreadyExistsException madeMeanwhile) {
                return load(file);
            }
        }
        return load(file);
    }

    /// Loads the pair in `file`.
    ///
    /// @throws ManifestFormatException if the file is no key file or others may read it
    public static ImageKeys load(Path file) throws IOException, ManifestFormatException {
        Set<PosixFilePermission> others =
                EnumSet.copyOf(PosixFilePermissions.fromString("---rwxrwx"));
        others.retainAll(Files.getPosixFilePermissions(file));
        if (!others.isEmpty()) {
            throw new ManifestFormatException(
                    "image key: other users may read " + file + "; run chmod 600 on it");
        }
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new ManifestFormatException("image key: " + file + " is too long for a key file");
        }
        List<String> lines =
                new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).lines().toList();
        if (lines.size() != 3 || !lines.get(0).equals(FIRST_LINE)) {
            throw new ManifestFormatException(
                    "image key: expected three lines, the first being "
                            + FIRST_LINE
                            + ", in "
                            + file);
        }
        byte[] seed = keyLine(file, "private ", lines.get(1));
        CreatorKey creator = CreatorKey.of(keyLine(file, "public ", lines.get(2)));
        return checked(file, seed, creator);
    }

    private static byte[] keyLine(Path file, String name, String line)
            throws ManifestFormatException {
        String hex = line.startsWith(name) ? line.substring(name.length()) : "";
        if (hex.length() != 64 || !hex.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new ManifestFormatException(
                    "image key: expected " + name + "and 64 hexadecimal digits in " + file);
        }
        return HexFormat.of().parseHex(hex);
    }

    private static ImageKeys checked(Path file, byte[] seed, CreatorKey creator)
            throws ManifestFormatException {
        byte[] encoded = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + seed.length);
        System.arraycopy(seed, 0, encoded, PKCS8_PREFIX.length, seed.length);
        try {
            PrivateKey privateKey =
                    KeyFactory.getInstance("Ed25519")
                            .generatePrivate(new PKCS8EncodedKeySpec(encoded));
            ImageKeys keys = new ImageKeys(privateKey, creator);
            byte[] probe = FIRST_LINE.getBytes(StandardCharsets.US_ASCII);
            if (creator.verifies(probe, keys.sign(probe))) {
                return keys;
            }
        } catch (GeneralSecurityException _) {
            // Said below: neither fits the other.
        }
        throw new ManifestFormatException(
                "image key: private and public key in " + file + " do not belong together");
    }

    private static ImageKeys create(Path file) throws IOException {
        ImageKeys keys = generate();
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        HexFormat hex = HexFormat.of();
        byte[] encoded = keys.privateKey.getEncoded();
        String text =
                FIRST_LINE
                        + "\nprivate "
                        + hex.formatHex(encoded, PKCS8_PREFIX.length, encoded.length)
                        + "\npublic "
                        + keys.creator
                        + "\n";
        var onlyOwner =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var out =
                Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        onlyOwner)) {
            out.write(StandardCharsets.US_ASCII.encode(text));
        }
        return keys;
    }

    /// The public key.
    public CreatorKey creator() {
        return creator;
    }

    /// The 64 bytes of the signature over `message`.
    byte[] sign(byte[] message) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(privateKey);
            ed25519.update(message);
            byte[] signature = ed25519.sign();
            if (signature.length != SIGNATURE_BYTES) {
                throw new IllegalStateException("signature has " + signature.length + " bytes");
            }
            return signature;
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java cannot sign with Ed25519", missing);
        }
    }

    /// Names the public key only.
    @Override
    public String toString() {
        return "ImageKeys[" + creator + "]";
    }
}
