// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.probe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.sparegrid.virtualethernet.crypto.Blake2s;
import org.sparegrid.virtualethernet.crypto.Curve;
import org.sparegrid.virtualethernet.crypto.ExtendedNonceAead;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Seals probes between the owners of two WireGuard keys, with one key for each direction.
///
/// ```text
///  offset  size  field
///       0     6  D1 53 50 47 52 44
///       6     1  version 1
///       7     1  zero
///       8     8  tag: who sends to whom, known only to those who know both public keys
///      16    24  nonce, random
///      40     n  XChaCha20-Poly1305 of the text, bytes 0 to 39 associated; 16 bytes of tag
/// ```
///
/// Source: docs/protocol/path-probe.md, section 1.
public final class ProbeSeal {
    /// Bytes around the text.
    public static final int OVERHEAD_BYTES = 56;

    private static final int TEXT_OFFSET = 40;
    private static final long MAGIC = 0xD153_5047_5244_0100L;
    private static final byte[] KEY_LABEL =
            "sparegrid probe key 1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TAG_LABEL =
            "sparegrid probe tag 1".getBytes(StandardCharsets.US_ASCII);

    private final byte[] sendKey;
    private final byte[] receiveKey;
    private final long sendTag;

    private ProbeSeal(byte[] sendKey, byte[] receiveKey, long sendTag) {
        this.sendKey = sendKey;
        this.receiveKey = receiveKey;
        this.sendTag = sendTag;
    }

    /// The seal of `own` towards `peer`; empty if the peer's key is a point of small order. Costs a
    /// key agreement.
    public static Optional<ProbeSeal> between(KeyPair own, PublicKey peer) {
        return Curve.agree(own.privateKey().bytes(), peer.bytes())
                .map(secret -> {
                    byte[] mine = own.publicKey().bytes();
                    byte[] theirs = peer.bytes();
                    boolean first = Arrays.compareUnsigned(mine, theirs) < 0;
                    byte[] salt =
                            first
                                    ? Blake2s.hash(KEY_LABEL, mine, theirs)
                                    : Blake2s.hash(KEY_LABEL, theirs, mine);
                    byte[][] keys = Blake2s.derive(salt, secret, 2);
                    return new ProbeSeal(
                            keys[first ? 0 : 1], keys[first ? 1 : 0], tag(own.publicKey(), peer));
                });
    }

    /// The tag of what `sender` seals for `receiver`.
    public static long tag(PublicKey sender, PublicKey receiver) {
        return ByteBuffer.wrap(Blake2s.hash(TAG_LABEL, sender.bytes(), receiver.bytes())).getLong();
    }

    /// Whether a datagram can be a probe, which no other message on the port can.
    public static boolean isProbe(byte[] datagram) {
        return datagram.length >= OVERHEAD_BYTES
                && datagram[0] == (byte) 0xD1
                && ByteBuffer.wrap(datagram).getLong() == MAGIC;
    }

    /// The tag of a datagram of which [#isProbe] holds.
    public static long tag(byte[] datagram) {
        return ByteBuffer.wrap(datagram).getLong(8);
    }

    /// The datagram that carries `probe`.
    public byte[] seal(Probe probe, RandomGenerator random) {
        byte[] nonce = new byte[ExtendedNonceAead.NONCE_LENGTH];
        random.nextBytes(nonce);
        byte[] head =
                ByteBuffer.allocate(TEXT_OFFSET).putLong(MAGIC).putLong(sendTag).put(nonce).array();
        byte[] sealed = ExtendedNonceAead.seal(sendKey, nonce, probe.toBytes(), head);
        return ByteBuffer.allocate(head.length + sealed.length).put(head).put(sealed).array();
    }

    /// The probe in a datagram of which [#isProbe] holds; empty if the peer did not seal it for us.
    ///
    /// @throws WireFormatException if the peer sealed something else
    public Optional<Probe> open(byte[] datagram) throws WireFormatException {
        byte[] head = Arrays.copyOf(datagram, TEXT_OFFSET);
        byte[] nonce = Arrays.copyOfRange(datagram, 16, TEXT_OFFSET);
        byte[] sealed = Arrays.copyOfRange(datagram, TEXT_OFFSET, datagram.length);
        Optional<byte[]> text = ExtendedNonceAead.open(receiveKey, nonce, sealed, head);
        return text.isEmpty() ? Optional.empty() : Optional.of(Probe.parse(text.get()));
    }
}
