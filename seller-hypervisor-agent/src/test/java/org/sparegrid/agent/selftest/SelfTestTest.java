// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.market.Acceleration;

/// What the guest's answers mean; `bin/bench seller` and every start of an agent boot it.
class SelfTestTest {
    private static final InstantSource NOON =
            InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));

    @Test
    void makesADiscThatABiosBoots() throws IOException {
        ByteBuffer disc = ByteBuffer.wrap(TestDisc.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        int catalog = disc.getInt(17 * 2048 + 71) * 2048;
        int sum = 0;
        for (int i = 0; i < 32; i += 2) {
            sum += disc.getShort(catalog + i);
        }
        assertThat(sum & 0xFFFF).isZero();
        int program = disc.getInt(catalog + 40) * 2048;
        assertThat(disc.getShort(catalog + 38) * 512).isBetween(3000, disc.capacity() - program);
        assertThat(disc.get(program)).as("cli").isEqualTo((byte) 0xFA);
    }

    @ParameterizedTest
    @CsvSource({
        "KVM, GenuineIntel KVMKVMKVM, true",
        "KVM, GenuineIntel TCGTCGTCGTCG, false",
        "KVM, GenuineIntel none, false",
        "EMULATION, AuthenticAMD TCGTCGTCGTCG, true",
        "EMULATION, AuthenticAMD KVMKVMKVM, false",
    })
    void believesTheProcessorOnly(Acceleration promised, String answer, boolean passes)
            throws IOException {
        if (passes) {
            assertThat(SelfTest.processor(answer, promised)).isNotEmpty();
        } else {
            assertThatThrownBy(() -> SelfTest.processor(answer, promised))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected to run under");
        }
    }

    @Test
    void readsTheClock() throws IOException {
        assertThat(SelfTest.clock("2026-11-21T12:00:03", NOON)).startsWith("within");
        assertThatThrownBy(() -> SelfTest.clock("2026-11-21T13:00:00", NOON))
                .hasMessage("it is 3600 s off this computer's");
        assertThatThrownBy(() -> SelfTest.clock("2026-00-21T13:00:00", NOON))
                .hasMessageContaining("the guest reads");
    }

    @ParameterizedTest
    @CsvSource({
        "none, the guest wrote and read it",
        "bad data, the guest wrote and read it",
        "ok 8388608, 'expected 16 MiB, the guest has 8'",
    })
    void wantsTheWholeAmount(String answer, String why) {
        assertThatThrownBy(() -> SelfTest.amount(answer, 16)).hasMessageContaining(why);
    }

    @Test
    void tellsTheTwoWaysOfTheNetworkApart() throws IOException {
        assertThat(SelfTest.network("ok", 60)).contains("each way");
        assertThatThrownBy(() -> SelfTest.network("silent", 0)).hasMessageContaining("no frame");
        assertThatThrownBy(() -> SelfTest.network("silent", 60)).hasMessageContaining("no answer");
        assertThatThrownBy(() -> SelfTest.network("none", 0)).hasMessageContaining("no card");
    }
}
