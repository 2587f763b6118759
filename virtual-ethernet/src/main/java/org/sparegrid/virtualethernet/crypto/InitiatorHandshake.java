// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.HandshakeResponse;

/// Our side of a handshake that we began. Source: the WireGuard white paper, section 5.4.
public final class InitiatorHandshake {
    private final SymmetricState state;
    private final byte[] ephemeral;
    private final KeyPair local;
    private final PresharedKey presharedKey;
    private final HandshakeInitiation message;

    private InitiatorHandshake(
            SymmetricState state,
            byte[] ephemeral,
            KeyPair local,
            PresharedKey presharedKey,
            HandshakeInitiation message) {
        this.state = state;
        this.ephemeral = ephemeral;
        this.local = local;
        this.presharedKey = presharedKey;
        this.message = message;
    }

    /// Begins a handshake; empty if the remote key is a point of small order.
    ///
    /// @param timestamp 12 bytes of TAI64N, greater than in every handshake before
    public static Optional<InitiatorHandshake> begin(
            KeyPair local,
            PublicKey remote,
            PresharedKey presharedKey,
            int senderIndex,
            byte[] timestamp,
            RandomGenerator random) {
        byte[] remoteKey = remote.bytes();
        byte[] localSecret = local.privateKey().bytes();
        byte[] ephemeral = Curve.generate(random);
        Optional<byte[]> ephemeralStatic = Curve.agree(ephemeral, remoteKey);
        Optional<byte[]> staticStatic = Curve.agree(localSecret, remoteKey);
        if (ephemeralStatic.isEmpty() || staticStatic.isEmpty()) {
            return Optional.empty();
        }
        byte[] ephemeralPublic = Curve.publicKey(ephemeral);
        SymmetricState state = new SymmetricState(remoteKey);
        state.mixKey(ephemeralPublic);
        state.mixHash(ephemeralPublic);
        AeadKey staticSealer = state.mixKeyForSealing(ephemeralStatic.get());
        byte[] sealedStatic = state.seal(staticSealer, local.publicKey().bytes());
        AeadKey timestampSealer = state.mixKeyForSealing(staticStatic.get());
        byte[] sealedTimestamp = state.seal(timestampSealer, timestamp);
        HandshakeInitiation message =
                HandshakeInitiation.of(senderIndex, ephemeralPublic, sealedStatic, sealedTimestamp);
        return Optional.of(new InitiatorHandshake(state, ephemeral, local, presharedKey, message));
    }

    /// The message to send, its MACs still zero.
    public HandshakeInitiation message() {
        return message;
    }

    /// Completes the handshake; empty if the response is not the one to this initiation. A refused
    /// response changes nothing, so that the genuine one can still follow.
    public Optional<TransportKeys> finish(HandshakeResponse response) {
        byte[] remoteEphemeral = response.ephemeral();
        Optional<byte[]> ephemerals = Curve.agree(ephemeral, remoteEphemeral);
        Optional<byte[]> staticEphemeral = Curve.agree(local.privateKey().bytes(), remoteEphemeral);
        if (ephemerals.isEmpty() || staticEphemeral.isEmpty()) {
            return Optional.empty();
        }
        SymmetricState attempt = state.copy();
        attempt.mixKey(remoteEphemeral);
        attempt.mixHash(remoteEphemeral);
        attempt.mixKey(ephemerals.get());
        attempt.mixKey(staticEphemeral.get());
        AeadKey opener = attempt.mixPresharedKey(presharedKey.bytes());
        if (attempt.open(opener, response.sealedEmpty()).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(attempt.split(true));
    }
}
