// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.network.MacAddress;

class GroupMessagesTest {
    private static final String IPV4 = "01005e000016 025347000001 0800";
    private static final String IPV6 =
            "333300000016 025347000001 86dd 60000000%s0001 fe80000000000000005347fffe000001"
                    + " ff020000000000000000000000000016 3a00050200000100";

    private static String said(String hex) {
        EthernetFrame frame =
                assertDoesNotThrow(
                        () -> EthernetFrame.parse(HexFormat.of().parseHex(hex.replace(" ", ""))));
        return assertDoesNotThrow(() -> GroupMessages.changes(frame))
                .map(changes ->
                        changes.stream()
                                .map(change ->
                                        (change.listens() ? "+" : "-")
                                                + Long.toHexString(change.group()))
                                .collect(Collectors.joining(" ")))
                .orElse("none");
    }

    /// The layouts of RFC 1112, RFC 2236 and RFC 3376.
    @ParameterizedTest
    @CsvSource({
        "12000000 ef8a0b0c, 08, +1005e0a0b0c",
        "16000000 e1010203, 08, +1005e010203",
        "17000000 e1010203, 08, -1005e010203",
        "22000000 00000001 04000000 e1010203, 10, +1005e010203",
        "22000000 00000002 03000000 e1010203 05000001 e0090909 0a4d0009, 1c,"
                + " -1005e010203 +1005e090909",
        "22000000 00000001 06000001 e1010203 0a4d0009, 14, ''",
        "22000000 00000009 02000000 e1010203, 10, +1005e010203",
        "22000000 00000002 0200ffff e1010203 02000000 e1010204, 18, +1005e010203",
        "11000000 00000000, 08, none",
    })
    void readsReportsOfIpv4(String igmp, String length, String expected) {
        String message = igmp.replace(" ", "");
        assertThat(message).hasSize(2 * Integer.parseInt(length, 16));
        int total = 24 + message.length() / 2;
        assertThat(
                        said(
                                IPV4
                                        + " 4600%04x 0000000001020000 0a4d0001 e0000016 94040000"
                                                .formatted(total)
                                        + message))
                .isEqualTo(expected);
    }

    /// The layouts of RFC 2710 and RFC 3810.
    @ParameterizedTest
    @CsvSource({
        "83000000 00000000 ff020000000000000000000000001234, +333300001234",
        "84000000 00000000 ff020000000000000000000000001234, -333300001234",
        "8f000000 00000001 04000000 ff0200000000000000000001ff000001, +3333ff000001",
        "8f000000 00000001 03000000 ff0200000000000000000001ff000001, -3333ff000001",
        "8f000000 00000001 04000000 ff020000, ''",
        "83000000 00000000 ff02, none",
        "82000000 00000000 00000000000000000000000000000000, none",
    })
    void readsReportsOfIpv6(String mld, String expected) {
        int length = 8 + mld.replace(" ", "").length() / 2;
        assertThat(said(IPV6.formatted("%04x".formatted(length)) + mld)).isEqualTo(expected);
    }

    @Test
    void asksInTheFormThatStationsCheck() throws FrameFormatException {
        MacAddress from = MacAddress.parse("02:53:50:47:52:44");
        Ipv4Packet igmp = Ipv4Packet.parse(GroupMessages.igmpQuery(from, 0x0a4d00fe));
        assertThat(Checksums.of(igmp.bytes(), igmp.offset(), igmp.headerLength())).isZero();
        assertThat(Checksums.of(igmp.bytes(), igmp.payloadOffset(), 12)).isZero();
        assertThat(igmp.bytes()[igmp.offset() + 8]).as("TTL").isOne();
        EthernetFrame mld = GroupMessages.mldQuery(from);
        int at = mld.payloadOffset();
        long sum = Checksums.sum(mld.bytes(), at + 8, 32) + 28 + 58;
        assertThat(Checksums.fold(sum + Checksums.sum(mld.bytes(), at + 48, 28))).isZero();
        assertThat(GroupMessages.changes(mld)).isEmpty();
    }

    @Test
    void readsAnyBytes() {
        Property.holds(
                20_000,
                random -> {
                    byte[] bytes = new byte[14 + random.nextInt(90)];
                    random.nextBytes(bytes);
                    boolean four = random.nextBoolean();
                    Bytes.put16(bytes, 12, four ? EthernetFrame.IPV4 : EthernetFrame.IPV6);
                    if (four && bytes.length >= 34) {
                        Bytes.put16(bytes, 14, 0x4500);
                        Bytes.put16(bytes, 16, bytes.length - 14);
                        Bytes.put16(bytes, 20, 0);
                        bytes[23] = 2;
                        if (bytes.length > 34) {
                            bytes[34] = 0x22;
                        }
                    } else if (!four && bytes.length > 62) {
                        Bytes.put16(bytes, 18, bytes.length - 54);
                        bytes[20] = (byte) (random.nextBoolean() ? 58 : 0);
                        bytes[54] = (byte) (random.nextBoolean() ? 58 : 143);
                        bytes[55] = 0;
                    }
                    try {
                        GroupMessages.changes(EthernetFrame.parse(bytes))
                                .ifPresent(changes ->
                                        assertThat(changes)
                                                .hasSizeLessThan(12)
                                                .allMatch(change ->
                                                        new MacAddress(change.group()).isGroup()));
                    } catch (FrameFormatException malformed) {
                        assertThat(Optional.ofNullable(malformed.getMessage())).isPresent();
                    }
                });
    }
}
