// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// The WireGuard keys of one attachment. Made where they are used; only the public one leaves.
///
/// @param privateKey the secret half
/// @param publicKey the half that names the attachment to its peers
public record KeyPair(PrivateKey privateKey, PublicKey publicKey) {
    private static final SecureRandom RANDOM = new SecureRandom();

    /// Makes a new pair.
    public static KeyPair generate() {
        byte[] secret = new byte[PublicKey.LENGTH_BYTES];
        X25519.generatePrivateKey(RANDOM, secret);
        return of(PrivateKey.of(secret));
    }

    /// The pair that belongs to a stored private key.
    public static KeyPair of(PrivateKey privateKey) {
        byte[] open = new byte[PublicKey.LENGTH_BYTES];
        X25519.generatePublicKey(privateKey.bytes(), 0, open, 0);
        return new KeyPair(privateKey, PublicKey.of(open));
    }
}
