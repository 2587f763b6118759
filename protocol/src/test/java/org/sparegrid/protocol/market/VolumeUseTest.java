// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;

class VolumeUseTest {
    private static final String VOLUME = "vol-abcdefghijkl";
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);
    private static final VolumeUse USE = new VolumeUse(VOLUME, KEY);

    private static OrderSpec order(int machines, Placement placement, Checkpoints checkpoints) {
        return new OrderSpec(
                "job",
                new ImageId("0".repeat(64)),
                machines,
                new MachineSize(1, 512, 0),
                Credits.ZERO,
                3600,
                true,
                List.of(),
                placement,
                Query.ANY,
                checkpoints,
                USE,
                0);
    }

    @Test
    void neverShowsItsKey() {
        assertThat(USE.toString()).contains(VOLUME).doesNotContain(KEY);
        assertThat(order(1, Placement.ANY, Checkpoints.NONE).toString()).doesNotContain(KEY);
        assertThat(order(1, Placement.ANY, Checkpoints.NONE).withoutVolumeKey().volume())
                .isEqualTo(new VolumeUse(VOLUME, ""));
    }

    @ParameterizedTest
    @CsvSource({"vol-x, ''", "'', AAAA", "vol-abcdefghijkl, AAAA", "vol-abcdefghijkl, '*'"})
    void refusesWhatIsNoVolumeOrNoKey(String volume, String key) {
        assertThatThrownBy(() -> new VolumeUse(volume, key))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void goesWithOneMachineThatIsNotWaitedForAndHasNoCheckpoints() {
        assertThatThrownBy(() -> order(2, Placement.ANY, Checkpoints.NONE))
                .hasMessageContaining("volume: expected an order of one machine");
        assertThatThrownBy(() ->
                        order(
                                1,
                                new Placement(0, 0, 0, false, false, false, 0, 60, 0),
                                Checkpoints.NONE))
                .hasMessageContaining("volume: expected no waiting");
        assertThatThrownBy(() ->
                        order(
                                1,
                                new Placement(0, 0, 0, false, false, false, 0, 0, 0.9),
                                Checkpoints.NONE))
                .hasMessageContaining("volume: expected an order of one machine");
        assertThatThrownBy(() -> order(1, Placement.ANY, new Checkpoints(60, KEY)))
                .hasMessageContaining("volume: expected no checkpoints");
    }
}
