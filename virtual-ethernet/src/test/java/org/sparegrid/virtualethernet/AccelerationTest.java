// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AccelerationTest {
    @Test
    void forbidsWhatIsNamedAndNothingElse() {
        assertThat(Acceleration.without("")).isEqualTo(Acceleration.ALL);
        assertThat(Acceleration.without("all")).isEqualTo(Acceleration.NONE);
        assertThat(Acceleration.without("libcrypto, tap-offloads"))
                .isEqualTo(new Acceleration(true, false, false, true));
        assertThat(Acceleration.without("udp-offloads,fast-frames"))
                .isEqualTo(new Acceleration(false, true, true, false));
    }

    @Test
    void namesTheWordsItKnows() {
        assertThatThrownBy(() -> Acceleration.without("libssl"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "SPAREGRID_OVERLAY_WITHOUT: expected all, udp-offloads, tap-offloads,"
                                + " libcrypto, fast-frames, got libssl");
    }
}
