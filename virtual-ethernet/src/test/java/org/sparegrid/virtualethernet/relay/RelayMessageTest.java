// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.wire.WireFormatException;

class RelayMessageTest {
    @Test
    void writesTheMessagesOfTheSpecification() {
        assertThat(
                        HexFormat.of()
                                .formatHex(
                                        new RelayMessage.Packet(0xabcdef, false, new byte[] {4})
                                                .toBytes()))
                .isEqualTo("000088b5abcdef0004");
        assertThat(
                        HexFormat.of()
                                .formatHex(
                                        new RelayMessage.Packet(0xabcdef, true, new byte[] {4})
                                                .toBytes()))
                .isEqualTo("000188b5abcdef0004");
        assertThat(HexFormat.of().formatHex(new RelayMessage.Refused(1, 2).toBytes()))
                .isEqualTo("008088b500000000" + "04" + "0000000000000001" + "02");
        assertThat(HexFormat.of().formatHex(new RelayMessage.Challenge(1, new byte[16]).toBytes()))
                .isEqualTo("008088b500000000" + "02" + "0000000000000001" + "00".repeat(16));
    }

    @ParameterizedTest
    @CsvSource({
        "000088b5abcdef00, 'expected a header'",
        "000088b6abcdef0001, 'expected a header'",
        "000288b5abcdef0001, 'expected 18 bytes of control'",
        "004088b5000000000100000000000000000000, 'expected 18 bytes of control'",
        "008088b500000100010000000000000000ffff, 'of session 1'",
        "008088b50000000005000000000000000000, 'expected type 1 to 4 at offset 8, got 5'",
        "008088b50000000002000000000000000000, 'expected 33 to 33 bytes'",
        "008088b50000000001000000000000000000, 'expected 105 to 9000 bytes'",
    })
    void rejectsAndSaysWhy(String hex, String why) {
        assertThatThrownBy(() -> RelayMessage.parse(HexFormat.of().parseHex(hex)))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void neverFailsOtherwiseOnAnyBytesAndWritesWhatItRead() {
        Property.holds(
                10_000,
                random -> {
                    byte[] any = new byte[9 + random.nextInt(200)];
                    random.nextBytes(any);
                    System.arraycopy(
                            new byte[] {
                                0,
                                (byte)
                                        (random.nextInt(3) == 0
                                                ? random.nextInt(3)
                                                : random.nextInt(3) * 64),
                                (byte) 0x88,
                                (byte) 0xb5,
                                0,
                                0,
                                0,
                                0
                            },
                            0,
                            any,
                            0,
                            8);
                    any[8] = (byte) random.nextInt(6);
                    try {
                        assertThat(RelayMessage.parse(any).toBytes()).isEqualTo(any);
                    } catch (WireFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("relay: ");
                    }
                });
    }
}
