// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.imagetools.manifest.CreatorKey;

/// The Ed25519 key of whoever makes releases. Its file is PEM, as `openssl genpkey` writes it.
public final class ReleaseKey {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final int FILE_BYTES_MAX = 4096;

    private final PrivateKey key;

    private ReleaseKey(PrivateKey key) {
        this.key = key;
    }

    /// Makes a new key in a file that only its owner may read.
    ///
    /// @return its public half, for the setting `update-key`
    /// @throws IOException if there is such a file already
    public static CreatorKey create(Path file) throws IOException {
        if (Files.exists(file)) {
            throw new IOException(file + " exists; a key is never overwritten");
        }
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            String text = Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded());
            AtomicFile.write(
                    file.toAbsolutePath(),
                    (BEGIN + "\n" + text + "\n" + END + "\n").getBytes(StandardCharsets.US_ASCII));
            byte[] encoded = pair.getPublic().getEncoded();
            return CreatorKey.of(
                    Arrays.copyOfRange(
                            encoded, encoded.length - CreatorKey.LENGTH_BYTES, encoded.length));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no Ed25519", missing);
        }
    }

    /// Loads the key in a file.
    ///
    /// @throws IOException if it is none, or others may read it
    public static ReleaseKey load(Path file) throws IOException {
        String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        if (!permissions.endsWith("------")) {
            throw new IOException("others may read " + file + "; run: chmod 600 " + file);
        }
        String text =
                Files.size(file) > FILE_BYTES_MAX
                        ? ""
                        : Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        try {
            if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
                throw new IOException(file + ": expected a private key in PEM");
            }
            byte[] encoded =
                    Base64.getMimeDecoder()
                            .decode(text.substring(BEGIN.length(), text.length() - END.length()));
            return new ReleaseKey(
                    KeyFactory.getInstance("Ed25519")
                            .generatePrivate(new PKCS8EncodedKeySpec(encoded)));
        } catch (GeneralSecurityException | IllegalArgumentException bad) {
            throw new IOException(file + ": expected an Ed25519 key", bad);
        }
    }

    byte[] sign(byte[] message) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(key);
            ed25519.update(message);
            return ed25519.sign();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java cannot sign with Ed25519", missing);
        }
    }
}
