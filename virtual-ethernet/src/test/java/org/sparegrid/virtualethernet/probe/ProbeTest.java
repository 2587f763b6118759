// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.wire.WireFormatException;

class ProbeTest {
    private static final InetSocketAddress SEEN =
            new InetSocketAddress(InetAddress.ofLiteral("203.0.113.7"), 41_777);

    private static KeyPair keys(RandomGenerator random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        return KeyPair.of(PrivateKey.of(secret));
    }

    @Test
    void writesTheTextsOfTheSpecification() {
        assertThat(HexFormat.of().formatHex(new Probe.Ping(0x0102030405060708L, 27).toBytes()))
                .isEqualTo("010102030405060708" + "00".repeat(18));
        assertThat(HexFormat.of().formatHex(new Probe.Pong(1, Optional.of(SEEN)).toBytes()))
                .isEqualTo("02000000000000000100000000000000000000ffffcb007107a331");
        assertThat(
                        HexFormat.of()
                                .formatHex(
                                        new Probe.CallMe(true, true, 258, List.of(SEEN)).toBytes()))
                .isEqualTo("030301020100000000000000000000ffffcb007107a331");
        assertThat(HexFormat.of().formatHex(new Probe.Fan(256, 1024).toBytes()))
                .isEqualTo("0401000400");
    }

    @ParameterizedTest
    @CsvSource({
        "01, 'expected 5 to 9000 bytes, got 1'",
        "0500000000, 'expected type 1 to 4 at offset 0, got 5'",
        "0400000000, 'expected a fan of 5 bytes and some ports, got 5'",
        "040100040000, 'expected a fan of 5 bytes and some ports, got 6'",
        "010000000000000001, 'expected a ping of 27 bytes or more, got 9'",
        "010000000000000001000000000000000000000000000000000001, 'expected zeros in a ping'",
        "0200000000, 'expected a pong of 27 bytes, got 5'",
        "02000000000000000100000000000000000000ffffe00000010001, 'expected an address or zeros'",
        "02000000000000000100000000000000000000ffff000000000000, 'zeros at offset 9, got /0.0.0.0'",
        "02000000000000000100000000000000000000ffff000000000001, 'expected an address or zeros'",
        "0304000000, 'expected known flags'",
        "0300000011, 'up to 16 candidates, got 0 and 17'",
        "0300000001, 'expected 1 candidates, got 0 bytes'",
        "030000000100000000000000000000ffffcb0071070000, 'expected a machine''s address'",
        "030000000100000000000000000000ffff000000000001, 'expected a machine''s address'",
    })
    void rejectsAndSaysWhy(String hex, String why) {
        assertThatThrownBy(() -> Probe.parse(HexFormat.of().parseHex(hex)))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void opensOnlyWhatThePeerSealedForUsAndNothingBetweenChanged() {
        Property.holds(
                200,
                random -> {
                    KeyPair one = keys(random);
                    KeyPair other = keys(random);
                    Probe ping = new Probe.Ping(random.nextLong(), 27 + random.nextInt(100));
                    ProbeSeal mine = ProbeSeal.between(one, other.publicKey()).orElseThrow();
                    ProbeSeal theirs = ProbeSeal.between(other, one.publicKey()).orElseThrow();
                    byte[] datagram = mine.seal(ping, random);
                    assertThat(ProbeSeal.isProbe(datagram)).isTrue();
                    assertThat(ProbeSeal.tag(datagram))
                            .isEqualTo(ProbeSeal.tag(one.publicKey(), other.publicKey()));
                    assertThat(theirs.open(datagram)).contains(ping);
                    assertThat(mine.open(datagram)).as("reflected to its sender").isEmpty();
                    datagram[8 + random.nextInt(datagram.length - 8)] ^=
                            (byte) (1 << random.nextInt(8));
                    assertThat(theirs.open(datagram)).isEmpty();
                });
    }

    @Test
    void isRefusedForAKeyThatAgreesWithEveryOther() {
        var weak = org.sparegrid.virtualethernet.network.PublicKey.of(new byte[32]);
        assertThat(ProbeSeal.between(KeyPair.generate(), weak)).isEmpty();
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        Property.holds(
                10_000,
                random -> {
                    byte[] any = new byte[5 + (random.nextInt(4) == 0 ? 0 : random.nextInt(60))];
                    random.nextBytes(any);
                    any[0] = (byte) (1 + random.nextInt(4));
                    any[1] &= 3;
                    any[4] &= 3;
                    try {
                        assertThat(Probe.parse(any).toBytes()).isEqualTo(any);
                    } catch (WireFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("probe: ");
                    }
                });
    }
}
