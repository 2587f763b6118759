// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.sparegrid.virtualethernet.crypto.Blake2s;
import org.sparegrid.virtualethernet.crypto.Curve;
import org.sparegrid.virtualethernet.crypto.ExtendedNonceAead;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Seals what a machine and a relay tell each other of peers, by their two key pairs.
///
/// ```text
///  names, machine to relay:
///       0     1  count, at most 16
///       1  32 n  public keys of peers
///  sessions, relay to machine:
///       0    16  address from which the bind came, IPv4 as ::ffff:a.b.c.d
///      16     2  its port
///      18     1  count, as asked
///      19   4 n  per peer: status (0 = there, 1 = not there now, 2 = not of this network), session
/// ```
///
/// Source: docs/protocol/relay.md, section 2.
final class RelaySeal {
    /// Peers in one bind: then it fits into any path.
    static final int NAMES_MAX = 16;

    private static final byte[] LABEL = "sparegrid relay key 1".getBytes(StandardCharsets.US_ASCII);

    private final byte[] toRelay;
    private final byte[] toMachine;

    private RelaySeal(byte[] toRelay, byte[] toMachine) {
        this.toRelay = toRelay;
        this.toMachine = toMachine;
    }

    /// How to reach one peer through the relay.
    ///
    /// @param status 0 if the peer is there, 1 if not now, 2 if it never will be
    record Answer(int status, int session) {}

    /// What the relay says.
    record Sessions(InetSocketAddress seen, List<Answer> answers) {}

    /// The seal of a machine towards a relay; empty if the relay's key is none.
    static Optional<RelaySeal> ofMachine(KeyPair machine, PublicKey relay) {
        return agree(machine, relay, machine.publicKey(), relay);
    }

    /// The seal of a relay towards a machine; empty if the machine's key is none.
    static Optional<RelaySeal> ofRelay(KeyPair relay, PublicKey machine) {
        return agree(relay, machine, machine, relay.publicKey());
    }

    RelayMessage.Bind bind(
            long transaction,
            byte[] cookie,
            PublicKey machine,
            List<PublicKey> names,
            RandomGenerator random) {
        ByteBuffer text = ByteBuffer.allocate(1 + names.size() * PublicKey.LENGTH_BYTES);
        text.put((byte) names.size());
        names.forEach(name -> text.put(name.bytes()));
        byte[] nonce = nonce(random);
        byte[] head =
                new RelayMessage.Bind(transaction, cookie, machine, nonce, new byte[0]).head();
        byte[] sealed = ExtendedNonceAead.seal(toRelay, nonce, text.array(), head);
        return new RelayMessage.Bind(transaction, cookie, machine, nonce, sealed);
    }

    /// The names in a bind; empty if its machine did not seal it.
    Optional<List<PublicKey>> names(RelayMessage.Bind bind) throws WireFormatException {
        Optional<byte[]> text =
                ExtendedNonceAead.open(toRelay, bind.nonce(), bind.sealed(), bind.head());
        if (text.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(text.get());
        int count = in.hasRemaining() ? Byte.toUnsignedInt(in.get()) : -1;
        if (count < 0 || count > NAMES_MAX || in.remaining() != count * PublicKey.LENGTH_BYTES) {
            throw new WireFormatException("relay: expected up to 16 names, got " + count);
        }
        List<PublicKey> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] key = new byte[PublicKey.LENGTH_BYTES];
            in.get(key);
            names.add(PublicKey.of(key));
        }
        return Optional.of(names);
    }

    RelayMessage.Bound bound(long transaction, Sessions sessions, RandomGenerator random) {
        int count = sessions.answers().size();
        ByteBuffer text = ByteBuffer.allocate(Endpoints.LENGTH_BYTES + 1 + 4 * count);
        Endpoints.write(text, sessions.seen());
        text.put((byte) count);
        sessions.answers().forEach(each -> text.putInt(each.status() << 24 | each.session()));
        byte[] nonce = nonce(random);
        byte[] head = new RelayMessage.Bound(transaction, nonce, new byte[0]).head();
        return new RelayMessage.Bound(
                transaction, nonce, ExtendedNonceAead.seal(toMachine, nonce, text.array(), head));
    }

    /// The sessions in an answer; empty if the relay did not seal it.
    Optional<Sessions> sessions(RelayMessage.Bound bound) throws WireFormatException {
        Optional<byte[]> text =
                ExtendedNonceAead.open(toMachine, bound.nonce(), bound.sealed(), bound.head());
        if (text.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(text.get());
        if (in.remaining() <= Endpoints.LENGTH_BYTES) {
            throw new WireFormatException("relay: expected 19 bytes, got " + in.remaining());
        }
        InetSocketAddress seen = Endpoints.read(in);
        int count = Byte.toUnsignedInt(in.get());
        if (!Endpoints.isUsable(seen) || count > NAMES_MAX || in.remaining() != 4 * count) {
            throw new WireFormatException("relay: expected up to 16 sessions, got " + count);
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int word = in.getInt();
            answers.add(new Answer(word >>> 24, word & 0xffffff));
        }
        return Optional.of(new Sessions(seen, answers));
    }

    private static Optional<RelaySeal> agree(
            KeyPair own, PublicKey other, PublicKey machine, PublicKey relay) {
        byte[] salt = Blake2s.hash(LABEL, machine.bytes(), relay.bytes());
        return Curve.agree(own.privateKey().bytes(), other.bytes())
                .map(secret -> Blake2s.derive(salt, secret, 2))
                .map(keys -> new RelaySeal(keys[0], keys[1]));
    }

    private static byte[] nonce(RandomGenerator random) {
        byte[] nonce = new byte[ExtendedNonceAead.NONCE_LENGTH];
        random.nextBytes(nonce);
        return nonce;
    }
}
