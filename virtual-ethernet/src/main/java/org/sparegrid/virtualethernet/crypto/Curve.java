// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// X25519. Source: RFC 7748.
public final class Curve {
    /// Bytes of a key.
    public static final int KEY_LENGTH = 32;

    private Curve() {}

    /// A new private key.
    public static byte[] generate(RandomGenerator random) {
        byte[] secret = new byte[KEY_LENGTH];
        random.nextBytes(secret);
        return secret;
    }

    /// The public key that belongs to `secret`.
    public static byte[] publicKey(byte[] secret) {
        byte[] open = new byte[KEY_LENGTH];
        X25519.generatePublicKey(secret, 0, open, 0);
        return open;
    }

    /// The secret shared with the owner of `open`; empty if that key is a point of small order.
    public static Optional<byte[]> agree(byte[] secret, byte[] open) {
        byte[] shared = new byte[KEY_LENGTH];
        return X25519.calculateAgreement(secret, 0, open, 0, shared, 0)
                ? Optional.of(shared)
                : Optional.empty();
    }
}
