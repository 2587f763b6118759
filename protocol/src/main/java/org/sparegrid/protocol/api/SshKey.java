// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/// A public key with which a person logs in at the SSH gateway.
///
/// @param fingerprint `SHA256:` and 43 characters, as `ssh-keygen -l` prints it
/// @param type the algorithm, as `ssh-ed25519`
/// @param name what its owner calls it
/// @param created when it was added
public record SshKey(String fingerprint, String type, String name, Instant created) {
    private static final String FINGERPRINT = "SHA256:[A-Za-z0-9+/]{43}";

    /// The shortest RSA key that is taken.
    private static final int RSA_BITS_MIN = 2048;

    /// The text of a fingerprint within a path of the REST interface, where `/` can't stand.
    ///
    /// @throws IllegalArgumentException if it is none
    public static String toPath(String fingerprint) {
        if (!fingerprint.matches(FINGERPRINT)) {
            throw new IllegalArgumentException(
                    "expected SHA256: and 43 characters, as ssh-key ls prints it, got '"
                            + fingerprint
                            + "'");
        }
        return fingerprint.substring(7).replace('+', '-').replace('/', '_');
    }

    /// The fingerprint that [#toPath] wrote.
    public static String ofPath(String path) {
        return "SHA256:" + path.replace('-', '+').replace('_', '/');
    }

    /// Asks to add a key.
    ///
    /// @param key one line as in a `.pub` file: type, key in base 64, and perhaps a name
    public record Request(String key) {
        /// Longer than an RSA key of 16,384 bits.
        private static final int LENGTH_MAX = 4_000;

        public Request {
            key = key.strip();
            if (key.length() > LENGTH_MAX || parts(key).length < 2) {
                throw malformed();
            }
            byte[] blob = blob(key);
            String type = parts(key)[0];
            if (!type.matches("ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)")) {
                throw new IllegalArgumentException(
                        "key: expected ssh-ed25519, ecdsa-sha2-nistp256, -384, -521 or ssh-rsa");
            }
            try {
                ByteBuffer fields = ByteBuffer.wrap(blob);
                if (!new String(field(fields), StandardCharsets.US_ASCII).equals(type)) {
                    throw malformed();
                }
                if (type.equals("ssh-rsa")) {
                    field(fields);
                    int bits = new BigInteger(1, field(fields)).bitLength();
                    if (bits < RSA_BITS_MIN) {
                        throw new IllegalArgumentException(
                                "key: expected RSA of at least 2048 bits, got " + bits);
                    }
                }
            } catch (BufferUnderflowException cut) {
                throw malformed();
            }
        }

        /// The algorithm.
        public String type() {
            return parts(key)[0];
        }

        /// What follows the key in its line, or nothing; at most 100 letters, digits and marks.
        public String name() {
            String[] parts = parts(key);
            String name = parts.length < 3 ? "" : parts[2].replaceAll("[^\\p{L}\\p{N} @._-]", "");
            return name.length() > 100 ? name.substring(0, 100) : name;
        }

        /// What `ssh-keygen -l` calls it by. Source: RFC 4716, section 4, with SHA-256.
        public String fingerprint() {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(blob(key));
                return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("this Java has no SHA-256", impossible);
            }
        }

        private static String[] parts(String line) {
            return line.split("[ \\t]+", 3);
        }

        private static byte[] blob(String line) {
            try {
                return Base64.getDecoder().decode(parts(line)[1]);
            } catch (IllegalArgumentException notBase64) {
                throw malformed();
            }
        }

        private static byte[] field(ByteBuffer blob) {
            int length = blob.getInt();
            if (length < 0 || length > blob.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] field = new byte[length];
            blob.get(field);
            return field;
        }

        private static IllegalArgumentException malformed() {
            return new IllegalArgumentException(
                    "key: expected the line of a .pub file, as 'ssh-ed25519 AAAA... name'");
        }
    }

    /// An account's keys, the oldest first, and where they are good.
    ///
    /// @param gateway the SSH gateway, `HOST:PORT`; empty if the operator runs none
    /// @param hostKey the fingerprint of its host key, or empty
    public record Page(List<SshKey> keys, String gateway, String hostKey) {
        public Page {
            keys = List.copyOf(keys);
        }
    }
}
