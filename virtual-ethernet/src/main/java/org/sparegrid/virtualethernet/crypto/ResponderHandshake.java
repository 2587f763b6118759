// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.HandshakeResponse;

/// Our side of a handshake that a peer began. Source: the WireGuard white paper, section 5.4.
public final class ResponderHandshake {
    private static final byte[] NOTHING = {};

    private final SymmetricState state;
    private final HandshakeInitiation initiation;
    private final PublicKey remote;
    private final byte[] timestamp;

    private ResponderHandshake(
            SymmetricState state,
            HandshakeInitiation initiation,
            PublicKey remote,
            byte[] timestamp) {
        this.state = state;
        this.initiation = initiation;
        this.remote = remote;
        this.timestamp = timestamp;
    }

    /// The response to send, its MACs still zero, and the keys it gives.
    ///
    /// @param message the second message of the handshake
    /// @param keys to be used for sending once the peer has used its own
    public record Answer(HandshakeResponse message, TransportKeys keys) {}

    /// Reads an initiation; empty if it was not made for `local` by the owner of the key in it.
    public static Optional<ResponderHandshake> open(KeyPair local, HandshakeInitiation initiation) {
        byte[] secret = local.privateKey().bytes();
        byte[] ephemeral = initiation.ephemeral();
        Optional<byte[]> staticEphemeral = Curve.agree(secret, ephemeral);
        if (staticEphemeral.isEmpty()) {
            return Optional.empty();
        }
        SymmetricState state = new SymmetricState(local.publicKey().bytes());
        state.mixKey(ephemeral);
        state.mixHash(ephemeral);
        AeadKey staticOpener = state.mixKeyForSealing(staticEphemeral.get());
        return state.open(staticOpener, initiation.sealedStatic())
                .flatMap(remote -> openTimestamp(state, secret, remote, initiation));
    }

    private static Optional<ResponderHandshake> openTimestamp(
            SymmetricState state, byte[] secret, byte[] remote, HandshakeInitiation initiation) {
        Optional<byte[]> staticStatic = Curve.agree(secret, remote);
        if (staticStatic.isEmpty()) {
            return Optional.empty();
        }
        AeadKey opener = state.mixKeyForSealing(staticStatic.get());
        return state.open(opener, initiation.sealedTimestamp())
                .map(time -> new ResponderHandshake(state, initiation, PublicKey.of(remote), time));
    }

    /// The peer that proved it has the private key.
    public PublicKey remote() {
        return remote;
    }

    /// The 12 bytes of TAI64N in the initiation, to be compared as unsigned bytes.
    public byte[] timestamp() {
        return timestamp.clone();
    }

    /// Names the peer's side of the session.
    public int senderIndex() {
        return initiation.senderIndex();
    }

    /// Answers; empty if the peer sent points of small order. Called once.
    public Optional<Answer> respond(
            PresharedKey presharedKey, int senderIndex, RandomGenerator random) {
        byte[] ephemeral = Curve.generate(random);
        byte[] ephemeralPublic = Curve.publicKey(ephemeral);
        Optional<byte[]> ephemerals = Curve.agree(ephemeral, initiation.ephemeral());
        Optional<byte[]> ephemeralStatic = Curve.agree(ephemeral, remote.bytes());
        if (ephemerals.isEmpty() || ephemeralStatic.isEmpty()) {
            return Optional.empty();
        }
        state.mixKey(ephemeralPublic);
        state.mixHash(ephemeralPublic);
        state.mixKey(ephemerals.get());
        state.mixKey(ephemeralStatic.get());
        AeadKey sealer = state.mixPresharedKey(presharedKey.bytes());
        byte[] empty = state.seal(sealer, NOTHING);
        HandshakeResponse message =
                HandshakeResponse.of(senderIndex, initiation.senderIndex(), ephemeralPublic, empty);
        return Optional.of(new Answer(message, state.split(false)));
    }
}
