// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Optional;

/// The chaining key and the transcript hash of a Noise handshake in progress.
///
/// Source: the Noise protocol framework, section 5.2, with WireGuard's names.
final class SymmetricState {
    private static final byte[] CONSTRUCTION =
            "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(US_ASCII);
    private static final byte[] IDENTIFIER =
            "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(US_ASCII);
    private static final byte[] INITIAL_CHAINING_KEY = Blake2s.hash(CONSTRUCTION);
    private static final byte[] INITIAL_HASH = Blake2s.hash(INITIAL_CHAINING_KEY, IDENTIFIER);
    private static final byte[] FAST_FRAMES =
            "sparegrid fast frames 1 AES-256-GCM".getBytes(US_ASCII);
    private static final byte[] NOTHING = {};

    private byte[] chainingKey = INITIAL_CHAINING_KEY;
    private byte[] hash;

    /// Begins a handshake towards the owner of the public key `responder`.
    SymmetricState(byte[] responder) {
        hash = Blake2s.hash(INITIAL_HASH, responder);
    }

    private SymmetricState(byte[] chainingKey, byte[] hash) {
        this.chainingKey = chainingKey;
        this.hash = hash;
    }

    /// A state that goes on from here on its own.
    SymmetricState copy() {
        return new SymmetricState(chainingKey, hash);
    }

    void mixHash(byte[] data) {
        hash = Blake2s.hash(hash, data);
    }

    void mixKey(byte[] input) {
        chainingKey = Blake2s.derive(chainingKey, input, 1)[0];
    }

    /// Mixes a shared secret in and returns a key for one sealed field.
    AeadKey mixKeyForSealing(byte[] input) {
        byte[][] keys = Blake2s.derive(chainingKey, input, 2);
        chainingKey = keys[0];
        return new AeadKey(keys[1]);
    }

    /// Mixes the preshared key in and returns a key for one sealed field.
    AeadKey mixPresharedKey(byte[] psk) {
        byte[][] keys = Blake2s.derive(chainingKey, psk, 3);
        chainingKey = keys[0];
        mixHash(keys[1]);
        return new AeadKey(keys[2]);
    }

    byte[] seal(AeadKey key, byte[] text) {
        byte[] sealed = key.seal(0, text, hash);
        mixHash(sealed);
        return sealed;
    }

    Optional<byte[]> open(AeadKey key, byte[] sealed) {
        Optional<byte[]> text = key.open(0, sealed, hash);
        if (text.isPresent()) {
            mixHash(sealed);
        }
        return text;
    }

    /// The keys of the session, all independent of each other: WireGuard's, and under a label of
    /// their own those of fast frames (docs/protocol/fast-frames.md).
    TransportKeys split(boolean initiator) {
        return TransportKeys.of(
                initiator,
                Blake2s.derive(chainingKey, NOTHING, 2),
                Blake2s.derive(chainingKey, FAST_FRAMES, 2));
    }
}
