// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Argon2id over passwords, with the result in the PHC text form.
///
/// Source: RFC 9106; the costs are those that OWASP's password storage sheet recommends.
final class Passwords {
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    /// Hashes computed at once; each takes 19 MiB and a core, further callers wait.
    private static final int CONCURRENT_MAX = 4;

    private static final String COSTS =
            "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=" + LANES + "$";
    private static final Pattern FORM =
            Pattern.compile(Pattern.quote(COSTS) + "([A-Za-z0-9+/]{22})[$]([A-Za-z0-9+/]{43})");

    private final Semaphore turns = new Semaphore(CONCURRENT_MAX, true);
    private final SecureRandom random;

    Passwords(SecureRandom random) {
        this.random = random;
    }

    String hash(String password) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        Base64.Encoder text = Base64.getEncoder().withoutPadding();
        return COSTS
                + text.encodeToString(salt)
                + "$"
                + text.encodeToString(argon2id(password, salt));
    }

    boolean check(String password, String hash) {
        Matcher parts = FORM.matcher(hash);
        if (!parts.matches()) {
            throw new IllegalArgumentException("password hash: expected the form " + COSTS + "…");
        }
        byte[] salt = Base64.getDecoder().decode(parts.group(1));
        byte[] expected = Base64.getDecoder().decode(parts.group(2));
        return MessageDigest.isEqual(expected, argon2id(password, salt));
    }

    private byte[] argon2id(String password, byte[] salt) {
        turns.acquireUninterruptibly();
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(
                    new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                            .withMemoryAsKB(MEMORY_KIB)
                            .withIterations(PASSES)
                            .withParallelism(LANES)
                            .withSalt(salt)
                            .build());
            byte[] hash = new byte[HASH_BYTES];
            generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
            return hash;
        } finally {
            turns.release();
        }
    }
}
