// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.HandshakeResponse;

class CryptoTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] NOTHING = {};

    private static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    /// Source: RFC 7693, appendix B.
    @Test
    void hashesAsThePublishedVectorOfBlake2s() {
        assertThat(HEX.formatHex(Blake2s.hash("abc".getBytes(US_ASCII))))
                .isEqualTo("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
    }

    /// Source: Python's hashlib and hmac.
    @Test
    void derivesKeysAndMacsAsAnotherImplementation() {
        byte[][] keys = Blake2s.derive(counting(32), "input".getBytes(US_ASCII), 3);
        assertThat(HEX.formatHex(keys[0]))
                .isEqualTo("87b7f70b24183c6db5dc4f6d9f4c47cdb203321aa2a0bef714896adb3107a040");
        assertThat(HEX.formatHex(keys[1]))
                .isEqualTo("538a02e1eb2e31b7e4d4b82476d1fe2acf50085d3fb584537279195f5d1f5824");
        assertThat(HEX.formatHex(keys[2]))
                .isEqualTo("9ad858025593be88de0f9442a589cfe84a88dc19e4753d93684d1c5efc4837f9");
        byte[] message = "message and more".getBytes(US_ASCII);
        assertThat(HEX.formatHex(Blake2s.mac(counting(32), message, 7)))
                .isEqualTo("2b75eb9c63ca8524ff53d01905b406eb");
    }

    /// Source: RFC 7748, section 5.2.
    @Test
    void agreesAsThePublishedVectorOfX25519() {
        byte[] scalar =
                HEX.parseHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
        byte[] point =
                HEX.parseHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
        assertThat(Curve.agree(scalar, point).map(HEX::formatHex))
                .contains("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
        assertThat(Curve.agree(scalar, new byte[32])).isEmpty();
    }

    /// Source: draft-irtf-cfrg-xchacha-03, section 2.2.1.
    @Test
    void derivesSubKeysAsThePublishedVectorOfHChaCha20() {
        byte[] nonce = HEX.parseHex("000000090000004a0000000031415927");
        assertThat(HEX.formatHex(ExtendedNonceAead.hChaCha20(counting(32), nonce)))
                .isEqualTo("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
    }

    /// Source: draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    @Test
    void sealsAsThePublishedVectorOfXChaCha() {
        byte[] text =
                ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for"
                                + " the future, sunscreen would be it.")
                        .getBytes(US_ASCII);
        byte[] key =
                HEX.parseHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
        byte[] nonce = HEX.parseHex("404142434445464748494a4b4c4d4e4f5051525354555657");
        byte[] associated = HEX.parseHex("50515253c0c1c2c3c4c5c6c7");
        byte[] sealed = ExtendedNonceAead.seal(key, nonce, text, associated);
        assertThat(HEX.formatHex(sealed))
                .startsWith("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb")
                .endsWith("c0875924c1c7987947deafd8780acf49");
        assertThat(ExtendedNonceAead.open(key, nonce, sealed, associated)).contains(text);
        sealed[3] ^= 1;
        assertThat(ExtendedNonceAead.open(key, nonce, sealed, associated)).isEmpty();
    }

    @Test
    void opensAGenuinePacketAfterAForgedOneWithTheSameCounter() {
        AeadKey key = new AeadKey(counting(32));
        byte[] sealed = key.seal(5, "hello".getBytes(US_ASCII), NOTHING);
        byte[] forged = sealed.clone();
        forged[0] ^= 1;
        AeadKey opener = new AeadKey(counting(32));
        assertThat(opener.open(5, forged, NOTHING)).isEmpty();
        assertThat(opener.open(5, sealed, NOTHING)).contains("hello".getBytes(US_ASCII));
    }

    @Test
    void handshakeGivesBothSidesTheSameKeysUnlessAnyBitIsChanged() {
        Property.holds(
                40,
                random -> {
                    KeyPair a = KeyPair.generate();
                    KeyPair b = KeyPair.generate();
                    byte[] secret = new byte[32];
                    random.nextBytes(secret);
                    PresharedKey psk = PresharedKey.of(secret);
                    SecureRandom secure = new SecureRandom();
                    InitiatorHandshake initiator =
                            InitiatorHandshake.begin(a, b.publicKey(), psk, 1, counting(12), secure)
                                    .orElseThrow();
                    HandshakeInitiation first = initiator.message();
                    ResponderHandshake responder = ResponderHandshake.open(b, first).orElseThrow();
                    assertThat(responder.remote()).isEqualTo(a.publicKey());
                    assertThat(responder.timestamp()).isEqualTo(counting(12));
                    ResponderHandshake.Answer answer =
                            responder.respond(psk, 2, secure).orElseThrow();
                    HandshakeResponse second = answer.message();
                    HandshakeResponse spoilt = flip(second, 12 + random.nextInt(48));
                    assertThat(initiator.finish(spoilt)).isEmpty();
                    TransportKeys ours = initiator.finish(second).orElseThrow();
                    TransportKeys theirs = answer.keys();
                    assertThat(ours.send()).isEqualTo(theirs.receive());
                    assertThat(ours.receive()).isEqualTo(theirs.send());
                    assertThat(ours.fastSend()).isEqualTo(theirs.fastReceive());
                    assertThat(ours.fastReceive()).isEqualTo(theirs.fastSend());
                    assertThat(
                                    Set.of(
                                            ours.send(),
                                            ours.receive(),
                                            ours.fastSend(),
                                            ours.fastReceive()))
                            .hasSize(4);
                    first.bytes()[8 + random.nextInt(108)] ^= 1;
                    boolean ignored = ResponderHandshake.open(b, first).isPresent();
                    assertThat(ignored).isFalse();
                });
    }

    /// The message with one bit changed.
    private static HandshakeResponse flip(HandshakeResponse message, int at) {
        byte[] bytes = message.bytes().clone();
        bytes[at] ^= 1;
        return HandshakeResponse.of(
                message.senderIndex(),
                message.receiverIndex(),
                Arrays.copyOfRange(bytes, 12, 44),
                Arrays.copyOfRange(bytes, 44, 60));
    }

    @Test
    void replayWindowAcceptsEachCounterOnceAndNoneTooOld() {
        Property.holds(
                200,
                random -> {
                    ReplayWindow window = new ReplayWindow();
                    Set<Long> seen = new HashSet<>();
                    long newest = 0;
                    for (int i = 0; i < 500; i++) {
                        long step = random.nextInt(10) == 0 ? 20_000 : 100;
                        long counter = Math.max(0, newest - step / 2 + random.nextLong(step));
                        boolean tooOld = newest - counter >= ReplayWindow.SIZE;
                        assertThat(window.isNew(counter))
                                .isEqualTo(!seen.contains(counter) && !tooOld);
                        if (window.isNew(counter)) {
                            window.remember(counter);
                            seen.add(counter);
                            newest = Math.max(newest, counter);
                        }
                    }
                });
    }
}
