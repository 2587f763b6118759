// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class ByteReaderTest {
    private static ByteReader big(String hex) {
        return ByteReader.bigEndian("thing", HexFormat.of().parseHex(hex));
    }

    @Test
    void readsBothByteOrders() throws EvidenceFormatException {
        byte[] bytes = HexFormat.of().parseHex("010203fffffff0ffffffffffffffff");
        ByteReader big = ByteReader.bigEndian("thing", bytes);
        assertThat(big.u8()).isEqualTo(1);
        assertThat(big.u16()).isEqualTo(0x0203);
        assertThat(big.u32()).isEqualTo(0xfffffff0L);
        assertThat(big.u64()).isEqualTo(-1);
        big.end();
        ByteReader little = ByteReader.littleEndian("thing", bytes);
        little.skip(1);
        assertThat(little.u16()).isEqualTo(0x0302);
        assertThat(little.u32()).isEqualTo(0xf0ffffffL);
    }

    @Test
    void saysWhatIsMissingAndWhere() {
        assertThatThrownBy(() -> big("0102").u32())
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessage("thing: expected 4 bytes at offset 0, got only 2");
        assertThatThrownBy(() -> big("0003ffff").sized16(8))
                .hasMessage("thing: expected 3 bytes at offset 2, got only 2");
        assertThatThrownBy(() -> big("0009").sized16(8))
                .hasMessage("thing: expected at most 8 bytes at offset 0, got 0x9");
        assertThatThrownBy(() -> big("ffffffff").sized32(1000))
                .hasMessage("thing: expected at most 1000 bytes at offset 0, got 0xffffffff");
        assertThatThrownBy(() -> big("000001").zeros(3))
                .hasMessage("thing: expected a reserved byte of 0 at offset 2, got 0x1");
        assertThatThrownBy(() -> big("00").end())
                .hasMessage("thing: expected the end at offset 0, got 1 more bytes");
        assertThatThrownBy(() -> big("00").bytes(-1)).isInstanceOf(EvidenceFormatException.class);
    }

    @Test
    void carriesNoStackTrace() {
        assertThat(new EvidenceFormatException("thing: no").getStackTrace()).isEmpty();
    }

    @Test
    void readsWhatTheWriterWrote() {
        Property.holds(
                1_000,
                random -> {
                    byte[] sized = new byte[random.nextInt(40)];
                    random.nextBytes(sized);
                    int small = random.nextInt(0x10000);
                    long large = random.nextLong();
                    byte[] written =
                            new ByteWriter()
                                    .u8(small & 0xff)
                                    .u16(small)
                                    .u32(large & 0xffffffffL)
                                    .u64(large)
                                    .sized16(sized)
                                    .sized32(sized)
                                    .toBytes();
                    ByteReader in = ByteReader.bigEndian("thing", written);
                    assertThat(in.u8()).isEqualTo(small & 0xff);
                    assertThat(in.u16()).isEqualTo(small);
                    assertThat(in.u32()).isEqualTo(large & 0xffffffffL);
                    assertThat(in.u64()).isEqualTo(large);
                    assertThat(in.sized16(40)).isEqualTo(sized);
                    assertThat(in.sized32(40)).isEqualTo(sized);
                    in.end();
                });
    }
}
