// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;

class CheckpointsTest {
    private static final String KEY = "A".repeat(43) + "=";

    @ParameterizedTest
    @CsvSource({
        "29, AAAA, 'expected every 30 to 86400 seconds'",
        "86401, AAAA, 'expected every 30 to 86400 seconds'",
        "-1, AAAA, 'expected every 30 to 86400 seconds'",
        "600, AAAA, 'expected a key of 32 bytes'",
        "600, '', 'expected a key of 32 bytes'",
        "600, '?', 'expected a key of 32 bytes'",
        "0, AAAA, 'expected a key of 32 bytes'",
    })
    void refusesAndSaysWhy(long everySeconds, String key, String why) {
        assertThatThrownBy(() -> new Checkpoints(everySeconds, key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @Test
    void printsNoKey() {
        Checkpoints wanted = new Checkpoints(600, KEY);
        assertThat(wanted.areWanted()).isTrue();
        assertThat(wanted.toString()).contains("600").doesNotContain(KEY);
        assertThat(Checkpoints.NONE.areWanted()).isFalse();
    }

    @Test
    void doesNotGoTogetherWithTrust() throws QueryException {
        Checkpoints wanted = new Checkpoints(600, KEY);
        Query trusted = Query.parse("attestation>=1");
        assertThat(order(Query.parse("kvm"), wanted).checkpoints()).isEqualTo(wanted);
        assertThat(order(trusted, Checkpoints.NONE).trust()).isEqualTo(1);
        assertThatThrownBy(() -> order(trusted, wanted))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("asks for trust");
    }

    private static OrderSpec order(Query where, Checkpoints checkpoints) {
        return new OrderSpec(
                "job",
                new ImageId("0".repeat(64)),
                1,
                new MachineSize(1, 512, 0),
                Credits.ZERO,
                3600,
                false,
                List.of(),
                Placement.ANY,
                where,
                checkpoints,
                VolumeUse.NONE,
                0);
    }
}
